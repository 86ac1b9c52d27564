"""A standby says nothing about what the primary has committed since: no feed relies on one."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from catalog.db import connect
from catalog.events import store
from catalog.events.feed import Feed
from catalog.events.log import EventLog, OpenLog, event_log_at
from catalog.events.model import FeedAnswer
from tests.support.waiting import eventually
from vitrine.embedded.postgres import run_postgres
from vitrine.migrate import migrate


@pytest.fixture
def standby_url(tmp_path: Path) -> Generator[str]:
    """A migrated database that takes reads only, waiting for a primary."""
    try:
        with run_postgres(tmp_path, parameters={"fsync": "off"}) as primary:
            asyncio.run(migrate(primary.url()))
        data = (tmp_path / "postgres").resolve() / "data"
        signal = data / "standby.signal"
        signal.touch()
        os.chown(signal, data.stat().st_uid, data.stat().st_gid)
        with run_postgres(tmp_path, parameters={"fsync": "off"}) as standby:
            yield standby.url()
    finally:
        shutil.rmtree((tmp_path / "postgres").resolve())


def unheard(url: str) -> OpenLog:
    """Return a log that nothing wakes: all but LISTEN, which a standby refuses by itself."""

    class Log:
        async def ask(self, applied: str | None) -> FeedAnswer:
            conn = await connect(url, application="test")
            try:
                return await store.ask(conn, applied=applied, gateway=None)
            finally:
                conn.terminate()

        async def leave(self) -> None: ...

    @asynccontextmanager
    async def open_log(_: Callable[[], None]) -> AsyncGenerator[EventLog]:
        yield Log()

    return open_log


@pytest.mark.parametrize("open_at", [event_log_at, unheard])
async def test_a_feed_relies_on_no_standby_until_it_is_the_primary(
    standby_url: str, open_at: Callable[[str], OpenLog]
) -> None:
    feed = Feed(open_at(standby_url), lease_s=5, on_touched=lambda _: None, on_reset=lambda: None)
    task = asyncio.create_task(feed.run())

    async def is_usable() -> bool:
        return feed.is_usable

    try:
        with pytest.raises(TimeoutError):
            await eventually(is_usable, within_s=1.5)
        conn = await connect(standby_url, application="test")
        assert await conn.fetchval("SELECT pg_promote()")
        await conn.close()
        await eventually(is_usable)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
