"""Old counters are kept by longer units; nothing of what they count is lost."""

from datetime import UTC, datetime, timedelta

from catalog.clock import utc_now
from catalog.db import Pool
from catalog.events.housekeeping_store import roll_up_counters

REPORT_SQL = """
SELECT gateway_report(gen_random_uuid(), denials => $1::jsonb, egresses => $2::jsonb,
                      secret => gen_random_uuid())
"""


async def count(pool: Pool, *instants: datetime) -> None:
    place = {"asset": "aaaa", "channel": "d2c", "country": "DE"}
    minutes = [each.replace(second=0, microsecond=0).isoformat() for each in instants]
    denials = [{**place, "reason": "TERRITORY", "minute": each, "count": 2} for each in minutes]
    egresses = [
        {**place, "preset": "card", "how": "direct", "minute": each, "bytes": 10, "requests": 1}
        for each in minutes
    ]
    await pool.execute(REPORT_SQL, denials, egresses)


async def egress(pool: Pool) -> dict[datetime, int]:
    return {row["minute"]: row["requests"] for row in await pool.fetch("SELECT * FROM egress")}


async def test_counters_of_last_week_are_kept_by_the_hour(pool: Pool) -> None:
    old = (utc_now() - timedelta(days=10)).replace(minute=0, second=0, microsecond=0)
    new = utc_now().replace(second=0, microsecond=0)
    await count(pool, old, old + timedelta(minutes=5), old + timedelta(minutes=59), new)

    async with pool.acquire() as conn:
        gone = [await roll_up_counters(conn, "hour", after_days=7) for _ in range(2)]

    assert gone == [4, 0]  # two minutes of each of the two tables
    assert await egress(pool) == {old: 3, new: 1}
    assert await pool.fetchval("SELECT sum(count) FROM denial WHERE minute = $1", old) == 6
    assert await pool.fetchval("SELECT sum(bytes) FROM egress") == 40


async def test_counters_of_last_year_are_kept_by_the_day_of_utc(pool: Pool) -> None:
    day = (utc_now() - timedelta(days=200)).astimezone(UTC)
    day = day.replace(hour=0, minute=0, second=0, microsecond=0)
    await count(
        pool, day + timedelta(hours=1), day + timedelta(hours=23), day + timedelta(hours=24)
    )

    async with pool.acquire() as conn:
        await roll_up_counters(conn, "day", after_days=90)

    assert await egress(pool) == {day: 2, day + timedelta(days=1): 1}
