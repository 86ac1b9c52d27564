-- migrate:up

CREATE EXTENSION IF NOT EXISTS ltree;

CREATE TABLE attribute (
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]*$'),
    type text NOT NULL CHECK (type IN (
        'text', 'rich_text', 'number', 'boolean', 'date', 'select', 'multiselect',
        'measurement', 'price', 'term')),
    label jsonb NOT NULL DEFAULT '{}',          -- {locale: text}
    localizable boolean NOT NULL DEFAULT false,
    scopable boolean NOT NULL DEFAULT false,
    market_scoped boolean NOT NULL DEFAULT false,
    unit text,
    validation jsonb NOT NULL DEFAULT '{}',
    attribute_group text,
    position integer NOT NULL DEFAULT 0
);
CREATE TABLE attribute_option (
    attribute text NOT NULL REFERENCES attribute,
    code text NOT NULL CHECK (code ~ '^[a-z0-9]+([-_.][a-z0-9]+)*$'),
    label jsonb NOT NULL DEFAULT '{}',
    position integer NOT NULL DEFAULT 0,
    PRIMARY KEY (attribute, code)
);

CREATE TABLE family (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9]+([-_][a-z0-9]+)*$'),
    label jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE family_attribute (
    family text NOT NULL REFERENCES family,
    attribute text NOT NULL REFERENCES attribute,
    position integer NOT NULL DEFAULT 0,
    PRIMARY KEY (family, attribute)
);
CREATE TABLE attribute_requirement (
    family text NOT NULL,
    attribute text NOT NULL,
    channel text NOT NULL REFERENCES channel,
    PRIMARY KEY (family, attribute, channel),
    FOREIGN KEY (family, attribute) REFERENCES family_attribute
);
CREATE TABLE family_variant (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9]+([-_][a-z0-9]+)*$'),
    family text NOT NULL REFERENCES family,
    UNIQUE (code, family)
);
CREATE TABLE variant_axis (
    family_variant text NOT NULL REFERENCES family_variant,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 3),
    attribute text NOT NULL REFERENCES attribute,
    position integer NOT NULL DEFAULT 0,
    PRIMARY KEY (family_variant, attribute)
);

CREATE TABLE product (
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id ~ '^[a-z0-9]{4,24}$'),
    sku text NOT NULL UNIQUE CHECK (length(sku) BETWEEN 1 AND 200),
    gtin text CHECK (gtin ~ '^([0-9]{8}|[0-9]{12,14})$'),
    kind text NOT NULL CHECK (kind IN ('MODEL', 'VARIANT', 'SIMPLE')),
    family text NOT NULL REFERENCES family,
    family_variant text,
    parent uuid REFERENCES product CHECK (parent <> id),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived')),
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (family_variant, family) REFERENCES family_variant (code, family),
    CHECK (kind <> 'VARIANT' OR parent IS NOT NULL),
    CHECK (kind <> 'SIMPLE' OR parent IS NULL),
    CHECK (kind <> 'MODEL' OR family_variant IS NOT NULL)
);
CREATE INDEX product_parent ON product (parent) WHERE parent IS NOT NULL;
CREATE INDEX product_gtin ON product (gtin) WHERE gtin IS NOT NULL;

CREATE TABLE product_value (
    owner uuid NOT NULL REFERENCES product,
    attribute text NOT NULL REFERENCES attribute,
    locale text REFERENCES locale,
    market text REFERENCES market,
    channel text REFERENCES channel,
    data jsonb NOT NULL,
    UNIQUE NULLS NOT DISTINCT (owner, attribute, locale, market, channel)
);

CREATE TABLE category (
    code text PRIMARY KEY CHECK (code ~ '^[a-z0-9]+([-_][a-z0-9]+)*$'),
    tree text NOT NULL,
    path ltree NOT NULL UNIQUE,    -- labels are codes with `-` written as `_`; the tree comes first
    parent text REFERENCES category,
    label jsonb NOT NULL DEFAULT '{}',
    position integer NOT NULL DEFAULT 0
);
CREATE INDEX category_path ON category USING gist (path);
CREATE TABLE product_category (
    product uuid NOT NULL REFERENCES product,
    category text NOT NULL REFERENCES category,
    PRIMARY KEY (product, category)
);
CREATE INDEX product_category_category ON product_category (category);

-- The authoritative link between product truth and media truth.
CREATE TABLE media_association (
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id ~ '^[a-z0-9]{4,24}$'),
    product uuid NOT NULL REFERENCES product,
    asset uuid NOT NULL REFERENCES asset,
    role text NOT NULL CHECK (role IN (
        'hero', 'gallery', 'swatch', 'detail', 'packaging', 'document', 'video')),
    position integer NOT NULL DEFAULT 0,
    locale text REFERENCES locale,
    market text REFERENCES market,
    channel text REFERENCES channel,
    origin text NOT NULL CHECK (origin IN ('pim', 'dam', 'auto')),
    confidence real NOT NULL DEFAULT 1 CHECK (confidence BETWEEN 0 AND 1),
    status text NOT NULL CHECK (status IN ('proposed', 'approved', 'rejected', 'retired')),
    provenance jsonb NOT NULL DEFAULT '[]',     -- [{origin, actor, at, confidence}]
    revision integer NOT NULL DEFAULT 1,
    UNIQUE NULLS NOT DISTINCT (product, asset, role, locale, market, channel)
);
CREATE INDEX media_association_asset ON media_association (asset);

-- migrate:down
DROP TABLE media_association, product_category, category, product_value, product, variant_axis,
    family_variant, attribute_requirement, family_attribute, family, attribute_option, attribute;
DROP EXTENSION ltree;
