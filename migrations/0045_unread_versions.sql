-- migrate:up

-- The files that nobody has looked at since ingest reads a notice: few, and soon none.
CREATE INDEX asset_version_unread ON asset_version (sha256) WHERE notice IS NULL;

-- migrate:down
DROP INDEX asset_version_unread;
