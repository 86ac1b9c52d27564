-- migrate:up

-- What a version of a preset is:
--   draft       an edit that only staff tokens may name; one a code
--   current     the one that URLs are minted with; at most one a code
--   superseded  served until its last token has expired, since another became current
--   retired     likewise, without a successor
--   discarded   a draft that was given up or edited: kept, so that its number is never given again
ALTER TABLE preset ADD COLUMN state text NOT NULL DEFAULT 'current'
    CHECK (state IN ('draft', 'current', 'superseded', 'retired', 'discarded'));
UPDATE preset SET state = 'superseded' WHERE served_until IS NOT NULL;
ALTER TABLE preset ADD CHECK ((served_until IS NULL) = (state IN ('draft', 'current')));
DROP INDEX preset_current;
CREATE UNIQUE INDEX preset_current ON preset (code) WHERE state = 'current';
CREATE UNIQUE INDEX preset_draft ON preset (code) WHERE state = 'draft';

-- migrate:down
DROP INDEX preset_draft, preset_current;
DELETE FROM preset WHERE state IN ('draft', 'discarded');
ALTER TABLE preset DROP COLUMN state;
CREATE UNIQUE INDEX preset_current ON preset (code) WHERE served_until IS NULL;
