"""The roles of processes: made, given what they need, and kept from all else, at every migration.

`vitrine_gateway` reads what a gateway decides by. `vitrine_process` is for api, purger and relay:
it changes every row but those of the audit, to which it only adds, and no table.

Roles belong to the cluster and are in no backup of a database, and a restore may leave their rights
out. So they are not stated once, in a migration, but held against what they have to be.
"""

from dataclasses import dataclass

from catalog.db import Connection

#: What a gateway decides by.
READABLE = (
    *("asset", "asset_epoch", "asset_licence", "asset_state", "asset_version", "channel"),
    *("collection", "collection_asset", "event", "gateway", "licence", "live_asset", "preset"),
    *("product", "publication", "purge", "rights_grant", "rights_restriction"),
    *("schema_migrations", "shared_setting", "signing_key", "territory_member", "territory_set"),
)

#: What processes add to, and never change.
APPENDED = ("audit", "audit_key", "audit_seal")

ROLES = ("vitrine_gateway", "vitrine_process")
_MISSING_ROLES_SQL = """
SELECT name FROM unnest($1::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
"""
_MAKE_ROLE_SQL = """
DO $$ BEGIN
    CREATE ROLE {} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# Also what was everybody's (below): the locks of drivers, imports and new products, and temporary
# tables, into which a check of an import copies the catalogue.
_UNUSABLE_SQL = """
WITH needed AS (
    SELECT c.oid, c.relname, c.relkind, right_
    FROM pg_class AS c
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
      AND (right_ = 'SELECT' OR c.relkind <> 'v' AND c.relname <> 'schema_migrations'
           AND (right_ = 'INSERT' OR c.relname <> ALL ($1::text[])))
)
SELECT format('GRANT %s ON %s TO vitrine_process', right_, oid::regclass) FROM needed
WHERE NOT has_table_privilege('vitrine_process', oid, right_)
UNION ALL
SELECT format('REVOKE %s ON %s FROM vitrine_process', right_, oid::regclass)
FROM pg_class CROSS JOIN unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS right_
WHERE relnamespace = 'public'::regnamespace AND relname = ANY ($1::text[]) AND relkind = 'r'
  AND has_table_privilege('vitrine_process', oid, right_)
UNION ALL
SELECT format('GRANT USAGE ON SEQUENCE %s TO vitrine_process', oid::regclass) FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND CASE relkind WHEN 'S' THEN NOT has_sequence_privilege('vitrine_process', oid, 'USAGE') END
UNION ALL
SELECT format('GRANT EXECUTE ON FUNCTION %s TO vitrine_process', oid::regprocedure) FROM pg_proc
WHERE (pronamespace = 'public'::regnamespace AND proname IN ('gateway_report', 'gateway_describes')
       OR pronamespace = 'pg_catalog'::regnamespace
          AND proname ~ '^(pg_(try_)?advisory_|pg_notify$)')
  AND NOT has_function_privilege('vitrine_process', oid, 'EXECUTE')
UNION ALL
SELECT format('GRANT TEMPORARY ON DATABASE %I TO vitrine_process', datname) FROM pg_database
WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')
  AND NOT has_database_privilege('vitrine_process', oid, 'TEMPORARY')
"""
_UNREADABLE_SQL = """
SELECT format('GRANT SELECT ON public.%I TO vitrine_gateway', name) FROM unnest($1::text[]) AS name
WHERE NOT has_table_privilege('vitrine_gateway', to_regclass(format('public.%I', name)), 'SELECT')
UNION ALL
SELECT format('GRANT EXECUTE ON FUNCTION %s TO vitrine_gateway', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname IN ('gateway_report', 'gateway_describes')
  AND NOT has_function_privilege('vitrine_gateway', oid, 'EXECUTE')
"""
# What anybody may do unless it is taken away: make temporary tables and large objects, hold the
# locks by which purgers hold their drivers, write to the log of PostgreSQL, end the sessions of the
# same login. The owner of the tables keeps it. NOTIFY is nobody's to take away; it wakes, no more.
_EVERYBODYS_SQL = """
WITH owner AS (
    SELECT relowner AS oid, pg_get_userbyid(relowner) AS name FROM pg_class
    WHERE oid = 'public.event'::regclass
), everybodys AS (
    SELECT format('TEMPORARY ON DATABASE %I', datname) AS what, datdba AS grantor
    FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl
    WHERE datname = current_database() AND acl.grantee = 0 AND acl.privilege_type = 'TEMPORARY'
    UNION ALL
    SELECT format('EXECUTE ON FUNCTION %s', p.oid::regprocedure), p.proowner
    FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND acl.grantee = 0
      AND p.proname ~ '^(lo_|lowrite$|pg_(try_)?advisory_|pg_logical_emit_message$|pg_notify$'
                      '|pg_cancel_backend$|pg_terminate_backend$)'
)
SELECT pg_has_role(grantor, 'USAGE') AS may_take,
       format('GRANT %s TO %I; REVOKE %s FROM PUBLIC', what, owner.name, what) AS statement
FROM everybodys, owner
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What became of the roles.

    Attributes:
        were_missing: whether the role, or a right of it, was not there.
        is_held: whether all was taken from everybody that a gateway must not do; only a superuser
            may.
    """

    were_missing: bool
    is_held: bool


async def ensure_roles(conn: Connection) -> Roles:
    """Make the roles of processes in a migrated database, with just the rights that they need."""
    async with conn.transaction():
        missing = [row[0] for row in await conn.fetch(_MISSING_ROLES_SQL, list(ROLES))]
        for role in missing:
            await conn.execute(_MAKE_ROLE_SQL.format(role))
        everybodys = await conn.fetch(_EVERYBODYS_SQL)
        for row in everybodys:
            if row["may_take"]:
                await conn.execute(row["statement"])
        grants = [
            *await conn.fetch(_UNREADABLE_SQL, list(READABLE)),
            *await conn.fetch(_UNUSABLE_SQL, list(APPENDED)),
        ]
        for (statement,) in grants:
            await conn.execute(statement)
    return Roles(
        were_missing=bool(grants or missing),
        is_held=all(row["may_take"] for row in everybodys),
    )
