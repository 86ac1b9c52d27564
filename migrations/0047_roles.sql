-- migrate:up

-- Roles of a house's own, beside those of `catalog/access/roles.py`.
CREATE TABLE role (
    code text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9_]{0,62}$'),
    name text NOT NULL CHECK (name <> ''),
    actions text[] NOT NULL,
    revision integer NOT NULL DEFAULT 1
);

-- Which roles a principal has, and where: `*` is everywhere, and an empty set nowhere. A history.
CREATE TABLE principal_role (
    id uuid PRIMARY KEY,
    principal uuid NOT NULL REFERENCES principal,
    role text NOT NULL,
    markets text[] NOT NULL DEFAULT '{*}',
    channels text[] NOT NULL DEFAULT '{*}',
    locales text[] NOT NULL DEFAULT '{*}',
    families text[] NOT NULL DEFAULT '{*}',
    categories text[] NOT NULL DEFAULT '{*}',
    fields text[] NOT NULL DEFAULT '{*}',
    given_by uuid NOT NULL REFERENCES principal,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_by uuid REFERENCES principal,
    ended_at timestamptz CHECK (ended_at >= given_at)
);
CREATE UNIQUE INDEX principal_role_current
    ON principal_role (principal, role, markets, channels, locales, families, categories, fields)
    WHERE ended_at IS NULL;

-- A key without scopes may do what its principal may.
ALTER TABLE api_key
    DROP CONSTRAINT api_key_scopes_check,
    ADD CONSTRAINT api_key_scopes_check CHECK (
        scopes <@ ARRAY['read', 'preview', 'manage.products', 'manage.media', 'manage.rights', 'admin']
    ),
    ADD COLUMN replaced_at timestamptz;
-- The one that was replaced keeps its name until its overlap ends.
DROP INDEX api_key_name;
CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked_at IS NULL AND replaced_at IS NULL;

-- migrate:down
DELETE FROM api_key WHERE scopes = '{}' OR (replaced_at IS NOT NULL AND revoked_at IS NULL);
DROP INDEX api_key_name;
CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked_at IS NULL;
ALTER TABLE api_key
    DROP COLUMN replaced_at,
    DROP CONSTRAINT api_key_scopes_check,
    ADD CONSTRAINT api_key_scopes_check CHECK (
        cardinality(scopes) > 0
        AND scopes <@ ARRAY['read', 'preview', 'manage.products', 'manage.media', 'manage.rights', 'admin']
    );
DROP TABLE principal_role, role;
