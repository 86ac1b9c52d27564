"""The loop of one driver against a real queue and a real HTTP receiver."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import httpx2
import pytest
from pydantic import SecretStr
from starlette.responses import Response

from catalog.events.store import database_now
from catalog.purges import store as purge_store
from catalog.purges.darkness_store import dark_at_edges
from catalog.purges.model import PurgeTimes
from edge.purge_drivers import WebhookDriver
from purger.drivers.webhook import Webhook
from purger.loop import DriverLoop
from tests.purger.conftest import PurgeApi, Queue, until

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGUgcHVyZ2UgQVBJ"
Running = Callable[..., AbstractAsyncContextManager[None]]


@pytest.fixture
def running(database_url: str) -> Running:
    @asynccontextmanager
    async def run(
        api: PurgeApi, *, name: str = "cdn", after: str | None = None
    ) -> AsyncGenerator[None]:
        config = WebhookDriver(name=name, kind="webhook", url=api.url, secret=SecretStr(SECRET))
        async with httpx2.AsyncClient(trust_env=False) as client:
            loop = DriverLoop(database_url, Webhook(config, client), lease_s=1.0, after=after)
            task = asyncio.create_task(loop.run())
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    return run


async def test_due_tags_go_out_in_one_request_and_are_confirmed(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa", "bbbb")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}))
    assert [tags for _, tags in purge_api.requests] == [["a-aaaa", "a-bbbb"]]


async def test_a_tag_with_several_causes_is_asked_for_once(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    causes = [(await queue.add("aaaa")).id for _ in range(3)]
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa"}))
    assert purge_api.tags == ["a-aaaa"]
    rows = await queue.pool.fetch("SELECT cause FROM purge WHERE state = 'confirmed' AND pass = 1")
    assert {row["cause"] for row in rows} == set(causes)


async def test_more_tags_than_a_batch_holds_go_out_oldest_first(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    first = [f"aa{n:02}" for n in range(90)]
    later = [f"bb{n:02}" for n in range(90)]
    await queue.add(*first)
    await queue.add(*later)
    async with running(purge_api):
        await until(lambda: _are(queue, {f"a-{asset}" for asset in first + later}))
    sizes = [len(tags) for _, tags in purge_api.requests]
    assert sizes == [100, 80]
    assert {f"a-{asset}" for asset in first} <= set(purge_api.requests[0][1])


async def test_each_pass_is_a_request_of_its_own_with_its_own_id(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa")
    async with running(purge_api):
        for number in (1, 2, 3):
            await queue.make_due("a-aaaa", number)
            await until(lambda number=number: _are(queue, {"a-aaaa"}, purge_pass=number))
    ids = [asked for asked, _ in purge_api.requests]
    assert purge_api.tags == ["a-aaaa", "a-aaaa", "a-aaaa"]
    assert len(set(ids)) == 3


async def test_passes_of_a_tag_that_are_due_together_are_one_request(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa", times=PurgeTimes(second_s=0, last_s=0))
    await queue.add("aaaa", "bbbb", times=PurgeTimes(second_s=0))
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}, purge_pass=2))
    assert [tags for _, tags in purge_api.requests] == [["a-aaaa", "a-bbbb"]]
    assert await queue.confirmed(purge_pass=3) == {"a-aaaa"}


async def test_a_cdn_that_answers_again_is_asked_once_for_all_passes_that_became_due(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    async def become_due_and_fail(_: list[str]) -> Response:
        purge_api.answer = None
        await queue.make_due("a-aaaa", 2, 3)
        return Response(status_code=503)

    purge_api.answer = become_due_and_fail
    await queue.add("aaaa")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa"}, purge_pass=3))
    assert await queue.confirmed() == await queue.confirmed(purge_pass=2) == {"a-aaaa"}
    (failed, _), (done, _) = purge_api.requests
    assert done != failed  # what was due later does not count as done with what failed


async def test_a_failed_batch_of_which_only_a_part_is_due_again_is_repeated_as_it_was(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    async def become_due_and_fail(_: list[str]) -> Response:
        purge_api.answer = None
        await queue.make_due("a-aaaa", 2)
        return Response(status_code=503)

    purge_api.answer = become_due_and_fail
    await queue.add("aaaa", "bbbb")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}))
        await until(lambda: _are(queue, {"a-aaaa"}, purge_pass=2))
    tags = dict(purge_api.requests)
    assert tags.pop(purge_api.requests[0][0]) == ["a-aaaa", "a-bbbb"]
    assert list(tags.values()) == [["a-aaaa"]]


async def test_the_second_pass_is_due_once_every_gateway_has_applied_the_change(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.gateway(has_applied=True)  # what was before
    recorded = await queue.add("aaaa")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa"}))
        await queue.add("bbbb")  # a whole round later …
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}))
        async with queue.pool.acquire() as conn:
            assert await dark_at_edges(conn, [recorded.id]) == (True, None)
        assert purge_api.tags == ["a-aaaa", "a-bbbb"]  # … it waits for them

        await queue.pool.execute("UPDATE gateway SET snapshot = pg_current_snapshot()")
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}, purge_pass=2))
    async with queue.pool.acquire() as conn:
        is_waiting, dark_at = await dark_at_edges(conn, [recorded.id])
    assert not is_waiting
    assert dark_at is not None
    assert await queue.confirmed(purge_pass=3) == set()


@pytest.mark.parametrize(("silent_s", "is_due"), [(2.5, False), (3.1, True)])
async def test_a_gateway_that_was_killed_is_waited_for_while_it_could_prove_anything(
    queue: Queue, *, silent_s: float, is_due: bool
) -> None:
    await queue.pool.execute(
        "UPDATE gateway SET seen_at = clock_timestamp() - $1 * interval '1 second'", silent_s
    )
    await queue.add("aaaa")
    async with queue.pool.acquire() as conn:
        assert (await purge_store.hasten(conn, "cdn", lease_s=1.0))[0] is is_due


async def test_tags_that_answers_bear_are_purged_again_when_their_time_has_come(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("asset:aaaa", "key:kkkk", answer_drivers=("cdn",))
    await queue.pool.execute("UPDATE gateway SET snapshot = pg_current_snapshot()")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa", "g-all", "k-kkkk"}))
        await until(lambda: _are(queue, {"k-kkkk"}, purge_pass=2))
        await queue.add("bbbb", answer_drivers=("cdn",))  # a whole round later …
        await until(lambda: _are(queue, {"a-aaaa", "g-all", "k-kkkk", "a-bbbb"}))
    assert await queue.confirmed(purge_pass=2) == {"k-kkkk"}  # … no api has said anything


async def test_the_second_pass_waits_for_its_time(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa"}))
        await queue.add("bbbb")  # a whole round later …
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}))
    assert purge_api.tags == ["a-aaaa", "a-bbbb"]  # … the first tag's second pass is still due


async def test_a_batch_whose_fate_is_unknown_is_sent_again_under_the_same_id(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa", "bbbb")
    async with queue.pool.acquire() as conn:  # a purger that died before its answer came
        died = await purge_store.take(
            conn, "cdn", max_batch=10, after=None, held_since=await database_now(conn)
        )
    assert died is not None
    await queue.make_due("a-aaaa", 2)
    await queue.make_due("a-bbbb", 2)
    await queue.add("cccc")  # must not join the batch of the other request
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb", "a-cccc"}))
    assert purge_api.requests[0] == (str(died.id), ["a-aaaa", "a-bbbb"])
    assert purge_api.requests[1][1] == ["a-aaaa", "a-bbbb", "a-cccc"]
    assert purge_api.requests[1][0] != str(died.id)


async def test_a_failed_request_is_repeated_with_its_id_until_it_is_done(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    statuses = iter([500, 429, 503])

    async def fail_at_first(_: list[str]) -> Response:
        return Response(status_code=next(statuses, 200), headers={"Retry-After": "0"})

    purge_api.answer = fail_at_first
    await queue.add("aaaa")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa"}))
    assert len(purge_api.requests) == 4
    assert len({asked for asked, _ in purge_api.requests}) == 1


async def test_a_refused_batch_rests_while_later_ones_go_on(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    async def refuse_one(tags: list[str]) -> Response:
        return Response(status_code=400 if "a-aaaa" in tags else 200)

    purge_api.answer = refuse_one
    await queue.add("aaaa")
    async with running(purge_api):
        await until(lambda: _answered(purge_api, 1))
        await queue.add("bbbb")
        await until(lambda: _are(queue, {"a-bbbb"}))
    state = await queue.pool.fetchval("SELECT state FROM purge WHERE tag = 'a-aaaa' AND pass = 1")
    assert state == "sent"


async def test_a_driver_that_hangs_does_not_hold_up_another(
    running: Running, purge_api: PurgeApi, other_purge_api: PurgeApi, queue: Queue
) -> None:
    release = asyncio.Event()

    async def hang(_: list[str]) -> Response:
        await release.wait()
        return Response(status_code=204)

    purge_api.answer = hang
    await queue.add("aaaa", drivers=("cdn", "other"))
    async with running(purge_api), running(other_purge_api, name="other"):
        await until(lambda: _are(queue, {"a-aaaa"}, driver="other"))
        assert await queue.confirmed(driver="cdn") == set()
        release.set()
        await until(lambda: _are(queue, {"a-aaaa"}, driver="cdn"))


async def test_two_purgers_never_work_on_one_driver_at_once(
    running: Running, purge_api: PurgeApi, other_purge_api: PurgeApi, queue: Queue
) -> None:
    async with running(purge_api):
        await queue.add("aaaa")
        await until(lambda: _are(queue, {"a-aaaa"}))
        async with running(other_purge_api):
            for asset in ("bbbb", "cccc", "dddd"):
                await queue.add(asset)
            await until(lambda: _are(queue, {"a-aaaa", "a-bbbb", "a-cccc", "a-dddd"}))
        assert other_purge_api.requests == []


async def test_another_purger_takes_over_when_the_holder_ends(
    running: Running, purge_api: PurgeApi, other_purge_api: PurgeApi, queue: Queue
) -> None:
    async with running(purge_api):
        await queue.add("aaaa")
        await until(lambda: _are(queue, {"a-aaaa"}))
    async with running(other_purge_api):
        await queue.add("bbbb")
        await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}))
    assert other_purge_api.tags == ["a-bbbb"]


async def test_an_outer_hop_is_purged_only_once_the_inner_one_is(
    running: Running, purge_api: PurgeApi, other_purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa", drivers=("inner", "outer"))
    await queue.add("bbbb", drivers=("outer",))
    async with running(other_purge_api, name="outer", after="inner"):
        await until(lambda: _are(queue, {"a-bbbb"}, driver="outer"))
        assert other_purge_api.tags == ["a-bbbb"]
        async with running(purge_api, name="inner"):
            await until(lambda: _are(queue, {"a-aaaa", "a-bbbb"}, driver="outer"))
    assert other_purge_api.tags == ["a-bbbb", "a-aaaa"]


async def _are(queue: Queue, tags: set[str], *, driver: str = "cdn", purge_pass: int = 1) -> bool:
    return await queue.confirmed(driver=driver, purge_pass=purge_pass) == tags


async def _answered(api: PurgeApi, count: int) -> bool:
    return len(api.requests) >= count


async def test_batch_ids_are_uuids_of_their_own(
    running: Running, purge_api: PurgeApi, queue: Queue
) -> None:
    await queue.add("aaaa")
    async with running(purge_api):
        await until(lambda: _are(queue, {"a-aaaa"}))
    assert [uuid.UUID(asked) for asked, _ in purge_api.requests] == await queue.batches()
