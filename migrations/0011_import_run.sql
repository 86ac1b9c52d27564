-- migrate:up

-- How far an import is that has not come to its end: a killed one goes on from here.
CREATE TABLE import_run (
    source text PRIMARY KEY,          -- hash of the file and of what it is read with
    committed bigint NOT NULL DEFAULT 0 CHECK (committed >= 0),   -- records, in order of type
    report_bytes bigint NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- migrate:down
DROP TABLE import_run;
