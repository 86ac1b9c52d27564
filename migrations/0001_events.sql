-- migrate:up

-- The event log is the record of every change and, for gateways and caches, the revocation feed.
CREATE TABLE event (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid8 xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id uuid NOT NULL UNIQUE,
    type text NOT NULL CHECK (type ~ '^[a-z_]+\.[a-z_]+$'),
    subject text NOT NULL,
    aggregate_version bigint NOT NULL,
    -- what a cached decision or answer may rest on: asset:7f3k2cq9, licence:…, set:EU, publication:…
    subjects text[] NOT NULL DEFAULT '{}',
    data jsonb NOT NULL,
    time timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL
);
CREATE INDEX event_feed ON event (xid8) WHERE subjects <> '{}';
CREATE INDEX event_subject ON event (subject, seq);

CREATE TABLE inbox (
    source text NOT NULL,
    event_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (source, event_id)
);

-- The purge queue: one row a tag, driver and pass.
CREATE TABLE purge (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tag text NOT NULL CHECK (tag ~ '^[a-z]-[a-z0-9_-]{1,120}$'),
    cause uuid NOT NULL REFERENCES event (id),
    pass smallint NOT NULL CHECK (pass IN (1, 2)),
    driver text NOT NULL,
    not_before timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'confirmed')),
    batch uuid,
    attempts integer NOT NULL DEFAULT 0,
    sent_at timestamptz,
    confirmed_at timestamptz,
    CHECK ((state = 'confirmed') = (confirmed_at IS NOT NULL)),
    UNIQUE (cause, tag, driver, pass)
);
CREATE INDEX purge_due ON purge (driver, not_before) WHERE state <> 'confirmed';

-- One row a running gateway: the newest snapshot of the log whose events it has applied.
CREATE TABLE gateway (
    id uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL,
    snapshot pg_snapshot
) WITH (fillfactor = 50);

CREATE TABLE denial (
    asset text NOT NULL,
    reason text NOT NULL,
    country text NOT NULL,
    channel text NOT NULL,
    minute timestamptz NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (minute, asset, reason, country, channel)
);

CREATE TABLE egress (
    preset text NOT NULL,
    channel text NOT NULL,
    minute timestamptz NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0),
    requests bigint NOT NULL CHECK (requests > 0),
    PRIMARY KEY (minute, preset, channel)
);

-- What a person has to look at. One open row a kind, subject and cause.
CREATE TABLE exception (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    cause text NOT NULL,
    count bigint NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
    first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX exception_open ON exception (kind, subject, cause) WHERE state = 'open';

-- migrate:down
DROP TABLE exception, egress, denial, gateway, purge, inbox, event;
