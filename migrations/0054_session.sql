-- migrate:up

-- People who are logged in. What their browsers hold is stored as a hash alone, as API keys are.
CREATE TABLE session (
    id uuid PRIMARY KEY,
    hash bytea NOT NULL UNIQUE,
    principal_id uuid NOT NULL REFERENCES principal (id),
    login text NOT NULL CHECK (login IN ('link', 'password', 'oidc')),
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX session_of ON session (principal_id) WHERE ended_at IS NULL;
CREATE INDEX session_ends ON session (ends_at);

-- Links that log somebody in, once.
CREATE TABLE login_link (
    hash bytea PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES principal (id),
    ends_at timestamptz NOT NULL
);
CREATE INDEX login_link_of ON login_link (principal_id);

-- migrate:down
DROP TABLE login_link, session;
