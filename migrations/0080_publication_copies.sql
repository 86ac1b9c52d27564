-- migrate:up

-- Whether a product changed since it was published is answered by this index alone; a copy of an
-- older version counts as changed, since its draft may be another.
DROP INDEX publication_current;
CREATE UNIQUE INDEX publication_current ON publication (product, channel)
    INCLUDE (published_at, visible_until, copy_of) WHERE ended_at IS NULL;

-- migrate:down
DROP INDEX publication_current;
CREATE UNIQUE INDEX publication_current ON publication (product, channel)
    INCLUDE (published_at, visible_until) WHERE ended_at IS NULL;
