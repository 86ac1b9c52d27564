"""Claims in a real Redis: several nodes, one render; and without Redis everything, only slower."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from catalog.storage.folder import FolderStore
from imaging.claims import CLAIM_S, RedisClaims
from imaging.content_key import content_key
from imaging.model import BrokenSourceError
from imaging.pool import open_render_pool
from imaging.stored_renditions import StoredRenditions, open_stored_renditions
from serving.redis import open_redis
from tests.imaging.pictures import encoded, quadrants, wanted
from tests.imaging.stored_rig import REQUEST, Switchboard, ignore
from tests.support.redis_server import RedisServer, needs_redis, run_redis
from tests.support.waiting import eventually
from vitrine.settings import Settings

pytestmark = needs_redis


@pytest.fixture
def redis_server(tmp_path: Path) -> Generator[RedisServer]:
    with run_redis(tmp_path) as server:
        yield server


@dataclass
class Node:
    """One process."""

    renditions: StoredRenditions
    claims: RedisClaims
    store: Switchboard


@asynccontextmanager
async def nodes(redis_server: RedisServer, folder: Path, count: int) -> AsyncGenerator[list[Node]]:
    """Processes of several machines with one store and one Redis."""
    await FolderStore(folder).write(REQUEST.master_key, encoded(quadrants(400, 300)))
    settings = Settings(redis_url=SecretStr(redis_server.url))
    async with AsyncExitStack() as stack:
        made: list[Node] = []
        for _ in range(count):
            redis = await stack.enter_async_context(open_redis(settings))
            assert redis is not None
            store, claims = Switchboard(folder), RedisClaims(redis)
            pool = await stack.enter_async_context(open_render_pool())
            opened = open_stored_renditions(store, pool, not_stored=ignore, claims=claims)
            renditions = await stack.enter_async_context(opened)
            made.append(Node(renditions, claims, store))
        yield made


async def test_of_several_nodes_that_miss_the_same_at_once_one_renders(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with nodes(redis_server, tmp_path / "store", 4) as all_of_them:
        found = await asyncio.gather(
            *(node.renditions.find_or_render(REQUEST) for node in all_of_them)
        )
        assert sorted(one.how for one in found) == ["rendered", "store", "store", "store"]
        assert len({one.etag for one in found}) == 1
        reads = [key for node in all_of_them for key in node.store.reads]
        assert reads.count(REQUEST.master_key) == 1


async def test_a_claim_is_given_back_once_its_rendition_is_stored(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with nodes(redis_server, tmp_path / "store", 2) as (one, other):
        await one.renditions.find_or_render(REQUEST)
        await one.renditions.close()
        assert await other.claims.take(content_key(REQUEST))
        assert not await one.claims.take(content_key(REQUEST))
        await one.claims.give_back(content_key(REQUEST))  # not its own
        assert not await one.claims.take(content_key(REQUEST))
        await other.claims.give_back(content_key(REQUEST))
        assert await one.claims.take(content_key(REQUEST))


async def test_a_node_that_vanished_with_its_claim_holds_the_others_up_for_a_moment_only(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with nodes(redis_server, tmp_path / "store", 2) as (vanished, other):
        assert await vanished.claims.take(content_key(REQUEST))
        assert (await other.renditions.find_or_render(REQUEST)).how == "rendered"


async def test_a_render_that_failed_leaves_no_claim(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with nodes(redis_server, tmp_path / "store", 2) as (one, other):
        await FolderStore(tmp_path / "store").write(REQUEST.master_key, b"broken")
        with pytest.raises(BrokenSourceError):
            await one.renditions.find_or_render(REQUEST)
        assert await other.claims.take(content_key(REQUEST))


async def test_with_redis_gone_every_node_renders_for_itself_and_nothing_is_lost(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with nodes(redis_server, tmp_path / "store", 2) as all_of_them:
        await all_of_them[0].renditions.find_or_render(wanted(50))
        redis_server.stop()
        found = await asyncio.gather(
            *(node.renditions.find_or_render(REQUEST) for node in all_of_them)
        )
        assert {one.how for one in found} <= {"rendered", "store"}
        assert len({one.etag for one in found}) == 1


async def test_a_redis_that_ends_while_others_wait_does_not_keep_them(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    async with nodes(redis_server, tmp_path / "store", 2) as (holder, other):
        assert await holder.claims.take(content_key(REQUEST))
        waiting = asyncio.create_task(other.renditions.find_or_render(REQUEST))

        async def looked() -> bool:
            return content_key(REQUEST) in other.store.reads

        await eventually(looked)
        redis_server.stop()
        assert (await waiting).how == "rendered"


async def test_once_redis_is_back_it_is_used_again(redis_server: RedisServer) -> None:
    settings = Settings(redis_url=SecretStr(redis_server.url))
    now_s = [0.0]
    async with open_redis(settings) as redis:
        assert redis is not None
        claims = RedisClaims(redis, monotonic_s=lambda: now_s[0])
        other = RedisClaims(redis, monotonic_s=lambda: now_s[0])
        redis_server.stop()
        assert await claims.take("a")
        assert await other.take("a")
        redis_server.start()
        assert await claims.take("a")  # left alone for a moment: not asked
        assert not await redis.exists("vitrine:claim:a")
        now_s[0] += 5.0
        assert await claims.take("a")
        assert not await other.take("a")
        assert 0 < await redis.pttl("vitrine:claim:a") <= CLAIM_S * 1000
