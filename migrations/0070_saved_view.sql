-- migrate:up

-- A list of the console as somebody likes to see it: its filters and its columns, under a name.
CREATE TABLE saved_view (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    revision bigint NOT NULL DEFAULT 1,
    owner uuid NOT NULL REFERENCES principal,
    page text NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    filters text NOT NULL,          -- a query string, as the page's address has it
    columns text[] NOT NULL,        -- none: those that the page shows by itself
    is_shared boolean NOT NULL,
    UNIQUE (owner, page, name)
);
CREATE INDEX saved_view_shared ON saved_view (page) WHERE is_shared;
-- The one that a page opens with, for somebody.
CREATE TABLE default_view (
    principal uuid NOT NULL REFERENCES principal,
    page text NOT NULL,
    view bigint NOT NULL REFERENCES saved_view ON DELETE CASCADE,
    PRIMARY KEY (principal, page)
);
CREATE INDEX default_view_view ON default_view (view);

-- migrate:down
DROP TABLE default_view, saved_view;
