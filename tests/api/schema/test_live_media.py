"""What hangs on products is read once, and again as soon as something of it has changed."""

import asyncio

import pytest
from starlette.applications import Starlette

from catalog.db import Pool
from catalog.graph.live_media import LiveMedia
from catalog.graph.media import Holder
from catalog.memory.lease import Lease
from catalog.subjects import asset_subject
from tests.api.answering import WITHDRAW
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.api.statements import statements_of
from tests.support.stage import NOT_FRANCE, StagedAsset

MIB = 1_048_576
CURRENT = Lease(left_s=lambda: 1.0)
SHOWN = """query @inContext(market: "DE") { product(sku: "VASE") {
    media { role asset { id alt revision } } } }"""


@pytest.fixture
async def vase(shop: Shop) -> Product:
    """A vase without media."""
    return await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))


@pytest.fixture
async def hero(shop: Shop, vase: Product) -> StagedAsset:
    """Its hero."""
    asset = await shop.asset(alt={"en-US": "A vase"})
    await shop.link(vase, asset, "hero")
    return asset


async def read(media: LiveMedia, pool: Pool, product: Product, *, anew: bool = False) -> Holder:
    """Return what hangs on a product."""
    async with pool.acquire() as conn:
        return (await media.of(conn, [product.id], anew=anew))[product.id]


async def test_it_is_read_once_until_an_event_names_a_part_of_it(
    pool: Pool, vase: Product, hero: StagedAsset
) -> None:
    media = LiveMedia(lease=CURRENT, max_bytes=MIB)
    first = await read(media, pool, vase)
    (association,) = first.associations
    assert association.asset.public_id == hero.public_id
    assert await read(media, pool, vase) is first

    for subject in first.rests_on():
        before = await read(media, pool, vase)
        media.kept.drop([subject])
        assert await read(media, pool, vase) is not before
    assert {each.partition(":")[0] for each in first.rests_on()} >= {"product", "asset", "texts"}


async def test_a_product_without_media_is_known_too(pool: Pool, vase: Product) -> None:
    media = LiveMedia(lease=CURRENT, max_bytes=MIB)
    first = await read(media, pool, vase)
    assert first.associations == ()
    assert await read(media, pool, vase) is first


@pytest.mark.parametrize("changed", ["nothing", "asset", "text", "association", "rights"])
async def test_it_is_read_anew_where_nobody_vouches_for_it_or_who_asks_wants_it(
    pool: Pool, shop: Shop, vase: Product, hero: StagedAsset, changed: str
) -> None:
    """What says the same stays the object that it was, with all that was worked out of it."""
    current = True
    media = LiveMedia(lease=Lease(left_s=lambda: 1.0 if current else -1.0), max_bytes=MIB)
    for anew in (True, False):
        first = await read(media, pool, vase)
        current = anew
        await change(shop, hero, changed, "first" if anew else "second")
        again = await read(media, pool, vase, anew=anew)
        assert (again is first) == (changed == "nothing")
        current = True
        assert await read(media, pool, vase) is again


async def change(shop: Shop, asset: StagedAsset, what: str, to: str) -> None:
    """Change something without an event, as if it had not been told yet."""
    statement = {
        "asset": "UPDATE asset SET slug = $2 WHERE id = $1",
        "text": "UPDATE asset_value SET data = to_jsonb($2::text) WHERE asset = $1",
        "association": "UPDATE media_association SET public_id = $2 WHERE asset = $1",
        "rights": "UPDATE asset_state SET authority_url = $2 WHERE asset = $1",
    }.get(what)
    if statement is not None:
        await shop.pool.execute(statement, asset.id, to)


async def test_what_is_worked_out_of_it_is_weighed_with_it(
    pool: Pool, shop: Shop, vase: Product, hero: StagedAsset
) -> None:
    mug = await shop.put(Product("MUG", "SIMPLE"), attribute("name", "text", "Mug"))
    await shop.link(mug, hero, "hero")
    two = [LiveMedia(lease=CURRENT, max_bytes=MIB) for _ in range(2)]
    for each in two:  # the second time the terms that they share are there
        for product in (vase, mug):
            await read(each, pool, product)
    media = LiveMedia(lease=CURRENT, max_bytes=two[1].kept.weight + 3_000)
    first, other = await read(media, pool, mug), await read(media, pool, vase)
    assert await read(media, pool, mug) is first

    (association,) = first.associations
    for number in range(10):  # of so many contexts
        association.asset.srcsets[number] = [("image/avif", "x" * 1_800)]
    assert await read(media, pool, mug) is first
    assert media.kept.weight <= two[1].kept.weight + 3_000
    assert await read(media, pool, mug) is first
    assert await read(media, pool, vase) is not other


async def test_assets_of_which_rights_say_the_same_have_one_object_for_it(
    pool: Pool, shop: Shop, vase: Product
) -> None:
    alike = [await shop.asset() for _ in range(2)]
    for place, asset in enumerate((*alike, await shop.asset(NOT_FRANCE))):
        await shop.link(vase, asset, "gallery", place)
    holder = await read(LiveMedia(lease=CURRENT, max_bytes=MIB), pool, vase)
    in_order = sorted(holder.associations, key=lambda each: each.position)
    one, same, another = (each.asset.terms for each in in_order)
    assert one is same
    assert another.rights != one.rights


async def test_what_was_read_before_a_change_is_not_kept_after_it(
    pool: Pool, shop: Shop, vase: Product, hero: StagedAsset
) -> None:
    """The read waits for a lock in PostgreSQL with its snapshot taken, while the change commits."""
    media = LiveMedia(lease=CURRENT, max_bytes=MIB)
    async with pool.acquire() as conn, pool.acquire() as other:
        transaction = conn.transaction(isolation="repeatable_read")
        await transaction.start()
        await conn.fetchval("SELECT count(*) FROM asset")  # what it sees is settled now
        reading = asyncio.create_task(media.of(conn, [vase.id], anew=False))
        await asyncio.sleep(0)  # it has begun
        await other.execute(
            "UPDATE asset SET slug = 'changed' WHERE public_id = $1", hero.public_id
        )
        media.kept.drop([asset_subject(hero.public_id)])
        old = (await reading)[vase.id]
        await transaction.rollback()
    assert shop
    assert old.associations[0].asset.slug != "changed"
    assert (await read(media, pool, vase)).associations[0].asset.slug == "changed"


async def test_who_may_change_something_reads_what_others_have_just_changed(
    client: Client, app: Starlette, shop: Shop, vase: Product, hero: StagedAsset
) -> None:
    assert vase.sku
    assert hero.public_id
    reads, manages = await shop.key("read"), await shop.key("read", "manage.media")
    for headers, count in ((reads, 1), (manages, 2)):
        await client.data(SHOWN, headers=headers)
        async with statements_of(app) as seen:
            await client.data(SHOWN, headers=headers)
        assert len(seen) == count


async def test_after_a_change_of_rights_nobody_is_shown_what_was_kept(
    client: Client, shop: Shop, vase: Product, hero: StagedAsset
) -> None:
    assert vase
    headers = await shop.key("read")
    shown = await client.data(SHOWN, headers=headers)
    assert [each["asset"]["id"] for each in shown["product"]["media"]] == [hero.public_id]
    managing = await shop.key("manage.rights")
    await client.data(WITHDRAW, {"id": hero.public_id}, headers=managing)
    shown = await client.data(SHOWN, headers=headers)
    assert shown["product"]["media"] == []
