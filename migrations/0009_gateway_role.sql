-- migrate:up

-- The gateway reads, and reports through one function. A login is given by the operator:
-- CREATE ROLE gateway_1 LOGIN PASSWORD '…' IN ROLE vitrine_gateway;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'vitrine_gateway') THEN
        CREATE ROLE vitrine_gateway NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

GRANT SELECT ON event, purge, gateway, channel, signing_key, asset, asset_epoch, asset_version,
    asset_state, asset_licence, collection_asset, territory_set, territory_member, licence,
    rights_grant, rights_restriction, product, publication, preset TO vitrine_gateway;

-- Everything a gateway may write: its row, counters per minute, broken sources.
--   denials    [{asset, reason, country, channel, minute, count}]
--   egress     [{preset, channel, minute, bytes, requests}]
--   exceptions [{kind, subject, cause}]
-- A null snapshot leaves the acknowledged one as it is; `leaving` removes the row.
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
        INSERT INTO egress (preset, channel, minute, bytes, requests)
        SELECT preset, channel, minute, bytes, requests FROM jsonb_to_recordset(egresses)
            AS e(preset text, channel text, minute timestamptz, bytes bigint, requests bigint)
        ON CONFLICT (minute, preset, channel) DO UPDATE
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
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM vitrine_gateway;
