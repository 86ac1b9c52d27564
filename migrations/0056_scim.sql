-- migrate:up

-- What an identity provider keeps here by SCIM (RFC 7643): people, of whom each has the id of its
-- principal, and groups, as the provider wrote them.
CREATE TABLE scim_resource (
    id uuid PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('User', 'Group')),
    key text,
    external_id text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    modified_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    document jsonb NOT NULL
);
CREATE UNIQUE INDEX scim_resource_key ON scim_resource (type, key) WHERE key IS NOT NULL;
CREATE INDEX scim_resource_external ON scim_resource (type, external_id);
CREATE INDEX scim_resource_order ON scim_resource (type, id);
CREATE INDEX scim_resource_members ON scim_resource USING gin ((document -> 'members') jsonb_path_ops)
    WHERE type = 'Group';

CREATE TABLE scim_token (
    hash bytea PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES principal (id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);

-- migrate:down
DROP TABLE scim_token, scim_resource;
