"""The SQL of boundaries: which starts and ends of rights and publications time has reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from catalog.db import Connection
from catalog.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedBoundary:
    """A start or an end that has come.

    Attributes:
        at: the first instant at which the other answer may hold.
        key: orders those of one instant.
        aggregate: the event's subject, such as `licence/7f3k2cq9`.
        version: of the aggregate.
        subjects: what rests on it.
    """

    at: datetime
    key: str
    edge: Literal["start", "end"]
    kind: Literal["grant", "restriction", "publication"]
    aggregate: str
    version: int
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryCursor:
    """How far boundaries are announced.

    Attributes:
        reached: all before it are.
        key: of that instant, those up to this key are.
        now: the database's clock.
    """

    reached: datetime
    key: str
    now: datetime


REACHED_SQL = """
WITH boundary_after AS MATERIALIZED (
    SELECT * FROM boundary
    WHERE at >= $1 AND at <= $3 AND (at > $1 OR key > $2)
    ORDER BY at, key LIMIT $4
)
SELECT b.at, b.key, b.edge, b.kind, of.aggregate, of.version,
       of.own || ARRAY(
           -- no picture is tagged with a collection; its assets are what edges can find
           SELECT 'asset:' || asset.public_id
           FROM collection_asset AS m JOIN asset ON asset.id = m.asset
           WHERE m.collection = b.collection AND m.ended_at IS NULL
           ORDER BY 1
       ) AS subjects
FROM boundary_after AS b
CROSS JOIN LATERAL (
    SELECT 'asset/' || public_id AS aggregate, epoch AS version, ARRAY['asset:' || public_id] AS own
    FROM asset JOIN asset_epoch ON asset_epoch.asset = asset.id WHERE asset.id = b.asset
    UNION ALL
    SELECT 'collection/' || code, 1, ARRAY['collection:' || code]
    FROM collection WHERE id = b.collection
    UNION ALL
    SELECT 'licence/' || public_id, revision, ARRAY['licence:' || public_id]
    FROM licence WHERE id = b.licence
    UNION ALL
    SELECT 'publication/' || p.public_id || '/' || b.channel, p.revision, ARRAY(
        SELECT 'publication:' || owner.public_id || ':' || b.channel FROM product AS owner
        WHERE owner.id = p.id OR owner.id = ANY (b.ancestors) ORDER BY owner.id <> p.id, 1)
    FROM product AS p WHERE p.id = b.product
) AS of
ORDER BY b.at, b.key
"""


async def reached(
    conn: Connection, cursor: BoundaryCursor, *, limit: int
) -> Sequence[PassedBoundary]:
    """Return the oldest boundaries that the database's clock has passed and the cursor has not."""
    rows = await conn.fetch(REACHED_SQL, cursor.reached, cursor.key, cursor.now, limit)
    return [
        PassedBoundary(
            at=row["at"],
            key=row["key"],
            edge=row["edge"],
            kind=row["kind"],
            aggregate=row["aggregate"],
            version=row["version"],
            subjects=tuple(Subject(subject) for subject in row["subjects"]),
        )
        for row in rows
    ]


CURSOR_SQL = "SELECT reached, key, clock_timestamp() AS now FROM boundary_cursor"
LOCK_CURSOR_SQL = "SELECT FROM boundary_cursor FOR UPDATE"


async def read_cursor(conn: Connection) -> BoundaryCursor:
    """Return how far boundaries are announced."""
    row = await conn.fetchrow(CURSOR_SQL)
    assert row is not None  # noqa: S101 - the migration put it there, and nothing removes it
    return BoundaryCursor(**row)


async def lock_cursor(conn: Connection) -> BoundaryCursor:
    """Make any other purger wait until this transaction has ended; then read the cursor."""
    await conn.execute(LOCK_CURSOR_SQL)
    return await read_cursor(conn)


MOVE_CURSOR_SQL = "UPDATE boundary_cursor SET reached = $1, key = $2"


async def move_cursor(conn: Connection, last: PassedBoundary) -> None:
    """Record that everything up to this boundary is announced."""
    await conn.execute(MOVE_CURSOR_SQL, last.at, last.key)


NEXT_SQL = """
SELECT min(at) FROM boundary
WHERE at >= $1 AND at <= $3::timestamptz + $4::float8 * interval '1 second'
  AND (at > $1 OR key > $2)
"""


async def next_in_s(conn: Connection, *, within_s: float) -> float | None:
    """Return the seconds to the next boundary, negative if it has passed; None: none so soon."""
    cursor = await read_cursor(conn)
    at = await conn.fetchval(NEXT_SQL, cursor.reached, cursor.key, cursor.now, within_s)
    return None if at is None else (at - cursor.now).total_seconds()
