"""The SQL of sealed values, wherever they are, and of connections that say which keys they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from catalog.db import Connection
from catalog.sealing import MARK, NAME_BYTES, Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """Where sealed values of a kind are.

    Attributes:
        kind: that a value is bound to, with its row's id.
        table, id, column: all in the schema `public`.
        is_needed: condition of the rows without whose values no process can work.
    """

    kind: Sealed
    table: str
    id: str
    column: str
    is_needed: str


#: All of them.
SEALED_COLUMNS: Final = (
    SealedColumn(
        kind=Sealed.SIGNING_KEY,
        table="signing_key",
        id="kid",
        column="secret_sealed",
        is_needed="state <> 'revoked'",
    ),
    SealedColumn(
        kind=Sealed.ONE_TIME_CODES,
        table="local_credential",
        id="principal_id",
        column="totp_sealed",
        is_needed="true",
    ),
    SealedColumn(
        kind=Sealed.AUDIT_KEY,
        table="audit_key",
        id="id",
        column="secret_sealed",
        is_needed="false",  # only to verify
    ),
)

_MARK_SQL = f"'\\x{MARK.hex()}'::bytea"
_NAME_SQL = (
    "CASE WHEN substring({0} FROM 1 FOR "
    f"{len(MARK)}) = {_MARK_SQL} THEN substring({{0}} FROM {len(MARK) + 1} FOR {NAME_BYTES}) END"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCount:
    """How many values of a kind one master key seals.

    Attributes:
        key: the first bytes of its fingerprint; None: they are from before values named it.
        needed: those of them without which no process can work.
    """

    kind: Sealed
    key: bytes | None
    count: int
    needed: int


async def count_sealed(
    conn: Connection, columns: Sequence[SealedColumn] = SEALED_COLUMNS
) -> list[SealedCount]:
    """Count sealed values by kind and master key."""
    return [
        SealedCount(kind=each.kind, **dict(row))
        for each in columns
        for row in await conn.fetch(
            f"SELECT {_NAME_SQL.format(each.column)} AS key, count(*) AS count, "  # noqa: S608 - ours
            f"count(*) FILTER (WHERE {each.is_needed}) AS needed "
            f"FROM {each.table} WHERE octet_length({each.column}) > 0 GROUP BY 1 ORDER BY 1"
        )
    ]


async def lock_sealed_by_others(
    conn: Connection, of: SealedColumn, key: bytes, *, after: str = "", limit: int | None = None
) -> list[tuple[str, bytes]]:
    """Return ids and values that another master key sealed, by ascending id, and lock their rows.

    Args:
        conn: in a transaction.
        of: which.
        key: the first bytes of the fingerprint of the key that is not another.
        after: the id that the last batch ended with.
        limit: the most of them; None: all.
    """
    rows = await conn.fetch(
        f"SELECT {of.id}::text AS id, {of.column} AS sealed FROM {of.table} "  # noqa: S608 - ours
        f"WHERE octet_length({of.column}) > 0 "
        f'AND {of.id}::text > $1 COLLATE "C" '
        f"AND {_NAME_SQL.format(of.column)} IS DISTINCT FROM $2 "
        f'ORDER BY {of.id}::text COLLATE "C" LIMIT $3 FOR UPDATE',
        after,
        key,
        limit,
    )
    return [(row["id"], row["sealed"]) for row in rows]


async def replace_sealed(
    conn: Connection, of: SealedColumn, values: Sequence[tuple[str, bytes]]
) -> None:
    """Replace sealed values by id."""
    await conn.execute(
        f"UPDATE {of.table} SET {of.column} = given.sealed "  # noqa: S608 - ours
        "FROM unnest($1::text[], $2::bytea[]) AS given(id, sealed) "
        f"WHERE {of.table}.{of.id}::text = given.id",
        [name for name, _ in values],
        [sealed for _, sealed in values],
    )


async def empty_sealed(conn: Connection, of: SealedColumn, names: Sequence[str]) -> None:
    """Leave sealed values empty by id, those that are not removed."""
    await conn.execute(
        f"UPDATE {of.table} SET {of.column} = '' "  # noqa: S608 - ours
        f"WHERE {of.id}::text = ANY ($1::text[]) AND {of.column} IS NOT NULL",
        names,
    )


MAY_RESEAL_SQL = """
SELECT bool_and(has_table_privilege(name, 'UPDATE')) FROM unnest($1::text[]) AS name
"""


async def may_reseal(conn: Connection) -> bool:
    """Return whether the login may change all that is sealed, those of the audit too."""
    return await conn.fetchval(MAY_RESEAL_SQL, [each.table for each in SEALED_COLUMNS]) is True


# An api and a gateway that say nothing of keys are of a version from before there were several.
ANNOUNCED_SQL = """
SELECT DISTINCT ON (process, client_addr, keys)
       substring(application_name FROM '^\\S+') AS process, client_addr::text AS address, pid,
       coalesce(substring(application_name FROM '\\[(.*)\\]$'), '') AS keys
FROM pg_stat_activity
WHERE datname = current_database()
  AND application_name ~ '^vitrine-(\\S+ \\[.*\\]|api|gateway)$'
ORDER BY process, client_addr, keys, pid
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a process says of its master keys by its connections.

    Attributes:
        address: where it runs; None: on the database's machine.
        pid: of one of its connections.
        keys: their names, and `@` with the place of a file that it reads them from.
    """

    process: str
    address: str | None
    pid: int
    keys: frozenset[str]


async def announced_keys(conn: Connection) -> list[Announced]:
    """Return the processes that work on this database with master keys."""
    return [
        Announced(
            process=row["process"],
            address=row["address"],
            pid=row["pid"],
            keys=frozenset(row["keys"].split()),
        )
        for row in await conn.fetch(ANNOUNCED_SQL)
    ]
