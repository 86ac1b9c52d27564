-- migrate:up

CREATE TABLE locale (
    code text PRIMARY KEY CHECK (code ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'),
    name text NOT NULL,
    fallback text REFERENCES locale CHECK (fallback <> code)
);

CREATE TABLE market (
    code text PRIMARY KEY CHECK (code ~ '^[A-Z0-9]{2,12}$'),
    name text NOT NULL,
    countries text[] NOT NULL CHECK (cardinality(countries) > 0),
    default_locale text NOT NULL REFERENCES locale,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    unit_system text NOT NULL DEFAULT 'metric' CHECK (unit_system IN ('metric', 'imperial')),
    parent text REFERENCES market CHECK (parent <> code)
);

CREATE TABLE channel (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('storefront', 'marketplace', 'print')),
    public boolean NOT NULL DEFAULT false,
    country_rule text NOT NULL CHECK (country_rule IN ('viewer', 'declared')),
    territory text[] NOT NULL DEFAULT '{}',
    usages text[] NOT NULL CHECK (cardinality(usages) > 0),
    default_usage text NOT NULL,
    token_window_s integer NOT NULL CHECK (token_window_s BETWEEN 60 AND 34560000),
    token_min_life_s integer NOT NULL CHECK (token_min_life_s BETWEEN 60 AND 34560000),
    category_tree text,
    locales text[] NOT NULL CHECK (cardinality(locales) > 0),
    -- a crawler may fetch from anywhere: what it may show is declared, never public
    CHECK (NOT public OR country_rule = 'viewer'),
    CHECK ((country_rule = 'declared') = (cardinality(territory) > 0)),
    CHECK (default_usage = ANY (usages))
);

-- migrate:down
DROP TABLE channel, market, locale;
