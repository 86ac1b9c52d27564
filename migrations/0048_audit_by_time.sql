-- migrate:up

-- The audit is read by time. A database that has it already got other indexes with it; in a new one
-- the audit comes with a later number, and with these.
DO $$ BEGIN
    IF to_regclass('audit') IS NOT NULL THEN
        DROP INDEX IF EXISTS audit_subject, audit_actor;
        CREATE INDEX IF NOT EXISTS audit_time ON audit (time, id);
        CREATE INDEX audit_subject ON audit (subject, time, id);
        CREATE INDEX audit_actor ON audit (actor, time, id);
    END IF;
END $$;

-- migrate:down
