"""What a login has to be allowed before a migration begins, so that none stops half-way."""

from catalog.db import Connection, Record
from catalog.versions import DatabaseState, needed_migrations

_RIGHTS_SQL = """
SELECT has_schema_privilege('public', 'CREATE') AS may_create,
       has_database_privilege(current_database(), 'CREATE') AS may_extend,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'ltree') AS is_extended,
       (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user)
           AS may_make_roles,
       EXISTS (SELECT FROM pg_roles WHERE rolname = 'vitrine_gateway') AS has_role,
       coalesce((SELECT bool_and(pg_has_role(c.relowner, 'USAGE')) FROM pg_class AS c
                 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                   AND NOT EXISTS (SELECT FROM pg_depend AS d
                                   WHERE d.objid = c.oid AND d.deptype = 'e')),
                true) AS owns_tables
"""


async def missing_rights(conn: Connection, state: DatabaseState) -> str | None:
    """Say which rights a login lacks for what there is to do in a database; None: none."""
    rights = await conn.fetchrow(_RIGHTS_SQL)
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
        if not (rights["may_extend"] or rights["is_extended"]):
            missing.append(
                f"to add the extension ltree: `GRANT CREATE ON DATABASE {state.database} TO "
                f"{login}`, or `CREATE EXTENSION ltree` by a superuser"
            )
    if not (rights["has_role"] or rights["may_make_roles"]):
        missing.append(
            f"to make the role of gateways: `ALTER ROLE {login} CREATEROLE`, or `CREATE ROLE "
            "vitrine_gateway` by a superuser"
        )
    return missing
