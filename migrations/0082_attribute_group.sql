-- migrate:up

-- How people call the groups that attributes name, and in which order pages show them. Attributes
-- name groups by a word, be there a row of it or not.
CREATE TABLE attribute_group (
    code text PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 100),
    label jsonb NOT NULL DEFAULT '{}',          -- {locale: text}
    position integer NOT NULL DEFAULT 0
);

-- migrate:down
DROP TABLE attribute_group;
