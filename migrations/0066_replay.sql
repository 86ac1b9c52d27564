-- migrate:up

-- What replays of delivery logs found, for those who answer for rights; the logs stay where they are.
CREATE TABLE replay (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    ran_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ran_by uuid NOT NULL REFERENCES principal,
    incidents bigint NOT NULL CHECK (incidents >= 0),
    report jsonb NOT NULL           -- as `vitrine replay --json` prints it, without `worst`
);
CREATE TABLE replay_incident (
    replay bigint NOT NULL REFERENCES replay ON DELETE CASCADE,
    number integer NOT NULL,        -- 1 is the longest overdue
    incident jsonb NOT NULL,        -- as `worst` has it
    PRIMARY KEY (replay, number)
);

-- migrate:down
DROP TABLE replay_incident, replay;
