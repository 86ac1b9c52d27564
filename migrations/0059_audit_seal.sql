-- migrate:up

-- Keys that seal the audit, each sealed itself with the master key: they verify for ever.
CREATE TABLE audit_key (
    id text PRIMARY KEY,
    secret_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A seal vouches for a batch of rows: for which there are, for each one, and for the seal before.
CREATE TABLE audit_seal (
    number bigint PRIMARY KEY CHECK (number > 0),
    -- of the rows, ascending, and 16 bytes for each
    ids bigint[] NOT NULL CHECK (cardinality(ids) > 0),
    marks bytea NOT NULL CHECK (length(marks) = 16 * cardinality(ids)),
    count integer NOT NULL GENERATED ALWAYS AS (cardinality(ids)) STORED,
    first_id bigint NOT NULL GENERATED ALWAYS AS (ids[1]) STORED,
    last_id bigint NOT NULL GENERATED ALWAYS AS (ids[cardinality(ids)]) STORED,
    before bytea NOT NULL,
    key text NOT NULL REFERENCES audit_key,
    mac bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- migrate:down
DROP TABLE audit_seal, audit_key;
