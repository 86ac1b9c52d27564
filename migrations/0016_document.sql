-- migrate:up

-- GraphQL documents that are trusted: those without an API key may be held to them.
CREATE TABLE document (
    hash text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
    text text NOT NULL,
    name text,
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- migrate:down
DROP TABLE document;
