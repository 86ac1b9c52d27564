-- migrate:up

-- Whose country counted on a channel, and which territory it declared, at any instant since.
CREATE TABLE channel_rule (
    channel text NOT NULL REFERENCES channel,
    country_rule text NOT NULL,
    territory text[] NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz CHECK (ended_at >= recorded_at)
);
CREATE UNIQUE INDEX channel_rule_current ON channel_rule (channel) WHERE ended_at IS NULL;
INSERT INTO channel_rule (channel, country_rule, territory)
SELECT code, country_rule, territory FROM channel;

CREATE FUNCTION record_channel_rule() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    instant timestamptz := clock_timestamp();
BEGIN
    UPDATE channel_rule SET ended_at = instant WHERE channel = NEW.code AND ended_at IS NULL;
    INSERT INTO channel_rule (channel, country_rule, territory, recorded_at)
    VALUES (NEW.code, NEW.country_rule, NEW.territory, instant);
    RETURN NULL;
END $$;
CREATE TRIGGER channel_rule_added AFTER INSERT ON channel
    FOR EACH ROW EXECUTE FUNCTION record_channel_rule();
CREATE TRIGGER channel_rule_changed AFTER UPDATE ON channel FOR EACH ROW
    WHEN (OLD.country_rule IS DISTINCT FROM NEW.country_rule
          OR OLD.territory IS DISTINCT FROM NEW.territory)
    EXECUTE FUNCTION record_channel_rule();

-- What was, is found as fast as what is.
CREATE INDEX asset_state_asset ON asset_state (asset, recorded_at);
CREATE INDEX asset_licence_asset ON asset_licence (asset);
CREATE INDEX collection_asset_asset ON collection_asset (asset);
CREATE INDEX rights_grant_asset_ever ON rights_grant (asset) WHERE asset IS NOT NULL;
CREATE INDEX rights_restriction_asset_ever ON rights_restriction (asset) WHERE asset IS NOT NULL;
CREATE INDEX rights_grant_licence_ever ON rights_grant (licence) WHERE licence IS NOT NULL;
CREATE INDEX rights_grant_collection_ever ON rights_grant (collection) WHERE collection IS NOT NULL;
CREATE INDEX rights_restriction_licence_ever ON rights_restriction (licence)
    WHERE licence IS NOT NULL;
CREATE INDEX rights_restriction_collection_ever ON rights_restriction (collection)
    WHERE collection IS NOT NULL;
CREATE INDEX publication_ancestors_ever ON publication USING gin (ancestors);
CREATE INDEX denial_asset ON denial (asset, minute);

-- What was delivered of an asset, and where.
--   how  direct: to a browser, or to a cache that does not ask
--        leave:  an authorising edge was told that it may deliver what it holds
--        fill:   bytes for an authorising edge, which asks again before it delivers them
--        staff:  to a person of ours, who may see what is not licensed
ALTER TABLE egress DROP CONSTRAINT egress_pkey;
ALTER TABLE egress
    ADD COLUMN asset text NOT NULL DEFAULT '',
    ADD COLUMN country text NOT NULL DEFAULT 'ZZ',
    ADD COLUMN how text NOT NULL DEFAULT 'direct' CHECK (how IN ('direct', 'leave', 'fill', 'staff'));
ALTER TABLE egress
    ALTER COLUMN asset DROP DEFAULT, ALTER COLUMN country DROP DEFAULT, ALTER COLUMN how DROP DEFAULT;
ALTER TABLE egress ADD PRIMARY KEY (asset, minute, preset, channel, country, how);
CREATE INDEX egress_minute ON egress (minute);

-- Everything a gateway may write: its row, counters per minute, broken sources.
--   denials    [{asset, reason, country, channel, minute, count}]
--   egresses   [{asset, preset, channel, country, how, minute, bytes, requests}]
--   exceptions [{kind, subject, cause}]
-- A null snapshot leaves the acknowledged one as it is; `leaving` removes the row.
CREATE OR REPLACE FUNCTION gateway_report(
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

-- migrate:down
DROP INDEX egress_minute;
ALTER TABLE egress DROP CONSTRAINT egress_pkey;
CREATE TEMP TABLE kept ON COMMIT DROP AS
    SELECT preset, channel, minute, sum(bytes)::bigint AS bytes, sum(requests)::bigint AS requests
    FROM egress WHERE how <> 'leave' GROUP BY preset, channel, minute;
DELETE FROM egress;
ALTER TABLE egress DROP COLUMN asset, DROP COLUMN country, DROP COLUMN how;
INSERT INTO egress (preset, channel, minute, bytes, requests) SELECT * FROM kept;
ALTER TABLE egress ADD PRIMARY KEY (minute, preset, channel);
CREATE OR REPLACE FUNCTION gateway_report(
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
DROP INDEX denial_asset, publication_ancestors_ever, rights_restriction_collection_ever,
    rights_restriction_licence_ever, rights_grant_collection_ever, rights_grant_licence_ever,
    rights_restriction_asset_ever, rights_grant_asset_ever,
    collection_asset_asset, asset_licence_asset, asset_state_asset;
DROP TRIGGER channel_rule_changed ON channel;
DROP TRIGGER channel_rule_added ON channel;
DROP FUNCTION record_channel_rule;
DROP TABLE channel_rule;
