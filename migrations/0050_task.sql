-- migrate:up

-- A public id where SQL itself adds a row, as `catalog/ids.py` makes them: 50 random bits, of those
-- bytes of a UUID (0 to 5, 12 to 15) that say nothing of its version.
CREATE FUNCTION new_public_id() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
                             1 + get_byte(random, 6 * (place / 6) + place) % 32, 1), '')
    FROM (SELECT uuid_send(gen_random_uuid()) AS random) AS bytes, generate_series(0, 9) AS place
$$;
REVOKE ALL ON FUNCTION new_public_id FROM PUBLIC;

-- Whatever waits for a person. What recurs counts up: one open row a kind, subject and cause.
ALTER TABLE exception RENAME TO task;
ALTER SEQUENCE exception_id_seq RENAME TO task_id_seq;
ALTER INDEX exception_pkey RENAME TO task_pkey;
ALTER TABLE task DROP CONSTRAINT exception_state_check;
ALTER TABLE task
    ADD COLUMN public_id text NOT NULL DEFAULT new_public_id() UNIQUE,
    ADD COLUMN revision bigint NOT NULL DEFAULT 1,
    ADD COLUMN role text NOT NULL DEFAULT 'media_manager',
    ADD COLUMN assignee uuid REFERENCES principal,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN data jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN created_by uuid REFERENCES principal,
    ADD COLUMN resolved_by uuid REFERENCES principal,
    ADD COLUMN resolved_at timestamptz,
    ADD COLUMN resolution text,
    ALTER COLUMN subject DROP NOT NULL;
UPDATE task SET role = 'editor' WHERE kind = 'wrong_gtin';
UPDATE task SET resolved_at = last_at WHERE state = 'resolved';
-- Snoozed is what is open and has an instant to come: no job has to wake it.
ALTER TABLE task
    ADD CONSTRAINT task_state_check CHECK (state IN ('open', 'resolved')),
    ADD CONSTRAINT task_resolved_check CHECK ((state = 'resolved') = (resolved_at IS NOT NULL));
DROP INDEX exception_open;
CREATE UNIQUE INDEX task_open ON task (kind, subject, cause) NULLS NOT DISTINCT
    WHERE state = 'open';
CREATE INDEX task_state ON task (state, id);
CREATE INDEX task_kind ON task (kind, id);
CREATE INDEX task_role ON task (role, id) WHERE state = 'open';
CREATE INDEX task_assignee ON task (assignee, id) WHERE assignee IS NOT NULL;
CREATE INDEX task_subject ON task (subject, id) WHERE subject IS NOT NULL;
CREATE INDEX task_due ON task (due_at) WHERE state = 'open' AND due_at IS NOT NULL;

CREATE TABLE task_comment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task bigint NOT NULL REFERENCES task,
    text text NOT NULL CHECK (text <> ''),
    created_by uuid NOT NULL REFERENCES principal,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX task_comment_task ON task_comment (task, id);

-- What gateways report: [{kind, subject, cause, role, due_after_s}]; each new one with its event.
CREATE FUNCTION report_tasks(reported jsonb) RETURNS void LANGUAGE sql AS $$
    WITH added AS (
        INSERT INTO task (kind, subject, cause, role, due_at)
        SELECT kind, subject, cause, coalesce(role, 'media_manager'),
               clock_timestamp() + due_after_s * interval '1 second'
        FROM jsonb_to_recordset(reported)
            AS x(kind text, subject text, cause text, role text, due_after_s float8)
        ON CONFLICT (kind, subject, cause) WHERE state = 'open'
            DO UPDATE SET count = task.count + 1, last_at = clock_timestamp()
        RETURNING public_id, kind, subject, count
    )
    INSERT INTO event (id, type, subject, aggregate_version, data, actor)
    SELECT gen_random_uuid(), 'task.opened', 'task/' || public_id, 1,
           jsonb_build_object('task', public_id, 'kind', kind, 'subject', subject),
           (SELECT id FROM principal WHERE kind = 'service' AND name = 'gateway'
            AND ended_at IS NULL)
    FROM added WHERE count = 1
$$;
REVOKE ALL ON FUNCTION report_tasks FROM PUBLIC;
DO $migration$ BEGIN
    EXECUTE regexp_replace(
        pg_get_functiondef('gateway_report'::regproc),
        'INSERT INTO exception .*?last_at = clock_timestamp\(\);',
        'PERFORM report_tasks(exceptions);'
    );
END $migration$;

-- migrate:down
DO $migration$ BEGIN
    EXECUTE replace(
        pg_get_functiondef('gateway_report'::regproc),
        'PERFORM report_tasks(exceptions);',
        'INSERT INTO exception (kind, subject, cause)
        SELECT kind, subject, cause FROM jsonb_to_recordset(exceptions)
            AS x(kind text, subject text, cause text)
        ON CONFLICT (kind, subject, cause) WHERE state = ''open''
            DO UPDATE SET count = exception.count + 1, last_at = clock_timestamp();'
    );
END $migration$;
DROP FUNCTION report_tasks;
DROP TABLE task_comment;
DELETE FROM task WHERE subject IS NULL;
DROP INDEX task_open, task_state, task_kind, task_role, task_assignee, task_subject, task_due;
ALTER TABLE task
    DROP COLUMN public_id, DROP COLUMN revision, DROP COLUMN role, DROP COLUMN assignee,
    DROP COLUMN due_at, DROP COLUMN snoozed_until, DROP COLUMN escalated_at, DROP COLUMN data,
    DROP COLUMN created_by, DROP COLUMN resolved_by, DROP COLUMN resolved_at,
    DROP COLUMN resolution,
    ALTER COLUMN subject SET NOT NULL;
CREATE UNIQUE INDEX exception_open ON task (kind, subject, cause) WHERE state = 'open';
ALTER TABLE task DROP CONSTRAINT task_state_check;
ALTER TABLE task ADD CONSTRAINT exception_state_check CHECK (state IN ('open', 'resolved'));
ALTER INDEX task_pkey RENAME TO exception_pkey;
ALTER SEQUENCE task_id_seq RENAME TO exception_id_seq;
ALTER TABLE task RENAME TO exception;
DROP FUNCTION new_public_id;
