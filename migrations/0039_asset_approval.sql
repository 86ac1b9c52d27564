-- migrate:up

-- What a person approved stays approved, whatever imports say, until a record revokes it by name.
CREATE TABLE asset_approval (
    asset uuid NOT NULL REFERENCES asset,
    actor text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_by text,
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX asset_approval_current ON asset_approval (asset) WHERE ended_at IS NULL;
-- Only a person's decisions have a reason in their event, be it null; the last that made an approved
-- asset of a draft counts, unless it is a draft again.
WITH turned AS (
    SELECT asset, status, recorded_at,
           lag(status) OVER (PARTITION BY asset ORDER BY recorded_at, id) AS before
    FROM asset_state
), newest AS (
    SELECT DISTINCT ON (asset) asset, status, recorded_at FROM turned
    WHERE status = 'draft' OR (status = 'approved' AND before = 'draft')
    ORDER BY asset, recorded_at DESC
)
INSERT INTO asset_approval (asset, actor, recorded_at)
SELECT newest.asset, cause.actor, newest.recorded_at
FROM newest JOIN asset AS a ON a.id = newest.asset
CROSS JOIN LATERAL (
    SELECT actor, data FROM event
    WHERE subject = 'asset/' || a.public_id AND time >= newest.recorded_at ORDER BY seq LIMIT 1
) AS cause
WHERE newest.status = 'approved' AND cause.data ? 'reason';

-- migrate:down
DROP TABLE asset_approval;
