-- migrate:up

-- What has to be the same on every process of this database, as one of them first stated it, or as
-- an operator stated it anew. Secrets are in the fingerprint alone, which is keyed by the master key;
-- it is null where whoever stated it has none. `former_…` is what held before, which a process that
-- is not restarted yet may go on with for a while.
CREATE TABLE shared_setting (
    name text PRIMARY KEY,
    shown text NOT NULL,
    fingerprint bytea,
    former_shown text,
    former_fingerprint bytea,
    stated_by text NOT NULL,
    stated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT ON shared_setting TO vitrine_gateway;

-- The drivers that purges are queued for, whoever makes the change. No purger may have held one yet.
ALTER TABLE purge_driver
    ADD COLUMN is_in_use boolean NOT NULL DEFAULT false,
    ADD COLUMN holds_answers boolean NOT NULL DEFAULT false,
    ALTER COLUMN circuit DROP NOT NULL,
    ALTER COLUMN since DROP NOT NULL,
    ALTER COLUMN failures SET DEFAULT 0;
-- Those that were purged so far go on being purged until a process states which there are.
UPDATE purge_driver SET is_in_use = true, holds_answers = true;

-- migrate:down
DELETE FROM purge_driver WHERE circuit IS NULL;
ALTER TABLE purge_driver
    ALTER COLUMN failures DROP DEFAULT,
    ALTER COLUMN since SET NOT NULL,
    ALTER COLUMN circuit SET NOT NULL,
    DROP COLUMN holds_answers,
    DROP COLUMN is_in_use;
DROP TABLE shared_setting;
