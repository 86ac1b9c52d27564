-- migrate:up

-- What came of each type of record, as `products.created`.
ALTER TABLE work ADD COLUMN counts jsonb NOT NULL DEFAULT '{}';
-- Whoever brought a file finds it again.
CREATE INDEX upload_created_by ON upload (created_by, created_at DESC);

-- migrate:down
DROP INDEX upload_created_by;
ALTER TABLE work DROP COLUMN counts;
