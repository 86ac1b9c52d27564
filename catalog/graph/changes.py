"""What became visible in the event log, and which products and assets it touched, for followers.

Neither the order of `seq` nor that of transaction ids is the order in which events become visible,
so a place in the log is named by snapshots: whoever is there has seen all that `since` holds, and
of what `until` adds everything up to the event `seq`, and of that event everything up to `part`.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from catalog.db import Connection, Pool
from catalog.errors import InvalidInputError
from catalog.events.snapshot import Snapshot
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor
from catalog.purges.rules import LETTERS_OF_PICTURES
from catalog.rights.term_sql import holders_of

RESUMABLE_FOR = timedelta(hours=24)
_PAGE = 500
_LIST = "CHANGES"
_MAX_ID_LENGTH = 4_096
_LARGEST = 2**63 - 1


class UnknownEventError(InvalidInputError):
    """`after` is the id of no event of this catalogue."""

    code = "UNKNOWN_EVENT_ID"

    def __init__(self) -> None:
        super().__init__("`after` is no event id that was given here", field="after")


class EventTooOldError(InvalidInputError):
    """What came after the event is no longer given one by one."""

    code = "EVENT_TOO_OLD"

    def __init__(self) -> None:
        hours = RESUMABLE_FOR // timedelta(hours=1)
        super().__init__(
            f"the event is more than {hours} h old: read anew, then subscribe without `after`",
            field="after",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedProduct:
    """A product whose page changed on a channel.

    Attributes:
        how: its publication, which is visible now (`published`) or not (`unpublished`); or media.
    """

    id: str
    channel: str
    how: Literal["published", "unpublished", "media"]

    @property
    def part(self) -> str:
        """Return what orders the products of an event."""
        return f"{self.id} {self.how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAsset:
    """An asset that changed.

    Attributes:
        was_approved: at some time; before, only those who manage media or rights know of it.
    """

    id: str
    was_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where in the log a follower is, named by snapshots as the docstring of the module has it."""

    since: Snapshot
    until: Snapshot
    seq: int
    part: str

    def write(self) -> str:
        """Return the opaque id that `LogPlace.read` reads."""
        return write_cursor(_LIST, self.since.text, self.until.text, f"{self.seq}", self.part)

    @classmethod
    def read(cls, text: str) -> "LogPlace":
        """Read an id.

        Raises:
            UnknownEventError: it is none.
        """
        if len(text) > _MAX_ID_LENGTH:
            raise UnknownEventError
        try:
            since, until, seq, part = read_cursor(_LIST, text, count=4, field="after")
            place = cls(
                since=Snapshot.read(since), until=Snapshot.read(until), seq=int(seq), part=part
            )
        except (InvalidCursorError, ValueError) as error:
            raise UnknownEventError from error
        if not (0 < place.seq <= _LARGEST and place.until.xmax <= _LARGEST):
            raise UnknownEventError
        return place


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An event that became visible between two snapshots.

    Attributes:
        xid: the transaction that wrote it.
        products: in the order of their `part`.
        assets: in the order of their ids.
    """

    since: Snapshot
    until: Snapshot
    seq: int
    xid: int
    type: str
    products: tuple[ChangedProduct, ...]
    assets: tuple[ChangedAsset, ...]

    def place(self, part: str) -> LogPlace:
        """Return the place behind a part of it."""
        return LogPlace(since=self.since, until=self.until, seq=self.seq, part=part)


SNAPSHOT_SQL = "SELECT pg_current_snapshot()::text"


async def current_snapshot(conn: Connection) -> Snapshot:
    """Return what is visible now."""
    return Snapshot.read(await conn.fetchval(SNAPSHOT_SQL))


# $1 and $2 the snapshots, $3 the seq before the page, $4 its size.
#
# What became visible between two snapshots is not a range of `seq`: a transaction that took its
# numbers early may commit late. So the snapshots decide, and `seq` only orders and pages what they
# found. That `xid8` is not below the first snapshot's xmin follows from its not being visible
# there; it is said because an index answers it, where the visibility has to be asked row by row.
#
# The first three parts are MATERIALIZED: the planner takes what a snapshot lets through for a third
# of the log, and would read all publications and media first instead of looking up the few.
#
# An end of a publication is given of all that has been visible on the channel at some time, since
# a follower may show it still; a change of its media only while it is visible.
CHANGES_SQL = """
WITH became AS MATERIALIZED (
    SELECT seq, xid8, type, subjects, data FROM event
    WHERE subjects <> '{}' AND seq > $3
      AND xid8 >= pg_snapshot_xmin($1::text::pg_snapshot)
      AND NOT pg_visible_in_snapshot(xid8, $1::text::pg_snapshot)
      AND pg_visible_in_snapshot(xid8, $2::text::pg_snapshot)
    ORDER BY seq LIMIT $4
), named AS MATERIALIZED (
    SELECT b.seq, split_part(s, ':', 1) AS kind, split_part(s, ':', 2) AS id,
           split_part(s, ':', 3) AS channel
    FROM became AS b CROSS JOIN unnest(b.subjects) AS s
), asset_of AS MATERIALIZED (
    SELECT n.seq, a.id, a.public_id
    FROM named AS n JOIN asset AS a ON a.public_id = n.id WHERE n.kind IN ('asset', 'texts')
    UNION
    SELECT n.seq, a.id, a.public_id
    FROM named AS n JOIN licence AS l ON l.public_id = n.id
    JOIN asset_licence AS m ON m.licence = l.id AND m.ended_at IS NULL
    JOIN asset AS a ON a.id = m.asset WHERE n.kind = 'licence'
), page_of AS MATERIALIZED (
    SELECT n.seq, p.id, n.channel, false AS is_media
    FROM named AS n JOIN product AS p ON p.public_id = n.id WHERE n.kind = 'publication'
    UNION
    SELECT b.seq, p.id, m.channel, true
    FROM became AS b JOIN media_association AS m ON m.public_id = b.data ->> 'id'
    JOIN product AS p ON p.id = m.product WHERE b.type LIKE 'association.%'
    UNION
    SELECT a.seq, m.product, m.channel, true
    FROM asset_of AS a JOIN media_association AS m ON m.asset = a.id AND m.status = 'approved'
), touched AS (
    SELECT t.seq, p.public_id, p.channel,
           CASE WHEN t.is_media THEN 'media' WHEN bool_or(now.is_visible) THEN 'published'
                ELSE 'unpublished' END AS how
    FROM page_of AS t
    JOIN publication AS p
        ON p.product = t.id AND (t.channel IS NULL OR p.channel = t.channel)
    CROSS JOIN LATERAL (
        SELECT p.ended_at IS NULL AND p.visible_from <= clock_timestamp()
           AND (p.visible_until IS NULL OR p.visible_until > clock_timestamp()) AS is_visible
    ) AS now
    WHERE p.visible_from <= clock_timestamp() AND (now.is_visible OR NOT t.is_media)
    GROUP BY t.seq, p.public_id, p.channel, t.is_media
)
SELECT b.seq, b.xid8::text AS xid, b.type,
       ARRAY(SELECT ARRAY[t.public_id, t.channel, t.how] FROM touched AS t WHERE t.seq = b.seq
             ORDER BY t.public_id COLLATE "C", t.how COLLATE "C") AS products,
       ARRAY(SELECT ARRAY[a.public_id, CASE WHEN EXISTS (
                        SELECT FROM asset_state AS s WHERE s.asset = a.id AND s.status = 'approved'
                    ) THEN 'yes' ELSE 'no' END]
             FROM asset_of AS a WHERE a.seq = b.seq ORDER BY a.public_id COLLATE "C") AS assets
