-- migrate:up

CREATE TABLE api_key (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['read', 'preview', 'manage.products', 'manage.media', 'manage.rights', 'admin']
    ),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);
CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked_at IS NULL;

CREATE TABLE signing_key (
    kid text PRIMARY KEY CHECK (kid ~ '^[a-z0-9]{1,12}$'),
    secret_sealed bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'retiring', 'revoked')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX signing_key_active ON signing_key ((true)) WHERE state = 'active';

-- migrate:down
DROP TABLE signing_key, api_key;
