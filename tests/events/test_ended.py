"""A connection that the database ends, and errors of asyncpg after which it is still open."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from catalog.db import DATABASE_GONE, Connection, Pool, open_pool
from tests.support.proxy import run_proxy

END_SQL = """
SELECT pg_terminate_backend(pid, 10_000) FROM pg_stat_activity
WHERE application_name = 'ending' AND datname = current_database()
"""
_STEPS = 50  # of the event loop, by which what the server wrote has come through the proxy


async def test_a_question_after_the_last_word_of_the_server_finds_the_database_gone(
    pool: Pool, database_url: str
) -> None:
    async with (
        run_proxy(database_url) as (proxy, url),
        open_pool(url, application="ending", max_size=1) as ending,
    ):
        proxy.hold_ends()
        await pool.execute(END_SQL)
        for _ in range(_STEPS):
            await asyncio.sleep(0)
        with pytest.raises(DATABASE_GONE):
            await ending.fetchval("SELECT 1")
        proxy.heal()
        assert await ending.fetchval("SELECT 1") == 1


async def test_an_internal_error_on_a_connection_that_is_open_is_no_database_that_is_gone(
    pool: Pool, database_url: str
) -> None:
    assert pool
    async with open_pool(database_url, application="open") as opened:
        with pytest.raises(asyncpg.InternalClientError) as caught:
            async with opened.acquire():
                raise asyncpg.InternalClientError("another operation is in progress")
        assert not isinstance(caught.value, DATABASE_GONE)


async def _without_argument(conn: Connection) -> None:
    await conn.fetchval("SELECT $1::int")


async def _two_at_once(conn: Connection) -> None:
    await asyncio.gather(conn.fetchval("SELECT 1"), conn.fetchval("SELECT 2"))


@pytest.mark.parametrize("misuse", [_without_argument, _two_at_once])
async def test_a_misuse_of_a_connection_is_no_database_that_is_gone(
    database_url: str, misuse: Callable[[Connection], Awaitable[object]]
) -> None:
    async with open_pool(database_url, application="open") as opened:
        with pytest.raises(asyncpg.InterfaceError) as caught:
            async with opened.acquire() as conn:
                await misuse(conn)
        assert not isinstance(caught.value, DATABASE_GONE)


async def _close(conn: Connection) -> None:
    await conn.close()


async def _terminate(conn: Connection) -> None:
    conn.terminate()


@pytest.mark.parametrize("end", [_close, _terminate])
async def test_a_question_to_a_connection_that_was_closed_finds_the_database_gone(
    database_url: str, end: Callable[[Connection], Awaitable[None]]
) -> None:
    async with open_pool(database_url, application="closed") as opened:
        with pytest.raises(DATABASE_GONE):  # noqa: PT012 - of the pool, when it ends
            async with opened.acquire() as conn:
                await end(conn)
                await conn.fetchval("SELECT 1")
        assert await opened.fetchval("SELECT 1") == 1


def test_a_standby_where_a_primary_is_needed_counts_as_gone() -> None:
    assert issubclass(asyncpg.TargetServerAttributeNotMatched, DATABASE_GONE)
