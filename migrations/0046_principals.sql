-- migrate:up

-- Who owns, decides or changes something. Rows name principals by their ids, so none is deleted.
CREATE TABLE principal (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'service')),
    name text NOT NULL CHECK (name <> ''),
    email text CHECK (email IS NULL OR kind = 'person'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
CREATE UNIQUE INDEX principal_service ON principal (name)
    WHERE kind = 'service' AND ended_at IS NULL;
CREATE UNIQUE INDEX principal_person ON principal (lower(email))
    WHERE kind = 'person' AND ended_at IS NULL;

-- Vitrine's own services, as `catalog/principal.py` has them.
INSERT INTO principal (id, kind, name)
SELECT ('00000000-0000-7000-8000-00000000000' || number)::uuid, 'service', name
FROM unnest(ARRAY['cli', 'import', 'vitrine up', 'vitrine migrate', 'api', 'gateway', 'purger', 'relay'])
    WITH ORDINALITY AS own(name, number);

-- A key is of the service of its name, and so is the one that came after it; of our own only the
-- one that `vitrine up` makes.
CREATE TEMP TABLE key_service ON COMMIT DROP AS
SELECT api_key.name AS key, min(api_key.created_at) AS created_at, api_key.name
    || CASE WHEN own.name <> 'vitrine up' THEN ' (key)' ELSE '' END AS service
FROM api_key LEFT JOIN principal AS own USING (name) GROUP BY api_key.name, own.name;
INSERT INTO principal (id, kind, name, created_at)
SELECT gen_random_uuid(), 'service', service, created_at FROM key_service
WHERE service <> 'vitrine up';
-- Whoever else is on record is nobody any more.
INSERT INTO principal (id, kind, name, created_at, ended_at)
SELECT gen_random_uuid(), 'service', name, clock_timestamp(), clock_timestamp()
FROM (
    SELECT actor FROM event
    UNION SELECT actor FROM asset_approval UNION SELECT ended_by FROM asset_approval
    UNION SELECT actor FROM taken_back UNION SELECT ended_by FROM taken_back
    UNION SELECT stated_by FROM shared_setting
    UNION SELECT entry ->> 'actor' FROM media_association, jsonb_array_elements(provenance) AS entry
) AS known(name)
WHERE name NOT IN ('', 'an operator') AND name NOT IN (SELECT name FROM principal);

ALTER TABLE api_key
    ADD COLUMN principal_id uuid REFERENCES principal,
    ADD COLUMN owner_id uuid REFERENCES principal,
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz;
UPDATE api_key SET principal_id = principal.id FROM key_service, principal
WHERE key_service.key = api_key.name AND principal.name = key_service.service;
ALTER TABLE api_key ALTER COLUMN principal_id SET NOT NULL;
CREATE INDEX api_key_principal ON api_key (principal_id) WHERE revoked_at IS NULL;
CREATE INDEX api_key_owner ON api_key (owner_id) WHERE revoked_at IS NULL;

-- What a migration wrote itself had no name, and an operator is whoever has the command line.
CREATE FUNCTION pg_temp.principal_of(actor text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT id FROM public.principal
    WHERE name = CASE actor WHEN '' THEN 'vitrine migrate' WHEN 'an operator' THEN 'cli' ELSE actor END
$$;
-- The log takes no lock on who acts, so no foreign key: a change takes a principal, not a text.
ALTER TABLE event ALTER COLUMN actor TYPE uuid USING pg_temp.principal_of(actor);
ALTER TABLE asset_approval
    ALTER COLUMN actor TYPE uuid USING pg_temp.principal_of(actor),
    ALTER COLUMN ended_by TYPE uuid USING pg_temp.principal_of(ended_by),
    ADD FOREIGN KEY (actor) REFERENCES principal,
    ADD FOREIGN KEY (ended_by) REFERENCES principal;
ALTER TABLE taken_back
    ALTER COLUMN actor TYPE uuid USING pg_temp.principal_of(actor),
    ALTER COLUMN ended_by TYPE uuid USING pg_temp.principal_of(ended_by),
    ADD FOREIGN KEY (actor) REFERENCES principal,
    ADD FOREIGN KEY (ended_by) REFERENCES principal;
ALTER TABLE shared_setting
    ALTER COLUMN stated_by TYPE uuid USING pg_temp.principal_of(stated_by),
    ADD FOREIGN KEY (stated_by) REFERENCES principal;
UPDATE media_association SET provenance = (
    SELECT jsonb_agg(entry || jsonb_build_object('actor', pg_temp.principal_of(entry ->> 'actor'))
                     ORDER BY place)
    FROM jsonb_array_elements(provenance) WITH ORDINALITY AS of(entry, place)
) WHERE provenance <> '[]';

-- migrate:down
CREATE FUNCTION pg_temp.name_of(actor uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT name FROM public.principal WHERE id = actor
$$;
UPDATE media_association SET provenance = (
    SELECT jsonb_agg(entry || jsonb_build_object('actor', pg_temp.name_of((entry ->> 'actor')::uuid))
                     ORDER BY place)
    FROM jsonb_array_elements(provenance) WITH ORDINALITY AS of(entry, place)
) WHERE provenance <> '[]';
ALTER TABLE shared_setting
    DROP CONSTRAINT shared_setting_stated_by_fkey,
    ALTER COLUMN stated_by TYPE text USING pg_temp.name_of(stated_by);
ALTER TABLE taken_back
    DROP CONSTRAINT taken_back_actor_fkey,
    DROP CONSTRAINT taken_back_ended_by_fkey,
    ALTER COLUMN actor TYPE text USING pg_temp.name_of(actor),
    ALTER COLUMN ended_by TYPE text USING pg_temp.name_of(ended_by);
ALTER TABLE asset_approval
    DROP CONSTRAINT asset_approval_actor_fkey,
    DROP CONSTRAINT asset_approval_ended_by_fkey,
    ALTER COLUMN actor TYPE text USING pg_temp.name_of(actor),
    ALTER COLUMN ended_by TYPE text USING pg_temp.name_of(ended_by);
ALTER TABLE event ALTER COLUMN actor TYPE text USING pg_temp.name_of(actor);
ALTER TABLE api_key
    DROP COLUMN last_used_at, DROP COLUMN expires_at, DROP COLUMN owner_id, DROP COLUMN principal_id;
DROP TABLE principal;
