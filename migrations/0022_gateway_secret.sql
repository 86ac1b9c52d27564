-- migrate:up

-- A gateway speaks for its own row alone: with the first report it leaves the digest of a secret that
-- only its process knows, and every later one has to bring the secret. A row from before has none,
-- and goes on without until its gateway is started again.
ALTER TABLE gateway ADD COLUMN secret_sha256 bytea;

-- Everything a gateway may write: its row, counters per minute, broken sources.
--   denials    [{asset, reason, country, channel, minute, count}]
--   egresses   [{asset, preset, channel, country, how, minute, bytes, requests}]
--   exceptions [{kind, subject, cause}]
-- A null snapshot leaves the acknowledged one as it is; `leaving` removes the row.
DROP FUNCTION gateway_report;
CREATE FUNCTION gateway_report(
    gateway_id uuid,
    applied pg_snapshot DEFAULT NULL,
    denials jsonb DEFAULT '[]',
    egresses jsonb DEFAULT '[]',
    exceptions jsonb DEFAULT '[]',
    leaving boolean DEFAULT false,
    secret uuid DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    given bytea := sha256(uuid_send(secret));
BEGIN
    IF leaving THEN
        DELETE FROM gateway
        WHERE id = gateway_id AND secret_sha256 IS NOT DISTINCT FROM given;
    ELSIF secret IS NULL THEN
        UPDATE gateway
        SET seen_at = clock_timestamp(), snapshot = coalesce(applied, snapshot)
        WHERE id = gateway_id AND secret_sha256 IS NULL;
    ELSE
        INSERT INTO gateway (id, seen_at, snapshot, secret_sha256)
        VALUES (gateway_id, clock_timestamp(), applied, given)
        ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at,
            snapshot = coalesce(EXCLUDED.snapshot, gateway.snapshot)
        WHERE gateway.secret_sha256 = given;
    END IF;
    IF NOT FOUND THEN
        IF leaving AND NOT EXISTS (SELECT FROM gateway WHERE id = gateway_id) THEN
            RETURN;
        END IF;
        RAISE insufficient_privilege USING MESSAGE = 'a gateway reports for itself alone';
    END IF;
    IF denials <> '[]' THEN
        INSERT INTO denial (asset, reason, country, channel, minute, count)
        SELECT asset, reason, country, channel, minute, count FROM jsonb_to_recordset(denials)
            AS d(asset text, reason text, country text, channel text, minute timestamptz, count bigint)
        ON CONFLICT (minute, asset, reason, country, channel)
            DO UPDATE SET count = denial.count + EXCLUDED.count;
    END IF;
    IF egresses <> '[]' THEN
        INSERT INTO egress (asset, preset, channel, country, how, minute, bytes, requests)
        SELECT asset, preset, channel, country, how, minute, bytes, requests
        FROM jsonb_to_recordset(egresses)
            AS e(asset text, preset text, channel text, country text, how text,
                 minute timestamptz, bytes bigint, requests bigint)
        ON CONFLICT (asset, minute, preset, channel, country, how) DO UPDATE
            SET bytes = egress.bytes + EXCLUDED.bytes, requests = egress.requests + EXCLUDED.requests;
    END IF;
    IF exceptions <> '[]' THEN
        INSERT INTO exception (kind, subject, cause)
        SELECT kind, subject, cause FROM jsonb_to_recordset(exceptions)
            AS x(kind text, subject text, cause text)
        ON CONFLICT (kind, subject, cause) WHERE state = 'open'
            DO UPDATE SET count = exception.count + 1, last_at = clock_timestamp();
    END IF;
END $$;
REVOKE ALL ON FUNCTION gateway_report FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_report TO vitrine_gateway;

-- migrate:down
DROP FUNCTION gateway_report;
CREATE FUNCTION gateway_report(
    gateway_id uuid,
    applied pg_snapshot DEFAULT NULL,
    denials jsonb DEFAULT '[]',
    egresses jsonb DEFAULT '[]',
    exceptions jsonb DEFAULT '[]',
    leaving boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF leaving THEN
        DELETE FROM gateway WHERE id = gateway_id;
    ELSE
        INSERT INTO gateway (id, seen_at, snapshot) VALUES (gateway_id, clock_timestamp(), applied)
        ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at,
            snapshot = coalesce(EXCLUDED.snapshot, gateway.snapshot);
    END IF;
    IF denials <> '[]' THEN
        INSERT INTO denial (asset, reason, country, channel, minute, count)
        SELECT asset, reason, country, channel, minute, count FROM jsonb_to_recordset(denials)
            AS d(asset text, reason text, country text, channel text, minute timestamptz, count bigint)
        ON CONFLICT (minute, asset, reason, country, channel)
            DO UPDATE SET count = denial.count + EXCLUDED.count;
    END IF;
    IF egresses <> '[]' THEN
        INSERT INTO egress (asset, preset, channel, country, how, minute, bytes, requests)
        SELECT asset, preset, channel, country, how, minute, bytes, requests
        FROM jsonb_to_recordset(egresses)
            AS e(asset text, preset text, channel text, country text, how text,
                 minute timestamptz, bytes bigint, requests bigint)
        ON CONFLICT (asset, minute, preset, channel, country, how) DO UPDATE
            SET bytes = egress.bytes + EXCLUDED.bytes, requests = egress.requests + EXCLUDED.requests;
    END IF;
    IF exceptions <> '[]' THEN
        INSERT INTO exception (kind, subject, cause)
        SELECT kind, subject, cause FROM jsonb_to_recordset(exceptions)
            AS x(kind text, subject text, cause text)
        ON CONFLICT (kind, subject, cause) WHERE state = 'open'
            DO UPDATE SET count = exception.count + 1, last_at = clock_timestamp();
    END IF;
END $$;
REVOKE ALL ON FUNCTION gateway_report FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_report TO vitrine_gateway;
ALTER TABLE gateway DROP COLUMN secret_sha256;
