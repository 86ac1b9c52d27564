"""Two changes at once, the later one waiting for a lock that the earlier one holds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from catalog.changes import Change, Changes
from tests.support.people import ADA, LAWYER
from tests.support.waiting import eventually

Result = TypeVar("Result")

WAITING_SQL = """
SELECT EXISTS (SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
               WHERE d.datname = current_database() AND NOT l.granted)
    OR EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock')
"""


async def one_behind_the_other(
    changes: Changes,
    first: Callable[[Change], Awaitable[object]],
    second: Callable[[Change], Awaitable[Result]],
) -> Result:
    """Begin both; the first commits once the second waits for it. Return what the second did."""

    async def follow() -> Result:
        async with changes.begin(LAWYER) as change:
            return await second(change)

    async def is_waiting() -> bool:
        return following.done() or await changes.pool.fetchval(WAITING_SQL)

    async with changes.begin(ADA) as change:
        await first(change)
        following = asyncio.create_task(follow())
        await eventually(is_waiting)
    return await following
