-- migrate:up

CREATE TABLE asset (
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id ~ '^[a-z0-9]{4,24}$'),
    code text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind IN ('image', 'video', 'document')),
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 120),
    focal_x real CHECK (focal_x BETWEEN 0 AND 1),
    focal_y real CHECK (focal_y BETWEEN 0 AND 1),
    current_version integer,
    revision integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((focal_x IS NULL) = (focal_y IS NULL))
);

-- The row that every rights change of an asset locks first.
CREATE TABLE asset_epoch (
    asset uuid PRIMARY KEY REFERENCES asset,
    epoch bigint NOT NULL DEFAULT 1 CHECK (epoch > 0)
) WITH (fillfactor = 70);

CREATE FUNCTION epoch_never_falls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch <= OLD.epoch THEN
        RAISE EXCEPTION 'the epoch of asset % may only rise', OLD.asset;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER asset_epoch_rises BEFORE UPDATE ON asset_epoch
    FOR EACH ROW EXECUTE FUNCTION epoch_never_falls();

CREATE TABLE asset_version (
    asset uuid NOT NULL REFERENCES asset,
    n integer NOT NULL CHECK (n > 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes bigint NOT NULL CHECK (bytes > 0),
    width_px integer CHECK (width_px > 0),
    height_px integer CHECK (height_px > 0),
    mime text NOT NULL,
    has_alpha boolean NOT NULL DEFAULT false,
    storage_key text NOT NULL,
    master_key text NOT NULL,
    thumbhash text,
    dominant_rgb text CHECK (dominant_rgb ~ '^#[0-9a-f]{6}$'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (asset, n)
);
CREATE INDEX asset_version_sha256 ON asset_version (sha256);
ALTER TABLE asset ADD FOREIGN KEY (id, current_version) REFERENCES asset_version (asset, n)
    DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE asset_state (
    id uuid PRIMARY KEY,
    asset uuid NOT NULL REFERENCES asset,
    status text NOT NULL CHECK (status IN ('draft', 'approved', 'withdrawn', 'quarantined')),
    legal_demand boolean NOT NULL DEFAULT false,
    authority_url text,
    reason text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX asset_state_current ON asset_state (asset) WHERE ended_at IS NULL;

-- No price may enter asset metadata; the settings may forbid more keys, never fewer.
CREATE TABLE asset_value (
    asset uuid NOT NULL REFERENCES asset,
    key text NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]*$' AND key !~ '^(price|cost)'),
    locale text REFERENCES locale,
    data jsonb NOT NULL,
    UNIQUE NULLS NOT DISTINCT (asset, key, locale)
);

CREATE TABLE collection (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL
);
CREATE TABLE collection_asset (
    collection uuid NOT NULL REFERENCES collection,
    asset uuid NOT NULL REFERENCES asset,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX collection_asset_current ON collection_asset (asset, collection) WHERE ended_at IS NULL;
CREATE INDEX collection_asset_collection ON collection_asset (collection) WHERE ended_at IS NULL;

-- migrate:down
DROP TABLE collection_asset, collection, asset_value, asset_state CASCADE;
ALTER TABLE asset DROP CONSTRAINT asset_id_current_version_fkey;
DROP TABLE asset_version, asset_epoch, asset;
DROP FUNCTION epoch_never_falls;
