-- migrate:up

-- Logins that went to the identity provider and have not come back; each may come back once.
CREATE TABLE login_attempt (
    hash bytea PRIMARY KEY,
    next text NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX login_attempt_ends ON login_attempt (ends_at);

-- Who is meant by the subject of an issuer (OpenID Connect Core, 2: both together are unique).
CREATE TABLE oidc_identity (
    issuer text NOT NULL,
    subject text NOT NULL,
    principal_id uuid NOT NULL REFERENCES principal (id),
    linked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX oidc_identity_of ON oidc_identity (principal_id);

-- migrate:down
DROP TABLE oidc_identity, login_attempt;
