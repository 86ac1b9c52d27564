"""A shared answer is used only where every change that it may miss is known, and is not its own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import pytest
from redis.asyncio import Redis

from api.answers.answer_memory import Answer, Key
from api.answers.shared_answers import LogView, SharedAnswers
from catalog.clock import utc_now
from catalog.db import Connection, Pool, open_pool
from catalog.events import store
from catalog.events.model import Event, Touch
from catalog.subjects import Subject
from serving.redis import Accelerator
from tests.support.databases import Databases
from tests.support.people import TEST
from tests.support.redis_server import needs_redis, say
from tests.support.waiting import eventually

pytestmark = needs_redis

SECRET = bytes(32)
KEY: Key = ("{ channels { code } }", None, b"{}", b"")
RESTS_ON = frozenset([Subject("asset:a"), Subject("publications:d2c")])


@dataclass(slots=True)
class Process:
    """An api as its answers see it: the log is PostgreSQL's, what the feed says is the test's."""

    pool: Pool
    redis: Redis
    master_key: bytes
    snapshot: str | None = None
    is_current: bool = True
    is_late_by: timedelta = timedelta()
    makes: int = 0
    answer: Answer = field(
        default_factory=lambda: Answer(
            body=b"{}",
            is_refused=False,
            rests_on=RESTS_ON,
            good_until=utc_now() + timedelta(minutes=1),
        )
    )
    shared: SharedAnswers = field(init=False)

    def __post_init__(self) -> None:
        view = LogView(
            pool=self.pool,
            snapshot=lambda: self.snapshot,
            is_current=lambda: self.is_current,
            now=lambda: utc_now() + self.is_late_by,
        )
        self.shared = SharedAnswers(
            Accelerator(self.redis, wait_s=5), view, master_key=self.master_key, made_by=["test"]
        )

    async def make(self) -> Answer:
        self.makes += 1
        return self.answer

    async def ask(self) -> bool:
        """Return whether the answer was a shared one."""
        makes = self.makes
        assert (await self.shared.found_or_made(KEY, self.make)).body == self.answer.body
        return self.makes == makes

    async def follow(self) -> None:
        """Apply all that is visible now, as the feed does."""
        self.snapshot = await self.pool.fetchval("SELECT pg_current_snapshot()::text")

    async def share(self) -> None:
        """Have an answer made, and wait until the others may find it."""
        written = await say(self.redis, "DBSIZE")
        assert not await self.ask()

        async def is_written() -> bool:
            return await say(self.redis, "DBSIZE") > written

        await eventually(is_written)


#: Starts another process.
Start: TypeAlias = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(pool: Pool, redis: Redis) -> AsyncGenerator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(of: Pool = pool, master_key: bytes = SECRET) -> Process:
            process = Process(of, redis, master_key)
            await process.follow()
            process.shared.reset()
            stack.callback(asyncio.create_task(process.shared.run()).cancel)
            await process.shared.first_use()
            return process

        yield begin


async def touch(conn: Connection, subject: str) -> list[Touch]:
    """Record an event; return what it touches."""
    event = Event(type="rights.changed", subject="asset/a", version=1, subjects=(Subject(subject),))
    (recorded,) = await store.append(conn, [event], actor=TEST.id)
    return [Touch(Subject(subject), int(recorded.xid8))]


async def touched(pool: Pool, subject: str) -> list[Touch]:
    """Have a transaction record an event, and commit; return what it touches."""
    async with pool.acquire() as conn:
        return await touch(conn, subject)


async def test_it_is_used_until_the_process_knows_of_a_change(pool: Pool, start: Start) -> None:
    one, other = await start(), await start()
    await one.share()
    assert await other.ask()
    change = await touched(pool, "asset:a")
    assert await other.ask()  # it has not heard of it
    one.shared.add(change)
    other.shared.add(change)
    assert not await one.ask()
    assert not await other.ask()
    assert not await (await start()).ask()


async def is_used_after(pool: Pool, start: Start, subject: str) -> bool:
    """Return whether both who hear of a change and who start after it use what is older."""
    one, other = await start(), await start()
    await one.share()
    other.shared.add(await touched(pool, subject))
    used = {await other.ask(), await (await start()).ask()}
    assert len(used) == 1
    return used.pop()


@pytest.mark.parametrize(
    "subject",
    [
        "asset:a",
        "publication:x:d2c",  # a list of the channel
        "channel:print",  # any answer may rest on it
        "key:1",
    ],
)
async def test_it_is_not_used_after_a_change_of_what_it_rests_on(
    pool: Pool, start: Start, subject: str
) -> None:
    assert not await is_used_after(pool, start, subject)


@pytest.mark.parametrize("subject", ["asset:b", "publication:x:print", "api_key:1", "document:00"])
async def test_it_is_used_after_any_other_change(pool: Pool, start: Start, subject: str) -> None:
    assert await is_used_after(pool, start, subject)


async def test_a_change_that_commits_behind_a_later_one_counts_too(
    pool: Pool, start: Start
) -> None:
    one, other = await start(), await start()
    async with pool.acquire() as conn, conn.transaction():
        late = await touch(conn, "asset:a")
        early = await touched(pool, "asset:a")
        assert late[0].xid < early[0].xid
        for each in (one, other):
            each.shared.add(early)
        await one.follow()
        await one.share()
        assert await other.ask()  # the later one is in it
        assert await (await start()).ask()
    other.shared.add(late)
    assert not await other.ask()
    assert not await (await start()).ask()


async def test_what_changes_while_it_is_made_makes_it_unfit_to_share(
    pool: Pool, start: Start, redis: Redis
) -> None:
    one, other = await start(), await start()
    makes = one.make

    async def make() -> Answer:
        answer = await makes()
        change = await touched(pool, "asset:a")
        for each in (one, other):
            each.shared.add(change)
            await each.follow()
        return answer

    await one.shared.found_or_made(KEY, make)
    await asyncio.sleep(0.2)  # whatever it writes is written
    assert await say(redis, "DBSIZE") == 0
    assert not await other.ask()


async def test_what_one_wrote_who_had_not_heard_of_a_change_is_not_used_by_one_who_has(
    pool: Pool, start: Start
) -> None:
    one, other = await start(), await start()
    other.shared.add(await touched(pool, "asset:a"))
    await one.share()  # of what the feed had told it before
    assert not await other.ask()
    assert not await (await start()).ask()


async def test_it_is_not_used_once_time_has_turned_something(start: Start) -> None:
    one, other = await start(), await start()
    await one.share()
    other.is_late_by = timedelta(minutes=2)
    assert not await other.ask()
    other.is_late_by = timedelta()
    assert await other.ask()


async def test_it_is_gone_from_redis_when_time_turns_something(start: Start, redis: Redis) -> None:
    await (await start()).share()
    (name,) = await say(redis, "KEYS", "*")
    assert 0 < await redis.pttl(name) <= 60_000


async def test_it_is_not_used_while_the_feed_vouches_for_nothing(start: Start) -> None:
    one, other = await start(), await start()
    await one.share()
    other.is_current = False
    assert not await other.ask()
    other.is_current = True
    assert await other.ask()


async def test_it_is_not_used_before_it_is_known_what_a_new_feed_may_have_missed(
    start: Start,
) -> None:
    one, other = await start(), await start()
    await one.share()
    other.shared.reset()
    assert not await other.ask()

    async def is_used() -> bool:
        return await other.ask()

    await eventually(is_used)


async def test_it_is_not_used_where_more_has_happened_since_than_is_read(
    pool: Pool, start: Start
) -> None:
    one = await start()
    await one.share()
    await pool.execute(
        "INSERT INTO event (id, type, subject, aggregate_version, subjects, data, actor) "
        "SELECT gen_random_uuid(), 'rights.changed', 'asset/b', 1, '{asset:b}', '{}', "
        "gen_random_uuid() FROM generate_series(1, 2000)"
    )
    assert await one.ask()  # it would have been told
    assert not await (await start()).ask()


async def test_two_databases_and_two_master_keys_may_use_one_redis(
    databases: Databases, start: Start
) -> None:
    one = await start()
    await one.share()
    with databases.fresh() as name:
        url = databases.owner_url(name)
        async with open_pool(url, application="test") as elsewhere:
            assert not await (await start(elsewhere)).ask()
    assert await (await start()).ask()
    assert not await (await start(master_key=bytes([1]) * 32)).ask()
