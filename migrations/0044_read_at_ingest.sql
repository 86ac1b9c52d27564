-- migrate:up

-- What ingest reads of a file once: its own copyright notice (empty: it has none; null: nobody has
-- looked yet), and the tiny picture that stands for it while it loads, as a data URI.
ALTER TABLE asset_version ADD COLUMN notice text, ADD COLUMN placeholder text;
-- What is there already is its main colour until it is looked at again: a GIF of one pixel.
UPDATE asset_version SET placeholder = 'data:image/gif;base64,' || encode(decode(
    '47494638396101000100800000' || substr(dominant_rgb, 2)
    || '0000002c00000000010001000002024401003b', 'hex'), 'base64')
WHERE dominant_rgb IS NOT NULL;

-- Media truth as it is now: what the graph shows and the gateway decides by, one row an asset.
-- `grants` and `restrictions` are those of the asset, its collections and its licences:
--   [{include, exclude, countries, but, channels, usages, from, until, licence}], instants as text,
--   `countries` and `but` with territory sets resolved, `licence` a public id or null.
-- `rests_on` names what else the row was read from, as the subjects of the event log.
CREATE OR REPLACE VIEW live_asset AS
SELECT a.id, a.public_id, a.code, a.kind, a.slug, a.focal_x, a.focal_y, a.revision,
       e.epoch, v.n AS version, v.sha256, v.bytes, v.width_px, v.height_px, v.mime, v.has_alpha,
       v.storage_key, v.master_key, v.thumbhash, v.dominant_rgb,
       s.status, s.legal_demand, s.authority_url,
       record.credit, record.licensor, record.licensor_url, record.web_statement,
       g.grants, r.restrictions,
       'asset:' || a.public_id || membership.subjects || g.sets || r.sets AS rests_on,
       v.notice, v.placeholder
FROM asset AS a
JOIN asset_epoch AS e ON e.asset = a.id
JOIN asset_state AS s ON s.asset = a.id AND s.ended_at IS NULL
LEFT JOIN asset_version AS v ON v.asset = a.id AND v.n = a.current_version
CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT licence FROM asset_licence
                 WHERE asset = a.id AND ended_at IS NULL) AS licences,
           ARRAY(SELECT collection FROM collection_asset
                 WHERE asset = a.id AND ended_at IS NULL) AS collections
) AS member
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT 'licence:' || public_id FROM licence WHERE id = ANY (member.licences)
            OR id IN (SELECT document FROM rights_grant
                      WHERE asset = a.id AND ended_at IS NULL)
        UNION ALL
        SELECT 'collection:' || code FROM collection WHERE id = ANY (member.collections)
    ) AS subjects
) AS membership
LEFT JOIN LATERAL (
    -- an asset may have many licences; the first by code gives the record that is written into it
    SELECT credit, licensor, licensor_url, web_statement FROM licence
    WHERE id = ANY (member.licences)
       OR id IN (SELECT document FROM rights_grant WHERE asset = a.id AND ended_at IS NULL)
    ORDER BY code LIMIT 1
) AS record ON true
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'include', include, 'exclude', exclude,
               'countries', territory_countries(include), 'but', territory_countries(exclude),
               'channels', channels, 'usages', usages,
               'from', valid_from, 'until', valid_until,
               'licence', (SELECT public_id FROM licence WHERE id = coalesce(g.licence, g.document))
           ) ORDER BY valid_from, id), '[]') AS grants,
           ARRAY(SELECT 'set:' || s.code FROM territory_set AS s WHERE EXISTS (
               SELECT FROM rights_grant AS g
               WHERE g.ended_at IS NULL AND s.code = ANY (g.include || g.exclude)
                   AND (g.asset = a.id OR g.collection = ANY (member.collections)
                        OR g.licence = ANY (member.licences)))) AS sets
    FROM rights_grant AS g
    WHERE g.ended_at IS NULL
      AND (g.asset = a.id OR g.collection = ANY (member.collections)
           OR g.licence = ANY (member.licences))
) AS g
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'include', include, 'exclude', exclude,
               'countries', territory_countries(include), 'but', territory_countries(exclude),
               'channels', channels, 'usages', usages,
               'from', valid_from, 'until', valid_until, 'note', note
           ) ORDER BY valid_from, id), '[]') AS restrictions,
           ARRAY(SELECT 'set:' || s.code FROM territory_set AS s WHERE EXISTS (
               SELECT FROM rights_restriction AS r
               WHERE r.ended_at IS NULL AND s.code = ANY (r.include || r.exclude)
                   AND (r.asset = a.id OR r.collection = ANY (member.collections)
                        OR r.licence = ANY (member.licences)))) AS sets
    FROM rights_restriction AS r
    WHERE r.ended_at IS NULL
      AND (r.asset = a.id OR r.collection = ANY (member.collections)
           OR r.licence = ANY (member.licences))
) AS r;

