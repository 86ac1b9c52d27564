-- migrate:up

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- SHA-256 of a text whose attribute says `unique`: no two products may have the same. Looked at
-- once a statement is through, so that one product may give up what another takes.
ALTER TABLE product_value ADD COLUMN unique_text bytea;
ALTER TABLE product_value ADD CONSTRAINT product_value_unique_text
    EXCLUDE USING gist (attribute WITH =, unique_text WITH =, owner WITH <>)
    WHERE (unique_text IS NOT NULL) DEFERRABLE INITIALLY IMMEDIATE;

-- No SQL can sanitise what is stored of rich text: `vitrine migrate` does, and takes the mark away.
ALTER TABLE attribute ADD COLUMN to_sanitise boolean NOT NULL DEFAULT false;
UPDATE attribute SET to_sanitise = true WHERE type = 'rich_text';

-- migrate:down
ALTER TABLE attribute DROP COLUMN to_sanitise;
ALTER TABLE product_value DROP COLUMN unique_text;
DROP EXTENSION btree_gist;
