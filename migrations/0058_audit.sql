-- migrate:up

-- Who changed what, when, from where and by which key or session: written with every event, in its
-- transaction, and never changed. The relay seals it in batches.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event uuid NOT NULL,
    time timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- ids alone, so that erasing a person changes no row; no foreign keys, as for the log
    actor uuid NOT NULL,
    address text,
    api_key uuid,
    session uuid,
    type text NOT NULL,
    subject text NOT NULL,
    data jsonb NOT NULL,
    -- the changed fields alone
    before jsonb,
    after jsonb
);
CREATE INDEX audit_time ON audit (time, id);
CREATE INDEX audit_subject ON audit (subject, time, id);
CREATE INDEX audit_actor ON audit (actor, time, id);

-- migrate:down
DROP TABLE audit;
