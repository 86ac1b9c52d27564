-- migrate:up

-- A second pass between the one at commit and the last: due once every gateway has applied the
-- change, so that no answer which was decided before is stored after it. What waits for its last
-- pass goes on waiting for it.
ALTER TABLE purge DROP CONSTRAINT purge_pass_check;
UPDATE purge SET pass = 3 WHERE pass = 2 AND state <> 'confirmed';
ALTER TABLE purge ADD CONSTRAINT purge_pass_check CHECK (pass IN (1, 2, 3));
CREATE INDEX purge_of_gateways ON purge (driver, not_before) WHERE pass = 2 AND state = 'pending';

-- migrate:down
DROP INDEX purge_of_gateways;
DELETE FROM purge WHERE pass = 2 AND EXISTS (
    SELECT FROM purge AS last
    WHERE last.cause = purge.cause AND last.tag = purge.tag AND last.driver = purge.driver
      AND last.pass = 3);
UPDATE purge SET pass = 2 WHERE pass = 3;
ALTER TABLE purge DROP CONSTRAINT purge_pass_check;
ALTER TABLE purge ADD CONSTRAINT purge_pass_check CHECK (pass IN (1, 2));
