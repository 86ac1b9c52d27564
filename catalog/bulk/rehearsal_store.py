"""The SQL of a check: a session whose tables are temporary copies, and which can write no other.

The temporary tables have the names of the real ones and are found first, so that the very same
statements run; the session may only read whatever is not temporary.
"""

from catalog.db import Connection

# What an import only adds to, or that no import reads.
_LEFT_EMPTY = frozenset({
    *("event", "inbox", "purge", "denial", "egress", "document", "import_run"),
    *("task", "task_comment", "work", "work_row", "upload"),
    *("gateway", "api_key", "signing_key", "search_document"),
    *("session", "login_link", "local_credential", "scim_token"),
    *("login_attempt", "oidc_identity", "process", "saved_view", "default_view"),
    *("audit", "audit_seal", "audit_key", "replay", "replay_incident"),
})

TABLES_SQL = """
SELECT t.relname AS name,
       (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
       ) AS columns,
       (SELECT attname FROM pg_attribute
        WHERE attrelid = t.oid AND attnum > 0 AND attidentity <> '') AS identity
FROM pg_class AS t
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
  AND t.relname NOT LIKE 'procrastinate%' AND t.relname <> 'schema_migrations'
"""
# Who decided about rights stands in events: those of what somebody decided about are read.
DECIDED_SQL = """
INSERT INTO pg_temp.event OVERRIDING SYSTEM VALUE
SELECT e.* FROM public.event AS e WHERE e.subject IN (
    SELECT subject FROM public.event
    WHERE type = 'rights.changed' AND (data ? 'grants' OR data ? 'restrictions'))
"""
WRITABLE_SQL = "SET default_transaction_read_only = off"
READ_ONLY_SQL = "SET default_transaction_read_only = on"


async def rehearse(conn: Connection) -> None:
    """Copy the catalogue into temporary tables of this session, which from now on writes no other.

    Args:
        conn: kept for the whole check; the copies end with it. Of a pool that keeps its session.
    """
    await conn.execute(WRITABLE_SQL)
    async with conn.transaction(isolation="repeatable_read"):
        for table in await conn.fetch(TABLES_SQL):
            name, columns, identity = table["name"], table["columns"], table["identity"]
            await conn.execute(f'CREATE TEMP TABLE "{name}" (LIKE public."{name}" INCLUDING ALL)')
            if name not in _LEFT_EMPTY:
                await conn.execute(
                    f'INSERT INTO pg_temp."{name}" ({columns}) OVERRIDING SYSTEM VALUE '  # noqa: S608 - names of our own tables
                    f'SELECT {columns} FROM public."{name}"',
                    timeout=None,
                )
            elif name == "event":
                await conn.execute(DECIDED_SQL, timeout=None)
            await conn.execute(f'ANALYZE pg_temp."{name}"')
            if identity is not None:
                await conn.execute(
                    f"SELECT setval(pg_get_serial_sequence('pg_temp.\"{name}\"', '{identity}'), "  # noqa: S608 - as above
                    f'(SELECT coalesce(max("{identity}"), 0) + 1 FROM pg_temp."{name}"), false)'
                )
    await conn.execute(READ_ONLY_SQL)
