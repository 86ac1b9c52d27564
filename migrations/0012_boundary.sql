-- migrate:up

-- Every instant at which a right or a publication that was recorded before begins or ends. One
-- that lay in the past when it was recorded is no boundary: the change itself was the news.
CREATE VIEW boundary AS
SELECT valid_from AS at, id::text COLLATE "C" AS key, 'start'::text AS edge, 'grant'::text AS kind,
       asset, collection, licence, NULL::uuid AS product, NULL::text AS channel, NULL::uuid[] AS ancestors
FROM rights_grant WHERE ended_at IS NULL AND valid_from > recorded_at
UNION ALL
SELECT valid_until AS at, id::text COLLATE "C" AS key, 'end'::text AS edge, 'grant'::text AS kind,
       asset, collection, licence, NULL::uuid AS product, NULL::text AS channel, NULL::uuid[] AS ancestors
FROM rights_grant WHERE ended_at IS NULL AND valid_until > recorded_at
UNION ALL
SELECT valid_from AS at, id::text COLLATE "C" AS key, 'start'::text AS edge, 'restriction'::text AS kind,
       asset, collection, licence, NULL::uuid AS product, NULL::text AS channel, NULL::uuid[] AS ancestors
FROM rights_restriction WHERE ended_at IS NULL AND valid_from > recorded_at
UNION ALL
SELECT valid_until AS at, id::text COLLATE "C" AS key, 'end'::text AS edge, 'restriction'::text AS kind,
       asset, collection, licence, NULL::uuid AS product, NULL::text AS channel, NULL::uuid[] AS ancestors
FROM rights_restriction WHERE ended_at IS NULL AND valid_until > recorded_at
UNION ALL
SELECT visible_from, (product || ':' || channel || ':' || version) COLLATE "C", 'start'::text, 'publication'::text,
       NULL::uuid, NULL::uuid, NULL::uuid, product, channel, ancestors
FROM publication WHERE ended_at IS NULL AND visible_from > published_at
UNION ALL
SELECT visible_until, (product || ':' || channel || ':' || version) COLLATE "C", 'end'::text, 'publication'::text,
       NULL::uuid, NULL::uuid, NULL::uuid, product, channel, ancestors
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