FROM became AS b ORDER BY b.seq
"""


async def changes(
    pool: Pool, since: Snapshot, until: Snapshot, *, after_seq: int = 0
) -> AsyncGenerator[LogEntry]:
    """Yield what became visible between two snapshots, in the order of the log, page by page.

    Args:
        pool: to the primary; a connection is held only while a page is read.
        since: what had been seen.
        until: what is to have been seen.
        after_seq: begin behind it.
    """
    while True:
        async with pool.acquire() as conn:
            rows = await conn.fetch(CHANGES_SQL, since.text, until.text, after_seq, _PAGE)
        for row in rows:
            yield LogEntry(
                since=since,
                until=until,
                seq=row["seq"],
                xid=int(row["xid"]),
                type=row["type"],
                products=_products(row["products"]),
                assets=tuple(
                    ChangedAsset(id=public_id, was_approved=was_approved == "yes")
                    for public_id, was_approved in row["assets"]
                ),
            )
        if len(rows) < _PAGE:
            return
        after_seq = rows[-1]["seq"]


def _products(rows: Sequence[tuple[str, str, str]]) -> tuple[ChangedProduct, ...]:
    how: dict[str, Literal["published", "unpublished", "media"]] = {
        "published": "published",
        "unpublished": "unpublished",
        "media": "media",
    }
    return tuple(
        ChangedProduct(id=public_id, channel=channel, how=how[said])
        for public_id, channel, said in rows
    )


AGE_SQL = """
SELECT clock_timestamp() - time FROM event
WHERE seq = $3 AND subjects <> '{}'
  AND pg_visible_in_snapshot(xid8, $2::text::pg_snapshot)
  AND NOT pg_visible_in_snapshot(xid8, $1::text::pg_snapshot)
