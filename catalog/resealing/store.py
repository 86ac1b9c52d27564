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

#: Which master key sealed a value of each kind: what it begins with names it, if it does so at all.
_NAME = {
    of.kind: f"CASE WHEN substring({of.column} FROM 1 FOR {len(MARK)}) = '\\x{MARK.hex()}'::bytea "
    f"THEN substring({of.column} FROM {len(MARK) + 1} FOR {NAME_BYTES}) END"
    for of in SEALED_COLUMNS
}


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


COUNT_SEALED_SQL: Final = {
    of.kind: f"""
SELECT {_NAME[of.kind]} AS key, count(*) AS count, count(*) FILTER (WHERE {of.is_needed}) AS needed
FROM {of.table} WHERE octet_length({of.column}) > 0 GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - of what stands above
    for of in SEALED_COLUMNS
}


async def count_sealed(
    conn: Connection, columns: Sequence[SealedColumn] = SEALED_COLUMNS
) -> list[SealedCount]:
    """Count sealed values by kind and master key."""
    return [
        SealedCount(kind=of.kind, **dict(row))
        for of in columns
        for row in await conn.fetch(COUNT_SEALED_SQL[of.kind])
    ]


LOCK_SEALED_BY_OTHERS_SQL: Final = {
    of.kind: f"""
SELECT {of.id}::text AS id, {of.column} AS sealed FROM {of.table}
WHERE octet_length({of.column}) > 0 AND {of.id}::text > $1 COLLATE "C"
  AND {_NAME[of.kind]} IS DISTINCT FROM $2
ORDER BY {of.id}::text COLLATE "C" LIMIT $3 FOR UPDATE
"""  # noqa: S608 - of what stands above
    for of in SEALED_COLUMNS
}


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
    rows = await conn.fetch(LOCK_SEALED_BY_OTHERS_SQL[of.kind], after, key, limit)
    return [(row["id"], row["sealed"]) for row in rows]


REPLACE_SEALED_SQL: Final = {
    of.kind: f"""
UPDATE {of.table} SET {of.column} = given.sealed
FROM unnest($1::text[], $2::bytea[]) AS given(id, sealed) WHERE {of.table}.{of.id}::text = given.id
"""  # noqa: S608 - of what stands above
    for of in SEALED_COLUMNS
}


async def replace_sealed(
    conn: Connection, of: SealedColumn, values: Sequence[tuple[str, bytes]]
) -> None:
    """Replace sealed values by id."""
    await conn.execute(
        REPLACE_SEALED_SQL[of.kind],
        [name for name, _ in values],
        [sealed for _, sealed in values],
    )


EMPTY_SEALED_SQL: Final = {
    of.kind: f"""
UPDATE {of.table} SET {of.column} = ''
WHERE {of.id}::text = ANY ($1::text[]) AND {of.column} IS NOT NULL
"""  # noqa: S608 - of what stands above
    for of in SEALED_COLUMNS
}


async def empty_sealed(conn: Connection, of: SealedColumn, names: Sequence[str]) -> None:
    """Leave sealed values empty by id, those that are not removed."""
    await conn.execute(EMPTY_SEALED_SQL[of.kind], names)


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
