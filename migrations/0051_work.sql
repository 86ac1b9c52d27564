-- migrate:up

-- A job of the relay that may take long, and how far it is.
CREATE TABLE work (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    revision bigint NOT NULL DEFAULT 1,
    kind text NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    total bigint CHECK (total >= 0),
    failed bigint NOT NULL DEFAULT 0 CHECK (failed >= 0),
    cause text,
    args jsonb NOT NULL,
    position jsonb,                -- where its kind goes on after the last commit
    attempt integer NOT NULL DEFAULT 0,   -- only the last one that began may write
    cancel_asked_at timestamptz,
    result_key text,
    result_name text,
    started_by uuid NOT NULL REFERENCES principal,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    began_at timestamptz,
    ended_at timestamptz CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL))
);
CREATE INDEX work_starter ON work (started_by, id);
CREATE INDEX work_kind ON work (kind, id);
CREATE INDEX work_state ON work (state, id);
CREATE INDEX work_ended ON work (ended_at) WHERE ended_at IS NOT NULL;

-- What became of one row of it.
CREATE TABLE work_row (
    work bigint NOT NULL REFERENCES work ON DELETE CASCADE,
    number bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('done', 'failed')),
    subject text,
    code text,
    message text,
    source text,                   -- the row as it was given, for the result file
    PRIMARY KEY (work, number)
);
CREATE INDEX work_row_failed ON work_row (work, number) WHERE state = 'failed';

-- A file that somebody has put into the object store, for work to read.
CREATE TABLE upload (
    public_id text PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    bytes bigint CHECK (bytes >= 0),      -- null: it has not come yet
    created_by uuid NOT NULL REFERENCES principal,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX upload_created ON upload (created_at);

-- migrate:down
DROP TABLE upload, work_row, work;
