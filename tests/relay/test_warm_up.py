"""Warm-up: a publication has its hero images rendered, in the relay, once it has committed."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from catalog.changes import Changes
from catalog.db import Pool
from catalog.events.model import Event
from catalog.ids import new_id, new_public_id
from catalog.reactions import reactions
from relay.app import create_app
from tests.support.people import TEST
from tests.support.serve import serve
from tests.support.stage import Stage, StagedAsset, store_in
from tests.support.waiting import eventually
from vitrine.settings import Settings

ASSOCIATE_SQL = """
INSERT INTO media_association (id, public_id, product, asset, role, origin, status)
SELECT $1, $2, id, $4, $5, 'pim', 'approved' FROM product WHERE public_id = $3
"""
#: `card` in two widths and four formats, `thumb` in one and three; the preset of staff not at all.
OF_ONE_ASSET = 2 * 4 + 3


@pytest.fixture
async def stage(pool: Pool, tmp_path: Path) -> Stage:
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    return stage


async def associate(stage: Stage, product: str, asset: StagedAsset, role: str) -> None:
    await stage.pool.execute(ASSOCIATE_SQL, new_id(), new_public_id(), product, asset.id, role)


async def published(stage: Stage, product: str, *, warm_up: bool) -> None:
    """Publish in a change, as the command does."""
    await stage.publish(product)
    changes = Changes(pool=stage.pool, reactions=reactions(warm_up=warm_up))
    async with changes.begin(TEST) as change:
        await change.record(_event(product))


def _event(product: str) -> Event:
    data = {"id": product, "sku": product, "channel": "d2c", "version": 1}
    return Event(type="publication.published", subject=f"product/{product}", version=1, data=data)


def _settings(database_url: str, home: Path, *, warm_up: bool = True) -> Settings:
    return Settings(database_url=SecretStr(database_url), home=home, warm_up=warm_up)


async def stored(stage: Stage) -> int:
    return len([each async for each in stage.store.objects("renditions/")])


async def jobs(pool: Pool, status: str) -> int:
    return await pool.fetchval(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'renditions:warm_up'"
        " AND status::text = $1",
        status,
    )


async def test_the_heroes_of_what_is_published_are_rendered_and_nothing_else(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    hero, other, draft = [
        await stage.asset(status=status) for status in ("approved", "approved", "draft")
    ]
    product = await stage.product()
    await associate(stage, product, hero, "hero")
    await associate(stage, product, draft, "hero")
    await associate(stage, product, other, "gallery")
    await published(stage, product, warm_up=True)

    async with serve(create_app(_settings(database_url, tmp_path))):

        async def done() -> bool:
            return await jobs(stage.pool, "succeeded") == 1

        await eventually(done, within_s=60)
    assert await stored(stage) == OF_ONE_ASSET


async def test_a_publication_that_is_rolled_back_leaves_no_job(stage: Stage) -> None:
    product = await stage.product()
    changes = Changes(pool=stage.pool, reactions=reactions(warm_up=True))

    async def change_and_fail() -> None:
        async with changes.begin(TEST) as change:
            await change.record(_event(product))
            raise RuntimeError("the transaction does not commit")

    with pytest.raises(RuntimeError):
        await change_and_fail()
    assert await jobs(stage.pool, "todo") == 0
    async with changes.begin(TEST) as change:
        await change.record(replace(_event(product), type="publication.unpublished"))
    assert await jobs(stage.pool, "todo") == 0


async def test_without_the_setting_no_job_is_deferred(stage: Stage) -> None:
    await published(stage, await stage.product(), warm_up=False)
    assert await jobs(stage.pool, "todo") == 0


async def test_jobs_from_before_the_setting_was_switched_off_are_done_with(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    asset, product = await stage.asset(), await stage.product()
    await associate(stage, product, asset, "hero")
    await published(stage, product, warm_up=True)
    async with serve(create_app(_settings(database_url, tmp_path, warm_up=False))):

        async def done() -> bool:
            return await jobs(stage.pool, "succeeded") == 1

        await eventually(done)
    assert await stored(stage) == 0


async def test_what_could_not_be_made_is_tried_again(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    asset, product = await stage.asset(body=b"no picture"), await stage.product()
    await associate(stage, product, asset, "hero")
    await published(stage, product, warm_up=True)
    async with serve(create_app(_settings(database_url, tmp_path))):

        async def tried() -> bool:
            return await stage.pool.fetchval(
                "SELECT attempts = 1 AND status::text = 'todo' AND scheduled_at > now()"
                " FROM procrastinate_jobs WHERE task_name = 'renditions:warm_up'"
            )

        await eventually(tried)
