-- migrate:up

-- How each process stands, as it says itself every few seconds.
CREATE TABLE process (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('api', 'gateway', 'purger', 'relay')),
    version text NOT NULL,
    host text NOT NULL,
    started_at timestamptz NOT NULL,
    reported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    feed_lag_s double precision,    -- null: it follows no feed
    problems jsonb NOT NULL         -- what keeps it from being ready: {check: sentence}
);

-- A gateway writes nothing but by functions, and speaks for itself alone, as by `gateway_report`.
-- Null instead of what it says: it leaves.
CREATE FUNCTION gateway_describes(gateway_id uuid, secret uuid, said jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM gateway
                   WHERE id = gateway_id AND secret_sha256 = sha256(uuid_send(secret))) THEN
        RETURN;
    END IF;
    IF said IS NULL THEN
        DELETE FROM process WHERE id = gateway_id;
    ELSE
        INSERT INTO process (id, kind, version, host, started_at, feed_lag_s, problems)
        SELECT gateway_id, 'gateway', left(version, 100), left(host, 255), started_at, feed_lag_s,
               CASE WHEN octet_length(problems::text) < 10000 THEN problems ELSE '{}' END
        FROM jsonb_to_record(said) AS said(version text, host text, started_at timestamptz,
                                           feed_lag_s double precision, problems jsonb)
        ON CONFLICT (id) DO UPDATE SET reported_at = clock_timestamp(),
            feed_lag_s = EXCLUDED.feed_lag_s, problems = EXCLUDED.problems;
    END IF;
END $$;
REVOKE ALL ON FUNCTION gateway_describes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_describes TO vitrine_gateway;

-- migrate:down
DROP FUNCTION gateway_describes;
DROP TABLE process;