-- migrate:down
DROP VIEW live_asset;
ALTER TABLE asset_version DROP COLUMN notice, DROP COLUMN placeholder;
CREATE VIEW live_asset AS
SELECT a.id, a.public_id, a.code, a.kind, a.slug, a.focal_x, a.focal_y, a.revision,
       e.epoch, v.n AS version, v.sha256, v.bytes, v.width_px, v.height_px, v.mime, v.has_alpha,
       v.storage_key, v.master_key, v.thumbhash, v.dominant_rgb,
       s.status, s.legal_demand, s.authority_url,
       record.credit, record.licensor, record.licensor_url, record.web_statement,
       g.grants, r.restrictions,
       'asset:' || a.public_id || membership.subjects || g.sets || r.sets AS rests_on
FROM asset AS a
JOIN asset_epoch AS e ON e.asset = a.id
JOIN asset_state AS s ON s.asset = a.id AND s.ended_at IS NULL
LEFT JOIN asset_version AS v ON v.asset = a.id AND v.n = a.current_version
CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT licence FROM asset_licence
                 WHERE asset = a.id AND ended_at IS NULL) AS licences,
           ARRAY(SELECT collection FROM collection_asset
                 WHERE asset = a.id AND ended_at IS NULL) AS collections
) AS member
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT 'licence:' || public_id FROM licence WHERE id = ANY (member.licences)
            OR id IN (SELECT document FROM rights_grant
                      WHERE asset = a.id AND ended_at IS NULL)
        UNION ALL
        SELECT 'collection:' || code FROM collection WHERE id = ANY (member.collections)
    ) AS subjects
) AS membership
LEFT JOIN LATERAL (
    -- an asset may have many licences; the first by code gives the record that is written into it
    SELECT credit, licensor, licensor_url, web_statement FROM licence
    WHERE id = ANY (member.licences)
       OR id IN (SELECT document FROM rights_grant WHERE asset = a.id AND ended_at IS NULL)
    ORDER BY code LIMIT 1
) AS record ON true
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'include', include, 'exclude', exclude,
               'countries', territory_countries(include), 'but', territory_countries(exclude),
               'channels', channels, 'usages', usages,
               'from', valid_from, 'until', valid_until,
               'licence', (SELECT public_id FROM licence WHERE id = coalesce(g.licence, g.document))
           ) ORDER BY valid_from, id), '[]') AS grants,
           ARRAY(SELECT 'set:' || s.code FROM territory_set AS s WHERE EXISTS (
               SELECT FROM rights_grant AS g
               WHERE g.ended_at IS NULL AND s.code = ANY (g.include || g.exclude)
                   AND (g.asset = a.id OR g.collection = ANY (member.collections)
                        OR g.licence = ANY (member.licences)))) AS sets
    FROM rights_grant AS g
    WHERE g.ended_at IS NULL
      AND (g.asset = a.id OR g.collection = ANY (member.collections)
           OR g.licence = ANY (member.licences))
) AS g
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'include', include, 'exclude', exclude,
               'countries', territory_countries(include), 'but', territory_countries(exclude),
               'channels', channels, 'usages', usages,
               'from', valid_from, 'until', valid_until, 'note', note
           ) ORDER BY valid_from, id), '[]') AS restrictions,
           ARRAY(SELECT 'set:' || s.code FROM territory_set AS s WHERE EXISTS (
               SELECT FROM rights_restriction AS r
               WHERE r.ended_at IS NULL AND s.code = ANY (r.include || r.exclude)
                   AND (r.asset = a.id OR r.collection = ANY (member.collections)
                        OR r.licence = ANY (member.licences)))) AS sets
    FROM rights_restriction AS r
    WHERE r.ended_at IS NULL
      AND (r.asset = a.id OR r.collection = ANY (member.collections)
           OR r.licence = ANY (member.licences))
) AS r;
GRANT SELECT ON live_asset TO vitrine_gateway;
