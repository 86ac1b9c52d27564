-- migrate:up

CREATE TABLE preset (
    code text NOT NULL CHECK (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(code) <= 40),
    version integer NOT NULL CHECK (version > 0),
    audience text NOT NULL DEFAULT 'web' CHECK (audience IN ('web', 'staff')),
    recipe jsonb NOT NULL,
    lifetime_s integer NOT NULL DEFAULT 86400 CHECK (lifetime_s > 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- the end of an older version: once its successor is older than any token that may name it
    served_until timestamptz,
    PRIMARY KEY (code, version)
);
CREATE UNIQUE INDEX preset_current ON preset (code) WHERE served_until IS NULL;

-- migrate:down
DROP TABLE preset;
