-- migrate:up

CREATE TABLE territory_set (
    code text PRIMARY KEY CHECK (code ~ '^[A-Z][A-Z0-9_]{1,30}$' AND code <> 'WORLD'),
    name text NOT NULL
);
CREATE TABLE territory_member (
    territory_set text NOT NULL REFERENCES territory_set,
    country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX territory_member_current ON territory_member (territory_set, country)
    WHERE ended_at IS NULL;

CREATE TABLE licence (
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE CHECK (public_id ~ '^[a-z0-9]{4,24}$'),
    code text NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 200),
    licensor text NOT NULL,
    document text,
    time_zone text NOT NULL DEFAULT 'UTC',
    credit text,
    web_statement text,
    licensor_url text,
    revision integer NOT NULL DEFAULT 1
);
CREATE TABLE asset_licence (
    asset uuid NOT NULL REFERENCES asset,
    licence uuid NOT NULL REFERENCES licence,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX asset_licence_current ON asset_licence (asset, licence) WHERE ended_at IS NULL;
CREATE INDEX asset_licence_licence ON asset_licence (licence) WHERE ended_at IS NULL;

-- What a licence permits. A row is never changed but to end it; ending a grant that has begun adds
-- its successor with `valid_until` = now, so that the reason becomes LICENCE_EXPIRED.
CREATE TABLE rights_grant (
    id uuid PRIMARY KEY,
    asset uuid REFERENCES asset,
    collection uuid REFERENCES collection,
    licence uuid REFERENCES licence,
    document uuid REFERENCES licence,
    include text[] NOT NULL,
    exclude text[] NOT NULL DEFAULT '{}',
    channels text[] NOT NULL,
    usages text[] NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at),
    CHECK (num_nonnulls(asset, collection, licence) = 1),
    CHECK (valid_until > valid_from),
    CHECK (isfinite(valid_from) AND isfinite(valid_until))
);
CREATE INDEX rights_grant_asset ON rights_grant (asset) WHERE asset IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_grant_collection ON rights_grant (collection) WHERE collection IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_grant_licence ON rights_grant (licence) WHERE licence IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_grant_document ON rights_grant (document) WHERE document IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_grant_ended ON rights_grant (asset) WHERE asset IS NOT NULL AND ended_at IS NOT NULL;
CREATE INDEX rights_grant_from ON rights_grant (valid_from) WHERE ended_at IS NULL;
CREATE INDEX rights_grant_until ON rights_grant (valid_until) WHERE ended_at IS NULL;

CREATE TABLE rights_restriction (
    id uuid PRIMARY KEY,
    asset uuid REFERENCES asset,
    collection uuid REFERENCES collection,
    licence uuid REFERENCES licence,
    include text[] NOT NULL,
    exclude text[] NOT NULL DEFAULT '{}',
    channels text[] NOT NULL,
    usages text[] NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at),
    CHECK (num_nonnulls(asset, collection, licence) = 1),
    CHECK (valid_until > valid_from),
    CHECK (isfinite(valid_from) AND isfinite(valid_until))
);
CREATE INDEX rights_restriction_asset ON rights_restriction (asset) WHERE asset IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_restriction_collection ON rights_restriction (collection) WHERE collection IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_restriction_licence ON rights_restriction (licence) WHERE licence IS NOT NULL AND ended_at IS NULL;
CREATE INDEX rights_restriction_ended ON rights_restriction (asset)
    WHERE asset IS NOT NULL AND ended_at IS NOT NULL;
CREATE INDEX rights_restriction_from ON rights_restriction (valid_from) WHERE ended_at IS NULL;
CREATE INDEX rights_restriction_until ON rights_restriction (valid_until) WHERE ended_at IS NULL;

-- migrate:down
DROP TABLE rights_restriction, rights_grant, asset_licence, licence, territory_member, territory_set;
