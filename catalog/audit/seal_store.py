"""The SQL of the audit's seals."""

from catalog.audit.restores import RESTORE_STATED, StatedRestore, read_restore
from catalog.audit.seals import Seal
from catalog.db import Connection, Record

#: All columns but the id, in the words of the database alone: no zone and no setting of a session
#: has a part in them.
ROW_TEXT = """jsonb_build_array(
    event, extract(epoch FROM time), actor, address, api_key, session, type, subject, data, before,
    after
)::text"""

#: The number of a transaction is given with its first write, and that of an event comes before
#: that of its audit: so whoever holds an id below the highest one has a lower number than is given
#: here. The snapshot's own end says less: the highest transaction that is over.
NEWEST_SQL = """
SELECT coalesce(max(id), 0) AS id, pg_current_xact_id()::text AS xact FROM audit
"""


async def newest(conn: Connection) -> tuple[int, str]:
    """Return the highest id, and a transaction that came after those with lower ids."""
    row = await conn.fetchrow(NEWEST_SQL)
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row["id"], row["xact"]


ARE_OVER_SQL = "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8"


async def are_over(conn: Connection, before: str) -> bool:
    """Return whether all transactions before one have ended."""
    return bool(await conn.fetchval(ARE_OVER_SQL, before))


LOCK_SQL = "SELECT pg_advisory_xact_lock(hashtext('vitrine audit seal'))"


async def lock(conn: Connection) -> None:
    """Let nobody else seal until the transaction ends."""
    await conn.execute(LOCK_SQL)


ROWS_SQL = f"""
SELECT id, {ROW_TEXT} AS text FROM audit WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3
"""  # noqa: S608 - our own words


async def rows_between(
    conn: Connection, after: int, until: int, limit: int | None = None
) -> list[tuple[int, str]]:
    """Return id and text of rows with `after < id <= until`, ascending."""
    return [(row["id"], row["text"]) for row in await conn.fetch(ROWS_SQL, after, until, limit)]


SEAL_AT_SQL = """
SELECT number, ids, marks, before, key, mac FROM audit_seal
WHERE number >= $1 ORDER BY number LIMIT 1
"""
LAST_SEAL_SQL = """
SELECT number, ids, marks, before, key, mac FROM audit_seal ORDER BY number DESC LIMIT 1
"""


def _seal(row: Record) -> Seal:
    return Seal(
        number=row["number"],
        ids=tuple(row["ids"]),
        marks=row["marks"],
        before=row["before"],
        key=row["key"],
        mac=row["mac"],
    )


async def last_seal(conn: Connection) -> Seal | None:
    """Return the newest seal."""
    row = await conn.fetchrow(LAST_SEAL_SQL)
    return _seal(row) if row else None


async def seal_from(conn: Connection, number: int) -> Seal | None:
    """Return the seal of a number, or else the next; None: there is none."""
    row = await conn.fetchrow(SEAL_AT_SQL, number)
    return _seal(row) if row else None


ADD_SEAL_SQL = """
INSERT INTO audit_seal (number, ids, marks, before, key, mac) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def add_seal(conn: Connection, seal: Seal) -> None:
    """Store a seal."""
    await conn.execute(
        ADD_SEAL_SQL,
        seal.number,
        list(seal.ids),
        seal.marks,
        seal.before,
        seal.key,
        seal.mac,
    )


# What was given up with a lost master key is empty.
KEYS_SQL = """
SELECT id, secret_sealed FROM audit_key WHERE secret_sealed <> '' ORDER BY created_at, id
"""


async def sealed_keys(conn: Connection) -> dict[str, bytes]:
    """Return the keys that seal, sealed themselves, by id."""
    return {row["id"]: row["secret_sealed"] for row in await conn.fetch(KEYS_SQL)}


ADD_KEY_SQL = """
INSERT INTO audit_key (id, secret_sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING
"""


async def add_key(conn: Connection, key: str, sealed: bytes) -> None:
    """Store a key, unless it is known."""
    await conn.execute(ADD_KEY_SQL, key, sealed)


STATED_RESTORES_SQL = """
SELECT id, time, actor, data FROM audit WHERE type = $1 AND id <= $2 ORDER BY id
"""


async def stated_restores(conn: Connection, until: int) -> list[StatedRestore]:
    """Return the restores that were stated in rows up to an id, and explain something."""
    rows = await conn.fetch(STATED_RESTORES_SQL, RESTORE_STATED, until)
    stated = [read_restore(row["id"], row["time"], row["actor"], row["data"]) for row in rows]
    return [each for each in stated if each.heads]


# Each event has its row in the audit, written with it; those from before there was one have none.
WITHOUT_ROW_SQL = """
SELECT count(*) FROM event AS e
WHERE e.seq >= (SELECT min(first.seq) FROM event AS first JOIN audit ON audit.event = first.id)
  AND NOT EXISTS (SELECT FROM audit WHERE audit.event = e.id)
"""


async def events_without_row(conn: Connection) -> int:
    """Return how many events the audit has lost, and the event log has not."""
    return await conn.fetchval(WITHOUT_ROW_SQL)


AGE_AFTER_SQL = """
SELECT count(*) AS rows,
       coalesce(extract(epoch FROM clock_timestamp() - min(time)), 0)::float8 AS age_s
FROM audit WHERE id > $1
"""


async def age_after(conn: Connection, last: int) -> tuple[int, float]:
    """Return how many rows come after an id, and the age of the oldest in seconds; 0: none do."""
    row = await conn.fetchrow(AGE_AFTER_SQL, last)
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row["rows"], row["age_s"]
