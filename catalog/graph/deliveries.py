"""What was delivered of an asset, where, and what was refused: the counters and the event log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.db import Connection
from catalog.rights.term_sql import holders_of, terms_ever_on

_MOST_FACTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCount:
    """Deliveries that are alike.

    Attributes:
        country: ISO 3166-1 alpha-2; `ZZ`: unknown.
        how: `direct` to a browser or a cache that does not ask; `leave` the decision that an
            authorising edge may deliver what it holds, for as long as it may keep that;
            `fill` bytes for such an edge, which asks before it delivers.
        requests: answers of gateways.
        first, last: the minutes in which they began to be counted.
    """

    country: str
    channel: str
    preset: str
    how: str
    requests: int
    bytes: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialCount:
    """Refusals that are alike."""

    country: str
    channel: str
    reason: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event of the log that had a say in the asset."""

    type: str
    subject: str
    actor: str
    time: datetime
    data: dict[str, Any]


DELIVERED_SQL = """
SELECT country, channel, preset, how, sum(requests)::bigint AS requests,
       sum(bytes)::bigint AS bytes, min(minute) AS first, max(minute) AS last
FROM egress WHERE asset = $1 AND minute >= date_trunc('minute', $2::timestamptz) AND minute < $3
GROUP BY country, channel, preset, how ORDER BY requests DESC, country, channel, preset, how
"""


DENIED_SQL = """
SELECT country, channel, reason, sum(count)::bigint AS count,
       min(minute) AS first, max(minute) AS last
FROM denial WHERE asset = $1 AND minute >= date_trunc('minute', $2::timestamptz) AND minute < $3
GROUP BY country, channel, reason ORDER BY count DESC, country, channel, reason
"""

FACTS_SQL = f"""
WITH this AS (
    SELECT id FROM asset WHERE public_id = $1
), term AS (
    SELECT unnest(t.include || t.exclude) AS code
    FROM this CROSS JOIN LATERAL ({terms_ever_on("this.id")}) AS t
), subject AS (
    SELECT h.name FROM this CROSS JOIN LATERAL ({holders_of("this.id", ever=True)}) AS h
    UNION
    SELECT 'licence/' || l.public_id FROM asset AS a JOIN rights_grant AS g ON g.asset = a.id
    JOIN licence AS l ON l.id = g.document WHERE a.public_id = $1
    UNION
    SELECT 'set/' || s.code FROM territory_set AS s WHERE s.code IN (SELECT code FROM term)
)
SELECT e.type, e.subject, who.name AS actor, e.time, e.data
FROM subject JOIN event AS e ON e.subject = subject.name JOIN principal AS who ON who.id = e.actor
WHERE e.time >= $2 AND e.time < $3 ORDER BY e.seq DESC LIMIT $4
"""  # noqa: S608 - ours


async def find_deliveries(
    conn: Connection, asset: str, since: datetime, until: datetime
) -> tuple[list[DeliveryCount], list[DenialCount], list[Fact]]:
    """Return what was delivered and refused of an asset in the minutes of `[since, until)`.

    Third come the events about it, and about what its rights come from, the newest first.
    """
    return (
        [DeliveryCount(**row) for row in await conn.fetch(DELIVERED_SQL, asset, since, until)],
        [DenialCount(**row) for row in await conn.fetch(DENIED_SQL, asset, since, until)],
        [Fact(**row) for row in await conn.fetch(FACTS_SQL, asset, since, until, _MOST_FACTS)],
    )


COUNTED_SQL = """
SELECT CASE WHEN $1::timestamptz > clock_timestamp() - interval '7 days'
       THEN coalesce(sum(requests), 0)::bigint END FROM egress
WHERE minute >= date_trunc('minute', $1::timestamptz) AND minute <= $2
"""


async def count_delivered(conn: Connection, first: datetime, last: datetime) -> int | None:
    """Return how many deliveries all gateways counted in the minutes of `[first, last]`.

    None: they are so old that they are no longer kept by the minute.
    """
    return await conn.fetchval(COUNTED_SQL, first, last)
