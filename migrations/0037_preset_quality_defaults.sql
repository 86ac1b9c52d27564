-- migrate:up

-- Which defaults hold in the formats that a version states no quality of: what is there now, and
-- whatever an older process adds, keeps those that it was made with.
ALTER TABLE preset ADD COLUMN quality_defaults integer NOT NULL DEFAULT 1
    CHECK (quality_defaults > 0);

-- migrate:down
ALTER TABLE preset DROP COLUMN quality_defaults;
