"""What a login has to be allowed before a migration begins, so that none stops half-way."""

from catalog.db import Connection, Record
from catalog.versions import DatabaseState, needed_migrations
from vitrine.roles import ROLES

_EXTENSIONS = ["ltree", "btree_gist"]
_RIGHTS_SQL = """
SELECT has_schema_privilege('public', 'CREATE') AS may_create,
       has_database_privilege(current_database(), 'CREATE') AS may_extend,
       ARRAY(SELECT name FROM unnest($2::text[]) AS name
             WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = name)) AS extensions,
       (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user)
           AS may_make_roles,
       ARRAY(SELECT name FROM unnest($1::text[]) AS name
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)) AS missing_roles,
       coalesce((SELECT bool_and(pg_has_role(c.relowner, 'USAGE')) FROM pg_class AS c
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                   AND NOT EXISTS (SELECT FROM pg_depend AS d
                                   WHERE d.objid = c.oid AND d.deptype = 'e')),
                true) AS owns_tables
"""


async def missing_rights(conn: Connection, state: DatabaseState) -> str | None:
    """Say which rights a login lacks for what there is to do in a database; None: none."""
    rights = await conn.fetchrow(_RIGHTS_SQL, list(ROLES), _EXTENSIONS)
    assert rights is not None  # noqa: S101 - a SELECT without FROM has one row
    missing = _missing(rights, state)
    if not missing:
        return None
    return (
        f"the login {state.login} may not migrate the database {state.database}, and nothing was "
        f"changed. It needs {'; '.join(missing)}"
    )


def _missing(rights: Record, state: DatabaseState) -> list[str]:
    login, missing = state.login, list[str]()
    if not needed_migrations() <= state.applied:
        if not rights["owns_tables"]:
            missing.append("to own all tables: migrate with the login that made them")
        if not rights["may_create"]:
            missing.append(f"to make tables: `GRANT CREATE ON SCHEMA public TO {login}`")
        if rights["extensions"] and not rights["may_extend"]:
            made = "; ".join(f"CREATE EXTENSION {each}" for each in rights["extensions"])
            missing.append(
                f"to add extensions: `GRANT CREATE ON DATABASE {state.database} TO {login}`, or "
                f"`{made}` by a superuser"
            )
    if rights["missing_roles"] and not rights["may_make_roles"]:
        made = "; ".join(f"CREATE ROLE {each}" for each in rights["missing_roles"])
        missing.append(
            f"to make the roles of processes: `ALTER ROLE {login} CREATEROLE`, or `{made}` by a "
            "superuser"
        )
    return missing
