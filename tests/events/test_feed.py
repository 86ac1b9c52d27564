"""The feed: every event once committed, whatever is open beside it; a lease from the question."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from catalog.changes import Changes
from catalog.clock import Clocks, utc_now
from catalog.db import Pool, connect
from catalog.events import feed, store
from catalog.events.feed import Feed
from catalog.events.log import event_log_at
from catalog.events.model import Event, FeedAnswer, GatewayIdentity, Touch
from catalog.purges.darkness_store import dark_at_gateways
from catalog.subjects import Subject, asset_subject
from tests.support.people import TEST
from tests.support.proxy import run_proxy
from tests.support.waiting import eventually

END_FEED_SQL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'vitrine-feed' AND datname = current_database()
"""


def fact(asset: str) -> Event:
    return Event(
        type="rights.changed", subject=f"asset/{asset}", version=1, subjects=(asset_subject(asset),)
    )


class Reader:
    """What a feed brought."""

    def __init__(self) -> None:
        self.subjects: list[Subject] = []
        self.resets = 0
        self._changed = asyncio.Event()

    def on_touched(self, touches: Sequence[Touch]) -> None:
        self.subjects.extend(each.subject for each in touches)
        self._changed.set()

    def on_reset(self) -> None:
        self.resets += 1
        self._changed.set()

    async def until(self, *, count: int = 0, resets: int = 1) -> None:
        async with asyncio.timeout(10):
            while len(self.subjects) < count or self.resets < resets:
                self._changed.clear()
                await self._changed.wait()


async def until_usable(feed: Feed) -> None:
    async def is_usable() -> bool:
        return feed.is_usable

    await eventually(is_usable)


@asynccontextmanager
async def running(
    url: str,
    reader: Reader,
    lease_s: float = 1.0,
    gateway: GatewayIdentity | None = None,
    clocks: Clocks = Clocks(),  # noqa: B008 - frozen
) -> AsyncGenerator[Feed]:
    feed = Feed(
        event_log_at(url, gateway=gateway),
        lease_s=lease_s,
        on_touched=reader.on_touched,
        on_reset=reader.on_reset,
        clocks=clocks,
    )
    task = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_commit_behind_a_long_transaction_is_brought_and_nothing_twice(
    pool: Pool, database_url: str
) -> None:
    reader, changes = Reader(), Changes(pool=pool)
    async with running(database_url, reader):
        await reader.until()
        async with changes.begin(TEST) as slow:
            await slow.record(fact("aaaa"))
            async with changes.begin(TEST) as quick:
                await quick.record(fact("bbbb"))
            await reader.until(count=1)
            assert reader.subjects == ["asset:bbbb"]
            await asyncio.sleep(0.3)  # several questions, with the old transaction still open
        await reader.until(count=2)
        await asyncio.sleep(0.3)

    assert reader.subjects == ["asset:bbbb", "asset:aaaa"]


async def test_what_is_rolled_back_is_never_brought(pool: Pool, database_url: str) -> None:
    reader, changes = Reader(), Changes(pool=pool)
    async with running(database_url, reader):
        await reader.until()
        with suppress(RuntimeError):
            async with changes.begin(TEST) as change:
                await change.record(fact("aaaa"))
                raise RuntimeError
        async with changes.begin(TEST) as change:
            await change.record(fact("bbbb"))
        await reader.until(count=1)

    assert reader.subjects == ["asset:bbbb"]


async def test_the_feed_empties_what_it_feeds_at_start_and_after_every_reconnect(
    pool: Pool, database_url: str
) -> None:
    reader = Reader()
    async with running(database_url, reader) as feed:
        await reader.until(resets=1)
        await pool.execute(END_FEED_SQL)
        await reader.until(resets=2)
        await until_usable(feed)


async def test_a_question_between_the_last_word_and_the_end_of_a_connection_is_asked_anew(
    pool: Pool, database_url: str
) -> None:
    reader = Reader()
    async with run_proxy(database_url) as (proxy, url), running(url, reader):
        await reader.until(resets=1)
        proxy.hold_ends()
        await pool.execute(END_FEED_SQL)
        await reader.until(resets=2)


async def test_the_lease_ends_when_no_question_is_answered(database_url: str) -> None:
    reader = Reader()
    async with (
        run_proxy(database_url) as (proxy, url),
        running(url, reader, lease_s=0.5) as feed,
    ):
        await reader.until()
        await until_usable(feed)
        proxy.stall()
        await asyncio.sleep(0.6)
        assert not feed.is_usable
        proxy.heal()
        await until_usable(feed)
        assert reader.resets == 1  # late, but from the same connection: nothing was missed


async def test_a_connection_that_stays_silent_is_given_up(database_url: str) -> None:
    reader = Reader()
    async with (
        run_proxy(database_url) as (proxy, url),
        running(url, reader, lease_s=0.5),
    ):
        await reader.until()
        proxy.stall()

        async def is_given_up() -> bool:
            return proxy.connections > 1

        await eventually(is_given_up)
        proxy.heal()
        await reader.until(resets=2)


