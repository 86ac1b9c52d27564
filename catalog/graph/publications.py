"""Versions of what was published, and what is to begin or to end: for those who publish."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.access.rules import Narrowing
from catalog.db import Connection, Record
from catalog.graph.product_places import LIES_WITHIN, written_places
from catalog.statement_values import StatementValues


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationVersion:
    """A version of a product on a channel, live or ended.

    Attributes:
        checksum: SHA-256 of the document as canonical JSON; None: it has an older kind.
        published_by: None: it is from before that was kept; the audit knows.
        copy_of: the version whose document it published again; None: it was of the draft.
        ended_at: None: it is the one that is live.
    """

    version: int
    published_at: datetime
    published_by: uuid.UUID | None
    visible_from: datetime
    visible_until: datetime | None
    ended_at: datetime | None
    checksum: str | None
    copy_of: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPublication:
    """What is published and is to begin or to end.

    Attributes:
        product: its id.
        next_at: when, first of both.
    """

    product: uuid.UUID
    sku: str
    version: int
    visible_from: datetime
    visible_until: datetime | None
    next_at: datetime


VERSIONS_SQL = """
SELECT version, published_at, published_by, visible_from, visible_until, ended_at,
       CASE WHEN content_digest IS NOT NULL THEN checksum END AS checksum, copy_of
FROM publication
WHERE product = (SELECT id FROM product WHERE sku = $1) AND channel = $2
  AND ($3::int IS NULL OR version < $3)
ORDER BY version DESC LIMIT $4
"""


async def list_versions(
    conn: Connection, sku: str, channel: str, *, before: int | None, limit: int
) -> list[PublicationVersion]:
    """Return versions of a product on a channel, the newest first.

    Args:
        conn: to the primary.
        sku: of the product.
        channel: the code.
        before: only versions below this number; None: all.
        limit: at most so many.
    """
    rows = await conn.fetch(VERSIONS_SQL, sku, channel, before, limit)
    return [PublicationVersion(**dict(row)) for row in rows]


_SCHEDULED = """
SELECT * FROM (
    SELECT live.product, p.sku, live.version, live.visible_from, live.visible_until,
           CASE WHEN live.visible_from > {now} THEN live.visible_from
                ELSE live.visible_until END AS next_at
    FROM publication AS live JOIN product AS p ON p.id = live.product
    WHERE live.channel = {channel} AND live.ended_at IS NULL
      AND (live.visible_from > {now} OR live.visible_until > {now}){within}
) AS scheduled{after}
ORDER BY next_at, product LIMIT {limit}
"""


def scheduled_statement(
    channel: str,
    now: datetime,
    *,
    within: Sequence[Narrowing] | None,
    after: tuple[datetime, uuid.UUID] | None,
    limit: int,
) -> tuple[str, Sequence[object]]:
    """Write the statement of a page, and its values."""
    values = StatementValues()
    text = _SCHEDULED.format(
        now=values.add("{}::timestamptz", now),
        channel=values.add("{}", channel),
        within=""
        if within is None
        else " AND "
        + LIES_WITHIN.format(
            places=values.add("{}", written_places(within)),
            more=" AND (w.channels IS NULL OR live.channel = ANY (w.channels))",
        ),
        after=""
        if after is None
        else values.add(" WHERE (next_at, product) > ({}::timestamptz, {}::uuid)", *after),
        limit=values.add("{}", limit),
    )
    return text, values.all


async def list_scheduled(
    conn: Connection,
    channel: str,
    now: datetime,
    *,
    within: Sequence[Narrowing] | None,
    after: tuple[datetime, uuid.UUID] | None,
    limit: int,
) -> list[ScheduledPublication]:
    """Return what is published on a channel and is to begin or to end, what comes first first.

    Args:
        conn: to the primary.
        channel: the code.
        now: what is to come comes later.
        within: where whoever asks may see products; None: everywhere.
        after: the instant and product that the page before ended with.
        limit: at most so many.
    """
    text, values = scheduled_statement(channel, now, within=within, after=after, limit=limit)
    return [_scheduled(row) for row in await conn.fetch(text, *values)]


def _scheduled(row: Record) -> ScheduledPublication:
    return ScheduledPublication(**dict(row))
