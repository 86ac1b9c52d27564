"""A preview shows of drafts what publishing would freeze, and leaves nothing behind."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from catalog.changes import Changes
from catalog.db import Connection, Pool
from catalog.events.store import database_now
from catalog.products.model import ProductRecord, ValueRecord
from catalog.publication import preview
from catalog.publication.preview import PreviewTooWideError, drafts_frozen
from catalog.publication.preview_store import DraftsWanted
from tests.products.shop import name, put, put_good, simple, value
from tests.publication.polo import CAP, POLO, publish, unpublish
from tests.support.people import ADA

EVERYTHING_SQL = """
SELECT p.sku, p.version, p.kind, p.ancestors, p.document - 'updatedAt' AS document, p.checksum,
       p.visible_until, s.locale, s.markets, s.categories, s.facets, s.sort_name
FROM publication AS p LEFT JOIN search_document AS s USING (product, channel)
WHERE p.channel = 'd2c' AND p.ended_at IS NULL ORDER BY p.sku, s.locale, s.markets
"""
COUNTS_SQL = """
SELECT (SELECT count(*) FROM publication), (SELECT count(*) FROM search_document),
       (SELECT count(*) FROM event), (SELECT count(*) FROM taken_back WHERE ended_at IS NULL),
       (SELECT max(ended_at) FROM publication)