async def test_the_first_answer_brings_nothing_and_the_next_only_what_is_new(
    pool: Pool, database_url: str
) -> None:
    committed: list[Touch] = []
    changes = Changes(pool=pool, on_commit=committed.extend)
    async with changes.begin(TEST) as change:
        await change.record(fact("aaaa"))
    conn = await connect(database_url, application="test")
    first = await store.ask(conn, applied=None, gateway=None)
    async with changes.begin(TEST) as change:
        await change.record(fact("bbbb"), fact("cccc"))
    second = await store.ask(conn, applied=first.snapshot, gateway=None)
    third = await store.ask(conn, applied=second.snapshot, gateway=None)
    await conn.close()

    assert first.touches == ()
    assert [each.subject for each in committed] == ["asset:aaaa", "asset:bbbb", "asset:cccc"]
    assert sorted(second.touches) == committed[1:]  # with the same transaction
    assert third.touches == ()


async def test_a_feed_that_is_refused_goes_on_once_it_is_allowed_again(
    pool: Pool, gateway_database_url: str
) -> None:
    reader = Reader()
    async with running(gateway_database_url, reader, lease_s=0.5) as feed:
        await reader.until()
        await pool.execute("REVOKE SELECT ON event FROM vitrine_gateway")
        await asyncio.sleep(0.8)
        assert not feed.is_usable
        await pool.execute("GRANT SELECT ON event TO vitrine_gateway")
        await reader.until(resets=2)


async def test_a_clean_stop_removes_the_row_of_the_gateway(
    pool: Pool, gateway_database_url: str
) -> None:
    reader = Reader()
    async with running(gateway_database_url, reader, gateway=GatewayIdentity.new()):
        await reader.until()
        assert await pool.fetchval("SELECT count(*) FROM gateway") == 1
    assert await pool.fetchval("SELECT count(*) FROM gateway") == 0


async def test_a_stop_does_not_wait_for_a_database_that_is_silent(
    gateway_database_url: str,
) -> None:
    reader = Reader()
    async with run_proxy(gateway_database_url) as (proxy, url):
        async with running(url, reader, gateway=GatewayIdentity.new()):
            await reader.until()
            proxy.stall()
            stopped_at = time.monotonic()
        assert time.monotonic() - stopped_at < 5


async def test_a_metric_tells_how_long_a_transaction_holds_the_watermark_back(
    pool: Pool, database_url: str
) -> None:
    def age_s() -> float:
        return REGISTRY.get_sample_value("vitrine_feed_watermark_age_seconds") or 0.0

    async def is_released() -> bool:
        return age_s() == 0

    reader = Reader()
    # its reports are later ones
    async with running(database_url, reader, gateway=GatewayIdentity.new()):
        await reader.until()
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute("SELECT pg_current_xact_id()")
            await asyncio.sleep(0.5)
            assert age_s() > 0.2
        await eventually(is_released)


async def test_a_metric_and_an_alarm_tell_the_offset_of_the_clocks(database_url: str) -> None:
    late = Clocks(utc=lambda: utc_now() - timedelta(seconds=20))
    reader = Reader()
    with capture_logs() as logs:
        async with running(database_url, reader, clocks=late) as feed:
            await reader.until()
            await asyncio.sleep(0)
            assert abs(feed.now() - utc_now()) < timedelta(seconds=1)
    assert "clock_offset" in {line["event"] for line in logs if line["log_level"] == "error"}
    offset_s = REGISTRY.get_sample_value("vitrine_clock_offset_seconds")
    assert offset_s is not None
    assert 19 < offset_s < 21


async def test_what_was_applied_is_reported_at_once(
    pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_INTERVAL_S", 600.0)  # nobody asks again because time has passed
    reader, changes = Reader(), Changes(pool=pool)
    async with running(database_url, reader, gateway=GatewayIdentity.new()):
        await reader.until()
        async with changes.begin(TEST) as change:
            (recorded,) = await change.record(fact("aaaa"))
        await reader.until(count=1)

        async def is_reported() -> bool:
            async with pool.acquire() as conn:
                return await dark_at_gateways(conn, recorded.xid8, lease_s=600) is not None

        await eventually(is_reported)


class LateLog:
    """Answers at once; after the second answer its reader is held up for two leases."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.is_usable: list[bool] = []
        self.feed: Feed

    @asynccontextmanager
    async def open(self, _: object) -> AsyncGenerator["LateLog"]:
        yield self

    async def ask(self, applied: str | None) -> FeedAnswer:
        self.is_usable.append(self.feed.is_usable)
        if len(self.is_usable) > 4:
            await asyncio.Event().wait()
        touches = (Touch(asset_subject("aaaa"), 1),) if len(self.is_usable) == 2 else ()
        return FeedAnswer(
            now=utc_now(),
            snapshot=applied or "1:1:",
            is_standby=False,
            touches=touches,
            overdue_drivers=frozenset(),
        )

    async def leave(self) -> None:
        pass

    def hold_up(self, _: object) -> None:
        self.now_s += 2.0


async def test_whoever_was_silent_relies_on_the_second_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "_INTERVAL_S", 0.0)
    log = LateLog()
    log.feed = Feed(
        log.open,
        lease_s=1.0,
        on_touched=log.hold_up,
        on_reset=lambda: None,
        clocks=Clocks(monotonic_s=lambda: log.now_s),
    )
    task = asyncio.create_task(log.feed.run())

    async def have_all_been_asked() -> bool:
        return len(log.is_usable) == 5

    await eventually(have_all_been_asked)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    # before any answer, after the first, held up, after one that may have overtaken a purge, again
    assert log.is_usable == [False, True, False, False, True]
