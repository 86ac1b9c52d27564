-- migrate:up

-- What the purger that holds a driver last knew of its CDN. Written when that changes, not at every
-- purge; what is due and what was done is in `purge`.
CREATE TABLE purge_driver (
    driver text PRIMARY KEY,
    circuit text NOT NULL CHECK (circuit IN ('closed', 'open', 'half_open')),
    failures integer NOT NULL CHECK (failures >= 0),    -- without an answer, in a row
    since timestamptz NOT NULL,                         -- when it was closed, or ceased to be
    next_try_at timestamptz,
    last_error text,
    CHECK ((circuit = 'open') = (next_try_at IS NOT NULL))
);

-- The last confirmation of a driver, among 90 days of them.
CREATE INDEX purge_confirmed ON purge (driver, confirmed_at) WHERE confirmed_at IS NOT NULL;

-- migrate:down
DROP INDEX purge_confirmed;
DROP TABLE purge_driver;