"""
ALL = DraftsWanted()
DRAFTS = (*POLO, CAP)


async def look(pool: Pool, wanted: DraftsWanted) -> tuple[Sequence[tuple[object, ...]], set[str]]:
    """Return what is there in a preview, and the codes of what it refuses."""
    async with pool.acquire() as conn:
        now = await database_now(conn)
        async with drafts_frozen(conn, "d2c", wanted, at=now, actor=ADA.id) as refused:
            return await everything(conn), {f"{each.sku} {each.code}" for each in refused}


async def everything(conn: Connection) -> Sequence[tuple[object, ...]]:
    return [tuple(row) for row in await conn.fetch(EVERYTHING_SQL)]


def random_edits(random: Random) -> list[ProductRecord]:
    """Write values of products that are there, take some away, and add a product at times."""
    edits: list[ProductRecord] = []
    for each in random.sample(DRAFTS, k=3):
        values: list[ValueRecord] = []
        if random.random() < 0.7:
            where = random.choice([{}, {"channel": "d2c"}, {"channel": "market-a"}])
            values.append(
                name(random.choice(["A", "Ä", "z"]), random.choice(["en", "de"]), **where)
            )
        if each.kind != "MODEL":
            values.append(value("weight", random.choice([None, 1, 2.5])))
        categories = random.choice([None, ("sale",), ("men",)]) if each.parent is None else None
        edits.append(ProductRecord(sku=each.sku, values=tuple(values), categories=categories))
    if random.random() < 0.5:
        sku = f"HAT-{random.randrange(3)}"
        edits.append(simple(sku, name("Hat"), value("weight", 1), value("size", "s")))
    return edits


async def test_it_shows_what_publishing_all_drafts_freezes(shop: Changes, pool: Pool) -> None:
    seen: set[int] = set()
    for seed in range(8):
        await put(shop, *random_edits(Random(seed)))  # noqa: S311 - of a test
        if seed % 3 == 1:
            await unpublish(shop, "POLO-R-M")
        before = await pool.fetchrow(COUNTS_SQL)
        shown, refused = await look(pool, ALL)
        assert await pool.fetchrow(COUNTS_SQL) == before
        tops = [
            row["sku"] for row in await pool.fetch("SELECT sku FROM product WHERE parent IS NULL")
        ]
        results = await publish(shop, *tops)
        async with pool.acquire() as conn:
            assert shown == await everything(conn), seed
        told = [*results, *(below for each in results for below in each.below)]
        assert refused == {f"{each.sku} {each.code}" for each in told if each.code}
        seen.add(len(shown))
    assert len(seen) > 1  # they were not all the same


@pytest.mark.usefixtures("shop")
async def test_a_product_is_shown_with_all_above_and_below_it_and_no_other(pool: Pool) -> None:
    shown, refused = await look(pool, DraftsWanted(skus=["POLO-R-S"]))
    assert {row[0] for row in shown} == {"POLO", "POLO-R", "POLO-R-S", "POLO-R-M"}
    assert refused == {"POLO-B INCOMPLETE", "POLO-B-S INCOMPLETE"}
    ids = [await pool.fetchval("SELECT public_id FROM product WHERE sku = 'CAP'")]
    assert {row[0] for row in (await look(pool, DraftsWanted(ids=ids)))[0]} == {"CAP"}


async def test_what_was_taken_back_is_shown_by_its_own_sku_alone(shop: Changes, pool: Pool) -> None:
    await unpublish(shop, "CAP")
    assert (await look(pool, DraftsWanted(skus=["CAP"])))[1] == {"CAP TAKEN_BACK"}
    named = DraftsWanted(skus=["CAP"], shows_taken_back=True)
    assert {row[0] for row in (await look(pool, named))[0]} == {"CAP"}
    assert "CAP TAKEN_BACK" in (await look(pool, ALL))[1]


async def test_looking_and_publishing_at_once_do_not_deadlock(shop: Changes, pool: Pool) -> None:
    await asyncio.gather(
        *(look(pool, wanted) for wanted in (ALL, DraftsWanted(skus=["CAP", "POLO"]), ALL)),
        *(publish(shop, *(("POLO", "CAP") if i % 2 else ("CAP", "POLO"))) for i in range(3)),
        put_good(shop, [*reversed(POLO)]),
    )
    assert await pool.fetchval("SELECT max(version) FROM publication WHERE sku = 'CAP'") == 1


async def test_a_list_is_narrowed_by_what_drafts_are_in_and_what_they_were_in(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    await put_good(
        shop,
        [
            ProductRecord(sku="POLO", categories=("sale",)),
            ProductRecord(sku="HAT", kind="SIMPLE", family="caps", values=(name("Hat"),)),
        ],
    )
    for wanted, changed in (
        (DraftsWanted(categories=["men"]), {"POLO"}),  # where it is published still
        (DraftsWanted(categories=["sale"]), {"POLO"}),
        (DraftsWanted(families=["caps"]), {"HAT"}),
        (DraftsWanted(categories=["men"], families=["caps"]), set[str]()),
    ):
        shown, _ = await look(pool, wanted)
        was = {"POLO", "POLO-R", "POLO-R-S", "POLO-R-M"}
        new = {row[0] for row in shown if row[1] == 2} | {row[0] for row in shown} - was
        assert new & {"POLO", "HAT", "CAP"} == changed, wanted


async def test_more_drafts_than_a_list_may_show_are_refused(
    shop: Changes, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MOST_DRAFTS", 6)
    with pytest.raises(PreviewTooWideError):
        await look(pool, ALL)
    await publish(shop, "CAP")
    await look(pool, ALL)


async def test_times_stay_as_publishing_would_have_them(shop: Changes, pool: Pool) -> None:
    start = datetime.now(UTC) + timedelta(days=1)
    await publish(shop, "CAP", visible_from=start)
    await put_good(shop, [simple("CAP", name("Hat"))])
    async with pool.acquire() as conn:
        at = await database_now(conn) - timedelta(seconds=1)
        visible = "SELECT sku FROM publication WHERE ended_at IS NULL AND visible_from <= $1"
        async with drafts_frozen(conn, "d2c", ALL, at=at, actor=ADA.id):
            now = {row["sku"] for row in await conn.fetch(visible, at)}
            later = {row["sku"] for row in await conn.fetch(visible, start)}
    assert later - now == {"CAP"}
    assert "POLO" in now  # what is new begins at the instant that is read at
