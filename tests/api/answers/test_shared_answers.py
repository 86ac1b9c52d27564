"""Answers that api processes share through Redis: the same bytes, and never what has changed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path
from typing import TypeAlias

import httpx2
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from api.answers.answer_memory import Answer
from api.app import create_app
from catalog.rights.model import NEVER
from serving.redis import open_redis
from tests.api.answering import (
    READERS,
    REINSTATE,
    ROUNDS,
    SHOWN,
    WITHDRAW,
    Window,
    api_with,
    counted,
    how,
    in_process,
    is_shown,
)
from tests.api.client import Client
from tests.api.shop import Shop
from tests.support.ports import free_port
from tests.support.processes import run_vitrine, wait_until_ready
from tests.support.redis_server import RedisServer, needs_redis, run_redis, say
from tests.support.stage import StagedAsset, master_key_text
from tests.support.turns import WAITING_SQL
from tests.support.waiting import eventually
from vitrine.settings import Settings

pytestmark = needs_redis

CHANNELS = "{ channels { code } }"
SHOWN_LAST = """query @inContext(market: "DE") {
  product(sku: "VASE") { hero { asset { id alt } } }
  categories { code }
}"""
_LONG_S = 5.0
_ENTRIES = "vitrine:answer:*"


@pytest.fixture
def server(tmp_path: Path) -> Generator[RedisServer]:
    with run_redis(tmp_path) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, server: RedisServer) -> Settings:
    """The settings of apis that share answers, and wait for Redis even on a busy machine."""
    return settings.model_copy(update={"redis_url": SecretStr(server.url), "redis_wait_s": _LONG_S})


@pytest.fixture
async def redis(settings: Settings) -> AsyncGenerator[Redis]:
    async with open_redis(settings) as opened:
        assert opened is not None
        yield opened


def tag_of(body: bytes) -> str:
    """Return the entity tag of an answer."""
    return Answer(body=body, is_refused=False, rests_on=None, good_until=NEVER).etag


async def entries(redis: Redis) -> dict[str, bytes]:
    """Return what is shared now."""
    names: list[bytes] = await say(redis, "KEYS", _ENTRIES)
    return {name.decode(): await say(redis, "GET", name) for name in names}


async def made(http: httpx2.AsyncClient, redis: Redis, query: str) -> bytes:
    """Have an answer made and shared; return its bytes."""
    before = await entries(redis)
    answer = await http.post("/graphql", json={"query": query})

    async def is_written() -> bool:
        return await entries(redis) != before

    await eventually(is_written)
    return answer.content


async def test_what_one_process_made_another_gives_out_byte_for_byte(
    settings: Settings, redis: Redis, vase: StagedAsset
) -> None:
    assert vase
    async with api_with(settings) as one, api_with(settings) as other:
        first = await made(one, redis, SHOWN)
        before = await how(other)
        again = await other.post("/graphql", json={"query": SHOWN})
        tagged = await other.get("/graphql", params={"query": SHOWN})
        after = await how(other)
        assert again.content == tagged.content == first
        assert tagged.headers["etag"] == tag_of(first)
        assert after["shared"] - before.get("shared", 0) == 1  # and then it is its own
        assert after["hit"] - before.get("hit", 0) == 1
        assert after["made"] == before["made"]


async def test_those_who_ask_at_once_look_there_once(
    settings: Settings, redis: Redis, vase: StagedAsset
) -> None:
    assert vase
    async with api_with(settings) as one, api_with(settings) as other:
        await made(one, redis, SHOWN)
        before = await how(other)
        await asyncio.gather(*(is_shown(Client(other)) for _ in range(10)))
        after = await how(other)
        assert after["shared"] - before.get("shared", 0) == 1
        assert after["made"] == before["made"]


async def test_other_settings_and_other_code_share_nothing(
    settings: Settings, redis: Redis, vase: StagedAsset
) -> None:
    assert vase
    elsewhere = {"media_base": "https://elsewhere.test"}
    closed = {"public_reads": False}
    async with (
        api_with(settings) as one,
        api_with(settings, **elsewhere) as other,
        api_with(settings, **closed) as locked,
    ):
        await made(one, redis, SHOWN)
        _, came = await counted(other, SHOWN)
        assert came == {"made": 1}
        assert await Client(locked).code(SHOWN) == "UNAUTHENTICATED"


async def test_a_change_here_is_seen_here_at_once_and_elsewhere_as_soon_as_the_feed_brings_it(
    settings: Settings, redis: Redis, shop: Shop, vase: StagedAsset
) -> None:
    rights = await shop.key("manage.rights")
    async with api_with(settings) as one, api_with(settings) as other:
        await made(one, redis, SHOWN)
        assert await is_shown(Client(other))
        for change, is_lit in ((WITHDRAW, False), (REINSTATE, True), (WITHDRAW, False)):
            await Client(one).data(change, {"id": vase.public_id}, headers=rights)
            assert await is_shown(Client(one)) == is_lit

            async def is_seen(is_lit: bool = is_lit) -> bool:  # noqa: FBT001 - of this turn
                return await is_shown(Client(other)) == is_lit

            await eventually(is_seen)
            for _ in range(5):
                assert await is_seen()


async def test_who_starts_uses_what_is_true_and_nothing_that_changed_while_it_was_down(
    settings: Settings, redis: Redis, shop: Shop, vase: StagedAsset
) -> None:
    rights = await shop.key("manage.rights")
    async with api_with(settings) as one:
        async with api_with(settings) as other:
            await made(other, redis, SHOWN)
            await made(other, redis, CHANNELS)
        await Client(one).data(WITHDRAW, {"id": vase.public_id}, headers=rights)
        assert len(await entries(redis)) == 2  # nobody deletes them
        async with api_with(settings) as again:
            _, came = await counted(again, CHANNELS)
            assert came == {"shared": 1}
            shown, came = await counted(again, SHOWN)
            assert (shown["product"]["hero"], came) == (None, {"made": 1})


async def test_what_was_loaded_before_a_change_and_finished_after_it_is_never_used(
    settings: Settings, shop: Shop, vase: StagedAsset
) -> None:
    rights = await shop.key("manage.rights")

    async def is_waiting() -> bool:
        return await shop.pool.fetchval(WAITING_SQL)

    async def has_seen() -> bool:
        return not await is_shown(Client(one))

    async with api_with(settings) as one, api_with(settings) as other:
        assert await is_shown(Client(one))
        async with shop.pool.acquire() as conn, conn.transaction():
            await conn.execute("LOCK TABLE category IN ACCESS EXCLUSIVE MODE")
            asking = asyncio.create_task(Client(one).data(SHOWN_LAST))
            await eventually(is_waiting)
            await asyncio.sleep(0.3)  # its product is read, its categories wait
            await Client(other).data(WITHDRAW, {"id": vase.public_id}, headers=rights)
            await eventually(has_seen)
        late = await asking
        assert late["product"]["hero"] is not None  # of before, to one who asked before
        for http in (other, one):
            assert (await Client(http).data(SHOWN_LAST))["product"]["hero"] is None


async def test_without_redis_everything_goes_on_and_with_it_again_is_shared_again(
    settings: Settings, redis: Redis, server: RedisServer, shop: Shop, vase: StagedAsset
) -> None:
    rights = await shop.key("manage.rights")
    async with api_with(settings) as one, api_with(settings) as other:
        await made(one, redis, SHOWN)
        server.stop()
        assert await is_shown(Client(other))
        await Client(other).data(WITHDRAW, {"id": vase.public_id}, headers=rights)
        assert not await is_shown(Client(other))
        server.start()
        await _is_shared_again(one, other)


async def _is_shared_again(one: httpx2.AsyncClient, other: httpx2.AsyncClient) -> None:
    numbers = iter(range(1_000))

    async def is_shared() -> bool:
        query = f"query Q{next(numbers)} {CHANNELS}"
        await Client(one).data(query)
        await asyncio.sleep(0.05)
        _, came = await counted(other, query)
        return came == {"shared": 1}

    await eventually(is_shared)


async def test_a_redis_that_does_not_answer_is_not_waited_for(
    settings: Settings, redis: Redis, server: RedisServer, vase: StagedAsset
) -> None:
    assert vase
    async with api_with(settings) as one, api_with(settings, redis_wait_s=0.05) as other:
        await made(one, redis, SHOWN)
        server.freeze()
        try:
            assert await is_shown(Client(other))
            for number in range(20):  # it is asked once, and left alone
                await Client(other).data(f"query Q{number} {CHANNELS}")
        finally:
            server.thaw()
        await _is_shared_again(one, other)


async def test_a_redis_that_is_full_shares_what_it_has_and_refuses_the_rest(
    settings: Settings, redis: Redis, vase: StagedAsset
) -> None:
    assert vase
    async with api_with(settings) as one, api_with(settings) as other:
        await made(one, redis, SHOWN)
        await say(redis, "CONFIG", "SET", "maxmemory", "1")
        _, came = await counted(one, CHANNELS)
        assert came == {"made": 1}
        _, came = await counted(other, SHOWN)
        assert came == {"shared": 1}
        _, came = await counted(other, CHANNELS)
        assert came == {"made": 1}


#: Makes something else of an entry and another one.
Spoil: TypeAlias = Callable[[bytes, bytes], bytes]


SPOILT: dict[str, Spoil] = {
    "empty": lambda _own, _others: b"",
    "foreign": lambda _own, _others: b"x" * 5_000,
    "cut": lambda own, _others: own[:-1],
    "another bit": lambda own, _others: own[:-9] + bytes([own[-9] ^ 1]) + own[-8:],
    "to another question": lambda _own, others: others,
}


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_what_redis_holds_that_is_not_the_answer_to_this_is_passed_over(
    settings: Settings,
    redis: Redis,
    vase: StagedAsset,
    spoilt: str,
) -> None:
    assert vase
    async with api_with(settings) as one, api_with(settings) as other:
        await made(one, redis, CHANNELS)
        before = await entries(redis)
        first = await made(one, redis, SHOWN)
        after = await entries(redis)
        (name,) = after.keys() - before.keys()
        await redis.set(name, SPOILT[spoilt](after[name], *before.values()))
        assert (await other.post("/graphql", json={"query": SHOWN})).content == first
        await redis.delete(name)
        await redis.lpush(name, "a list")
        async with api_with(settings) as third:
            _, came = await counted(third, SHOWN)
            assert came == {"made": 1}


class Elsewhere:
    """What readers of another process may see: what was so within the lease before they asked.

    Args:
        window: that the changes are made in.
        lease_s: of the other process.
    """

    def __init__(self, window: Window, *, lease_s: float) -> None:
        self._window = window
        self._lease_s = lease_s
        self.stale: list[int] = []
        self.asked = 0
        self.steady = 0

    async def read(self, client: Client, closed: asyncio.Event) -> None:
        """Look again and again."""
        window = self._window
        while not closed.is_set():
            changes = window.changes
            is_steady = not window.is_changing and window.steady_s >= self._lease_s
            is_seen = await is_shown(client)
            self.asked += 1
            if is_steady and changes == window.changes and not window.is_changing:
                self.steady += 1
                if is_seen != window.is_lit:
                    self.stale.append(changes)
            await asyncio.sleep(0.05)


async def test_no_reader_of_two_processes_sees_what_is_older_than_it_may_be(
    shop: Shop, settings: Settings, redis: Redis, vase: StagedAsset, tmp_path: Path
) -> None:
    lease_s = 0.3
    settings = settings.model_copy(update={"lease_s": lease_s})
    assert settings.database_url
    assert settings.redis_url
    rights = await shop.key("manage.rights")
    port = free_port()
    env = {
        "VITRINE_HOME": str(tmp_path),
        "VITRINE_DATABASE_URL": settings.database_url.get_secret_value(),
        "VITRINE_REDIS_WAIT_S": str(_LONG_S),
        "VITRINE_REDIS_URL": settings.redis_url.get_secret_value(),
        "VITRINE_MASTER_KEY": master_key_text(),
        "VITRINE_PUBLIC_READS": "true",
        "VITRINE_MEDIA_BASE": settings.media_base,
        "VITRINE_LEASE_S": str(lease_s),
        "VITRINE_API_PORT": str(port),
    }
    window, closed = Window(), asyncio.Event()
    elsewhere = Elsewhere(window, lease_s=lease_s)
    base_url = f"http://127.0.0.1:{port}"
    with run_vitrine("api", env=env) as process:
        await asyncio.to_thread(wait_until_ready, base_url, process)
        async with (
            in_process(create_app(settings)) as http,
            httpx2.AsyncClient(base_url=base_url) as other,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(READERS // 2):
                group.create_task(window.read(Client(http), closed))
                group.create_task(elsewhere.read(Client(other), closed))
            for number in range(ROUNDS):
                await window.change(Client(http), vase.public_id, rights)
                if number % 10 == 0:
                    await asyncio.sleep(2 * lease_s)
                if number % 25 == 0:
                    await say(redis, "FLUSHALL")
            closed.set()
            shared = (await how(other))["shared"] + (await how(http))["shared"]
    print(  # noqa: T201 - the figure
        f"{ROUNDS} changes, {window.asked} answers here, {elsewhere.asked} elsewhere "
        f"({elsewhere.steady} while nothing changed), {shared:.0f} found in Redis"
    )
    assert (window.stale, elsewhere.stale) == ([], [])
    assert elsewhere.steady > ROUNDS / 10
    assert shared > 0
