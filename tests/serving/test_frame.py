"""The frame of a process: what it opens ends in order, and it says whether its database answers."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from catalog.db import Pool
from serving.health import Check
from serving.process import ProcessApp, open_process
from tests.support.serve import serve
from tests.support.waiting import eventually
from vitrine.settings import load_settings


async def test_what_runs_ends_before_what_it_works_with_is_closed(database_url: str) -> None:
    ended: list[str] = []
    begun = asyncio.Event()
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def store() -> AsyncGenerator[str]:
        yield "store"
        ended.append("store")

    async with open_process("test", database_url, checks, connections=1) as process:

        async def work() -> None:
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                ended.append(await process.pool.fetchval("SELECT 'work'"))

        async def leave() -> None:
            ended.append("leave")

        assert await process.open(store()) == "store"
        await process.run(work())
        process.at_end(leave)
        await begun.wait()
        assert await checks["database"]() is None
    assert ended == ["leave", "work", "store"]


async def test_a_process_says_how_it_stands_until_it_ends(database_url: str, pool: Pool) -> None:
    checks: dict[str, Check] = {}

    async def is_said() -> bool:
        return await pool.fetchval("SELECT count(*) FROM process") == 1

    async def missing() -> str:
        return "it is not there"

    async with open_process("test", database_url, checks, connections=1) as process:
        process.check("thing", missing)
        await process.report("purger")
        await eventually(is_said)
        row = await pool.fetchrow("SELECT kind, problems, feed_lag_s FROM process")
        assert row is not None
        assert tuple(row) == ("purger", {"thing": "it is not there"}, None)
    assert not await is_said()


async def test_an_app_holds_what_is_open_just_while_it_runs() -> None:
    @asynccontextmanager
    async def opened(_: object) -> AsyncGenerator[str]:
        yield "open"

    app = ProcessApp(load_settings(), opened)
    assert app.running is None
    async with serve(app):
        assert app.running == "open"
    assert app.running is None


async def test_an_app_answers_nothing_by_what_is_being_closed_or_failed_to_close() -> None:
    while_closing: list[str | None] = []

    @asynccontextmanager
    async def opened(_: object) -> AsyncGenerator[str]:
        yield "open"
        while_closing.append(app.running)
        raise ConnectionError

    app = ProcessApp(load_settings(), opened)
    with pytest.raises(ConnectionError):
        async with app.router.lifespan_context(app):
            assert app.running == "open"
    assert while_closing == [None]
    assert app.running is None
