-- migrate:up

-- The frozen document of one product for one channel. A row is never changed but to end it.
CREATE TABLE publication (
    product uuid NOT NULL REFERENCES product,
    channel text NOT NULL REFERENCES channel,
    version integer NOT NULL CHECK (version > 0),
    sku text NOT NULL,
    public_id text NOT NULL,
    kind text NOT NULL,
    ancestors uuid[] NOT NULL DEFAULT '{}',    -- its models, nearest first
    document jsonb NOT NULL,
    checksum text NOT NULL,
    visible_from timestamptz NOT NULL,
    visible_until timestamptz CHECK (visible_until > visible_from),
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= published_at),
    CHECK (isfinite(visible_from) AND isfinite(visible_until)),
    PRIMARY KEY (product, channel, version)
);
CREATE UNIQUE INDEX publication_current ON publication (product, channel) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX publication_sku ON publication (channel, sku) WHERE ended_at IS NULL;
CREATE INDEX publication_public_id ON publication (public_id, channel) WHERE ended_at IS NULL;
CREATE INDEX publication_ancestors ON publication USING gin (ancestors) WHERE ended_at IS NULL;
CREATE INDEX publication_from ON publication (visible_from) WHERE ended_at IS NULL;
CREATE INDEX publication_until ON publication (visible_until) WHERE ended_at IS NULL;

-- What lists filter and sort by: one row a product, channel, locale and set of markets.
CREATE TABLE search_document (
    product uuid NOT NULL REFERENCES product,
    channel text NOT NULL REFERENCES channel,
    locale text NOT NULL REFERENCES locale,
    markets text[],                            -- NULL: the same in every market
    version integer NOT NULL,
    kind text NOT NULL,
    family text NOT NULL,
    categories text[] NOT NULL DEFAULT '{}',   -- with every ancestor
    facets text[] NOT NULL DEFAULT '{}',       -- 'colour=red'; numbers as 'weight=1.5'
    sort_name text NOT NULL,
    sku text NOT NULL,
    visible_from timestamptz NOT NULL,
    visible_until timestamptz,
    published_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (product, channel, locale, markets)
);
CREATE INDEX search_document_name ON search_document (channel, locale, sort_name, product);
CREATE INDEX search_document_sku ON search_document (channel, locale, sku, product);
CREATE INDEX search_document_published ON search_document (channel, locale, published_at, product);
CREATE INDEX search_document_categories ON search_document USING gin (categories);
CREATE INDEX search_document_facets ON search_document USING gin (facets);

-- migrate:down
DROP TABLE search_document, publication;
