-- migrate:up

-- What people prove who they are by where no identity provider does it: a password (Argon2id), and
-- a secret of one-time codes, sealed with the master key.
CREATE TABLE local_credential (
    principal_id uuid PRIMARY KEY REFERENCES principal (id),
    password text CHECK (password LIKE '$argon2id$%'),
    totp_sealed bytea,
    totp_step bigint NOT NULL DEFAULT 0
);

-- migrate:down
DROP TABLE local_credential;
