-- migrate:up

-- What gateways report is in the audit too. PL/pgSQL looks for the table when it is called: the audit
-- comes with a later number.
CREATE OR REPLACE FUNCTION report_tasks(reported jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH added AS (
        INSERT INTO task (kind, subject, cause, role, due_at)
        SELECT kind, subject, cause, coalesce(role, 'media_manager'),
               clock_timestamp() + due_after_s * interval '1 second'
        FROM jsonb_to_recordset(reported)
            AS x(kind text, subject text, cause text, role text, due_after_s float8)
        ON CONFLICT (kind, subject, cause) WHERE state = 'open'
            DO UPDATE SET count = task.count + 1, last_at = clock_timestamp()
        RETURNING public_id, kind, subject, cause, role, due_at, count
    ), told AS (
        INSERT INTO event (id, type, subject, aggregate_version, data, actor)
        SELECT gen_random_uuid(), 'task.opened', 'task/' || added.public_id, 1,
               jsonb_build_object('task', added.public_id, 'kind', added.kind,
                                  'subject', added.subject),
               (SELECT p.id FROM principal AS p
                WHERE p.kind = 'service' AND p.name = 'gateway' AND p.ended_at IS NULL)
        FROM added WHERE added.count = 1
        RETURNING id, type, subject, data, actor
    )
    INSERT INTO audit (event, type, subject, data, after, actor)
    SELECT told.id, type, told.subject, data,
           jsonb_build_object('kind', kind, 'subject', added.subject, 'cause', cause, 'role', role,
                              'due_at', due_at), actor
    FROM told JOIN added ON told.subject = 'task/' || added.public_id;
END $$;

-- migrate:down
CREATE OR REPLACE FUNCTION report_tasks(reported jsonb) RETURNS void LANGUAGE sql AS $$
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
