"""A CDN that asks to be left alone is; what the purger knows of it is seen from outside."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx2
import pytest
from starlette.responses import JSONResponse, Response

from catalog.clock import utc_now
from catalog.purges.driver_store import CircuitState, DriverStatus, statuses
from purger.app import create_app
from tests.purger.cdns.contract import answering, running
from tests.purger.cdns.fastly_api import SERVICE, TOKEN, FastlyApi
from tests.purger.conftest import Queue, until
from tests.support.purging import purging
from tests.support.serve import serve
from vitrine.settings import Settings, load_settings

Purger = Callable[[], AbstractAsyncContextManager[str]]


@pytest.fixture
async def api() -> AsyncGenerator[FastlyApi]:
    api = FastlyApi()
    async with running(api):
        yield api


@pytest.fixture
def settings(api: FastlyApi, database_url: str, tmp_path: Path) -> Settings:
    driver = {"name": "cdn", "kind": "fastly", "service": SERVICE, "token": TOKEN}
    return load_settings(
        home=tmp_path, database_url=database_url, purge_drivers=[driver | {"api_url": api.url}]
    )


@pytest.fixture
def purger(settings: Settings) -> Purger:
    return lambda: serve(create_app(settings))


def as_seconds(wait_s: int) -> str:
    return str(wait_s)


def as_date(wait_s: int) -> str:
    return format_datetime(utc_now() + timedelta(seconds=wait_s), usegmt=True)


@pytest.mark.parametrize("spelling", [as_seconds, as_date])
async def test_no_request_comes_before_the_time_that_the_cdn_asked_for(
    api: FastlyApi, purger: Purger, queue: Queue, spelling: Callable[[int], str]
) -> None:
    async def be_busy() -> Response:
        return Response(status_code=429, headers={"Retry-After": spelling(3)})

    api.instead.append(be_busy)
    await queue.add("aaaa")
    async with purger():
        await until(lambda: _answered(api, 1))
        await queue.add("bbbb")  # the pause is the CDN's, so no other batch may go out either
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}))
    refused_at_s, next_at_s, *_ = api.asked_at_s
    assert next_at_s - refused_at_s > 1.9  # a date is cut to its second; our own pause is under one


async def test_what_a_cdn_asked_for_outlives_the_purger_that_was_asked(
    api: FastlyApi, purger: Purger, queue: Queue
) -> None:
    api.instead.append(answering(429, Retry_After="200"))
    await queue.add("aaaa")
    async with purger():
        await until(lambda: _is(queue, CircuitState.OPEN))
    async with purger() as base:
        await until(lambda: _shows(base, "open"))
        await asyncio.sleep(0.5)
    assert api.statuses == [429]
    status = await status_of(queue)
    assert status.next_try_at is not None
    assert timedelta(seconds=100) < status.next_try_at - utc_now() < timedelta(seconds=201)


async def test_the_circuit_is_seen_open_half_open_and_closed_in_metric_and_table(
    api: FastlyApi, purger: Purger, queue: Queue
) -> None:
    release = asyncio.Event()

    async def think() -> Response:
        await release.wait()
        return JSONResponse({"a-aaaa": "1"})

    async with purger() as base:
        await until(lambda: _shows(base, "closed"))
        assert (await status_of(queue)).circuit is CircuitState.CLOSED
        closed_since = (await status_of(queue)).since

        api.instead += [answering(503, Retry_After="2"), think]
        await queue.add("aaaa")
        await until(lambda: _is(queue, CircuitState.OPEN))
        await until(lambda: _shows(base, "open"))
        opened = await status_of(queue)
        assert (opened.failures, opened.last_error) == (1, "cdn answered 503")
        assert opened.next_try_at is not None

        await until(lambda: _is(queue, CircuitState.HALF_OPEN))
        await until(lambda: _shows(base, "half_open"))
        trying = await status_of(queue)
        assert (trying.next_try_at, trying.since) == (None, opened.since)

        release.set()
        await until(lambda: _is(queue, CircuitState.CLOSED))
        await until(lambda: _shows(base, "closed"))
        closed = await status_of(queue)
        assert (closed.failures, closed.last_error) == (0, "cdn answered 503")
        assert closed_since is not None
        assert opened.since is not None
        assert closed.since is not None
        assert closed_since < opened.since < closed.since


async def test_a_refused_batch_opens_nothing_and_says_why(
    api: FastlyApi, purger: Purger, queue: Queue
) -> None:
    api.instead.append(answering(400))
    async with purger() as base:
        await queue.add("aaaa")
        await until(lambda: _answered(api, 1))
        await queue.add("bbbb")
        await until(lambda: _are(queue, {"a-bbbb"}))
        assert await _shows(base, "closed")
    status = await status_of(queue)
    assert (status.circuit, status.failures) == (CircuitState.CLOSED, 0)
    assert status.last_error == "cdn answered 400"
    assert status.due == 1
    assert api.statuses == [400, 200]


async def test_nothing_is_written_to_the_table_while_purges_are_done(
    purger: Purger, queue: Queue
) -> None:
    async with purger() as base:
        await until(lambda: _shows(base, "closed"))
        await purging(queue.pool, ("cdn",))
        before = await queue.pool.fetchval("SELECT xmin::text FROM purge_driver")
        for n in range(5):
            await queue.add(f"aaa{n}")
            await until(lambda n=n: _are(queue, {f"a-aaa{each}" for each in range(n + 1)}))
    assert await queue.pool.fetchval("SELECT xmin::text FROM purge_driver") == before


async def test_a_purger_that_holds_no_driver_says_nothing_of_its_circuit(
    api: FastlyApi, purger: Purger, queue: Queue
) -> None:
    async with queue.pool.acquire() as holder:
        await holder.execute("SELECT pg_advisory_lock(hashtextextended('purge:cdn', 0))")
        async with purger() as base, httpx2.AsyncClient(base_url=base) as client:
            assert 'vitrine_purge_circuit{driver="cdn"' not in (await client.get("/metrics")).text
            await holder.execute("SELECT pg_advisory_unlock_all()")
            await until(lambda: _shows(base, "closed"))
    assert api.statuses == []


async def status_of(queue: Queue) -> DriverStatus:
    async with queue.pool.acquire() as conn:
        (status,) = await statuses(conn, ["cdn"])
    return status


async def _is(queue: Queue, circuit: CircuitState) -> bool:
    return (await status_of(queue)).circuit is circuit


async def _shows(base: str, circuit: str) -> bool:
    async with httpx2.AsyncClient(base_url=base, trust_env=False) as client:
        text = (await client.get("/metrics")).text
    shown = {
        state
        for state in CircuitState
        if f'vitrine_purge_circuit{{driver="cdn",vitrine_purge_circuit="{state}"}} 1.0' in text
    }
    return shown == {circuit}


async def _answered(api: FastlyApi, count: int) -> bool:
    return len(api.statuses) >= count


async def _are(queue: Queue, expected: set[str]) -> bool:
    return await queue.confirmed() == expected
