"""Makes a large catalogue of a small one: each product and asset many times over, by SQL.

Ids of copies are MD5 of the original's and of the number of the copy, so that what names them is
copied without looking anything up.
"""

from collections.abc import Mapping
from typing import Final

from catalog.db import Connection

_LONG_S = 1_200
_PUBLIC_ID = "left(md5({0} || ':' || copy), 20)"
_ID = "md5({0}::text || ':' || copy)::uuid"
#: Of each table, what its copies have other than the original.
_COPIED: Final[Mapping[str, Mapping[str, str]]] = {
    "asset": {"id": _ID, "public_id": _PUBLIC_ID, "code": "{0} || '-' || copy"},
    "asset_version": {"asset": _ID},
    "asset_value": {"asset": _ID},
    "asset_licence": {"asset": _ID},
    "asset_epoch": {"asset": _ID},
    "asset_state": {"id": _ID, "asset": _ID},
    "rights_grant": {"id": _ID, "asset": _ID},
    "product": {"id": _ID, "public_id": _PUBLIC_ID, "sku": "{0} || '-' || copy", "parent": _ID},
    "product_value": {"owner": _ID},
    "product_category": {"product": _ID},
    "publication": {"product": _ID, "public_id": _PUBLIC_ID, "sku": "{0} || '-' || copy"},
    "search_document": {"product": _ID, "sku": "{0} || '-' || copy"},
    "media_association": {"id": _ID, "public_id": _PUBLIC_ID, "product": _ID, "asset": _ID},
}

COLUMNS_SQL = """
SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
TASKS_SQL = """
INSERT INTO task (kind, subject, cause, role, public_id)
SELECT 'todo', 'asset/bench' || n, 'look at ' || n, 'editor', 'task' || n
FROM generate_series(1, $1) AS n
"""


async def enlarge(conn: Connection, copies: int, tasks: int) -> None:
    """Copy all products and assets so many times, and note so many tasks."""
    await conn.execute("SET session_replication_role = replica")  # rows come table by table
    for table, changed in _COPIED.items():
        columns: list[str] = await conn.fetchval(COLUMNS_SQL, table)
        values = [changed.get(name, "{0}").format(f'o."{name}"') for name in columns]
        names = ", ".join(f'"{name}"' for name in columns)
        await conn.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} AS o, "  # noqa: S608 - names of our own tables
            f"generate_series(1, {copies}) AS made(copy)",
            timeout=_LONG_S,
        )
    await conn.execute(TASKS_SQL, tasks)
    await conn.execute("RESET session_replication_role")
    await conn.execute("VACUUM ANALYZE", timeout=_LONG_S)
