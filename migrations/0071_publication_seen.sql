-- migrate:up

-- Whether products are published, and changed since, is asked of all of them at once: the index
-- answers it by itself, since rows of publications hold whole documents.
DROP INDEX publication_current;
CREATE UNIQUE INDEX publication_current ON publication (product, channel)
    INCLUDE (published_at, visible_until) WHERE ended_at IS NULL;

-- migrate:down
DROP INDEX publication_current;
CREATE UNIQUE INDEX publication_current ON publication (product, channel) WHERE ended_at IS NULL;
