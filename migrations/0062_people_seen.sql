-- migrate:up

-- When somebody logged in last: sessions are forgotten a month after their end.
ALTER TABLE principal ADD COLUMN last_login_at timestamptz;
UPDATE principal SET last_login_at = last.at
FROM (SELECT principal_id, max(begun_at) AS at FROM session GROUP BY principal_id) AS last
WHERE last.principal_id = principal.id;
-- The order in which they are listed.
CREATE INDEX principal_listed ON principal (lower(name), id);

-- Where a browser was when it logged in; goes with the session.
ALTER TABLE session ADD COLUMN address text;

-- The key that took the name of one that was rotated; it is stored behind it, in one transaction.
ALTER TABLE api_key
    ADD COLUMN replaced_by uuid REFERENCES api_key DEFERRABLE INITIALLY DEFERRED;
UPDATE api_key AS former SET replaced_by = (
    SELECT id FROM api_key AS next
    WHERE next.name = former.name AND next.created_at > former.created_at
    ORDER BY next.created_at, next.id LIMIT 1
) WHERE replaced_at IS NOT NULL;
CREATE INDEX api_key_listed ON api_key (created_at, id);

-- migrate:down
DROP INDEX api_key_listed;
ALTER TABLE api_key DROP COLUMN replaced_by;
ALTER TABLE session DROP COLUMN address;
DROP INDEX principal_listed;
ALTER TABLE principal DROP COLUMN last_login_at;
