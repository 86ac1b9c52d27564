-- migrate:up

-- Every instant at which a right or a publication that was recorded before begins or ends. One
-- that lay in the past when it was recorded is no boundary: the change itself was the news.
CREATE VIEW boundary AS
SELECT valid_from AS at, id::text AS key, 'start' AS edge, 'grant' AS kind,
       asset, collection, licence, NULL::uuid AS product, NULL AS channel, NULL::uuid[] AS ancestors
FROM rights_grant WHERE ended_at IS NULL AND valid_from > recorded_at
UNION ALL
SELECT valid_until, id::text, 'end', 'grant', asset, collection, licence, NULL, NULL, NULL
FROM rights_grant WHERE ended_at IS NULL AND valid_until > recorded_at
UNION ALL
SELECT valid_from, id::text, 'start', 'restriction', asset, collection, licence, NULL, NULL, NULL
FROM rights_restriction WHERE ended_at IS NULL AND valid_from > recorded_at
UNION ALL
SELECT valid_until, id::text, 'end', 'restriction', asset, collection, licence, NULL, NULL, NULL
FROM rights_restriction WHERE ended_at IS NULL AND valid_until > recorded_at
UNION ALL
SELECT visible_from, product || ':' || channel || ':' || version, 'start', 'publication',
       NULL, NULL, NULL, product, channel, ancestors
FROM publication WHERE ended_at IS NULL AND visible_from > published_at
UNION ALL
SELECT visible_until, product || ':' || channel || ':' || version, 'end', 'publication',
       NULL, NULL, NULL, product, channel, ancestors
FROM publication WHERE ended_at IS NULL AND visible_until > published_at;

-- How far the purger has announced them: all before `reached`, and of that instant those up to
-- `key`. One row, locked while it moves.
CREATE TABLE boundary_cursor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    reached timestamptz NOT NULL,
    key text COLLATE "C" NOT NULL DEFAULT ''
);
INSERT INTO boundary_cursor (reached) VALUES (clock_timestamp());

-- migrate:down
DROP TABLE boundary_cursor;
DROP VIEW boundary;