"""


async def check_place(conn: Connection, place: LogPlace) -> None:
    """Refuse a place that a follower cannot go on from.

    Raises:
        UnknownEventError: it is none of this log.
        EventTooOldError: it is too far back.
    """
    age = await conn.fetchval(AGE_SQL, place.since.text, place.until.text, place.seq)
    if age is None:
        raise UnknownEventError
    if age > RESUMABLE_FOR:
        raise EventTooOldError


# The last change of an asset may be told of the asset itself, or of what its rights come from (a
# licence, a collection), or of a product whose page shows it: any of them had its pictures purged.
#
# An edge is dark once it has confirmed a second pass: the first is sent at once, and a gateway that
# had not read the change yet may have filled the edge again behind it.
#
# $1 the assets, $2 the letters of pictures' tags: what clears answers of the graph alone, such as a
# product that is published or a title that is edited, makes no picture dark.
PROGRESS_SQL = f"""
SELECT asked.asset, last.seq, purges.driver, purges.total, purges.confirmed, purges.dark_at
FROM unnest($1::text[]) AS asked(asset)
JOIN asset AS a ON a.public_id = asked.asset
CROSS JOIN LATERAL (
    SELECT e.id, e.seq FROM event AS e
    WHERE e.subject IN (
        {holders_of("a.id")}
        UNION ALL
        SELECT 'product/' || o.sku FROM media_association AS m
        JOIN product AS o ON o.id = m.product WHERE m.asset = a.id AND m.status = 'approved')
      AND EXISTS (SELECT FROM purge AS p WHERE p.cause = e.id AND left(p.tag, 1) = ANY ($2))
    ORDER BY e.seq DESC LIMIT 1
) AS last
CROSS JOIN LATERAL (
    SELECT p.driver, count(*) AS total, count(*) FILTER (WHERE p.state = 'confirmed') AS confirmed,
           CASE WHEN bool_and(p.state = 'confirmed') FILTER (WHERE p.pass = 2)
                THEN max(p.confirmed_at) FILTER (WHERE p.pass = 2) END AS dark_at
    FROM purge AS p JOIN purge_driver AS d ON d.driver = p.driver AND d.is_in_use
    WHERE p.cause = last.id GROUP BY p.driver
) AS purges
ORDER BY asked.asset, purges.driver
"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverProgress:
    """How many purges of a change a driver has confirmed; all passes count.

    Attributes:
        dark_at: when it had confirmed those that were sent once every gateway obeyed; None: not
            yet.
    """

    driver: str
    total: int
    confirmed: int
    dark_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetProgress:
    """How the purges of an asset's last change stand.

    Attributes:
        seq: of the change in the log.
    """

    seq: int
    drivers: tuple[DriverProgress, ...]

    @property
    def confirmed(self) -> int:
        """Return how many are confirmed."""
        return sum(each.confirmed for each in self.drivers)

    @property
    def dark_at(self) -> datetime | None:
        """Return when every edge was dark; None: not yet."""
        instants = [each.dark_at for each in self.drivers if each.dark_at is not None]
        return max(instants) if instants and len(instants) == len(self.drivers) else None

    @property
    def is_done(self) -> bool:
        """Return whether all are."""
        return all(each.confirmed == each.total for each in self.drivers)


async def purge_progress(conn: Connection, assets: Sequence[str]) -> dict[str, AssetProgress]:
    """Return how the purges of each asset's last change stand; absent: it has none.

    A change counts if its pictures had to be purged.
    """
    found: dict[str, AssetProgress] = {}
    for row in await conn.fetch(PROGRESS_SQL, list(assets), sorted(LETTERS_OF_PICTURES)):
        asset, seq, driver, total, confirmed, dark_at = row
        each = DriverProgress(driver=driver, total=total, confirmed=confirmed, dark_at=dark_at)
        before = found.get(asset)
        drivers = (*before.drivers, each) if before else (each,)
        found[asset] = AssetProgress(seq=seq, drivers=drivers)
    return found
