"""What a locale lacks and what changed since it was translated, told from values as they are."""

from catalog.access.rules import Narrowing
from catalog.changes import Changes
from catalog.db import Pool
from catalog.graph.translation_gaps import (
    GapFilter,
    GapState,
    count_gaps,
    list_gaps,
    page_statement,
)
from catalog.products.model import ProductRecord
from tests.products.shop import model, name, open_shop, put_good, value, variant


async def gaps(pool: Pool, **asked: object) -> list[tuple[str, str, str | None, GapState]]:
    """Return all gaps of German, page by page, one a page, in order of their skus."""
    wanted = GapFilter(locale="de", source="en", **asked)  # pyright: ignore[reportArgumentType]
    found: list[tuple[str, str, str | None, GapState]] = []
    async with pool.acquire() as conn:
        page = await list_gaps(conn, wanted, after=None, size=1)
        while page:
            (gap,) = page
            found.append((gap.sku, gap.attribute, gap.market, gap.state))
            page = await list_gaps(conn, wanted, after=gap.place, size=1)
        assert await count_gaps(conn, wanted) == len(found)
    return sorted(found, key=lambda each: each[:2])


async def put(shop: Changes, sku: str, *values: object) -> None:
    await put_good(shop, [ProductRecord(sku=sku, values=values)])  # pyright: ignore[reportArgumentType]


async def test_gaps_open_by_a_change_of_the_source_and_close_by_its_translation(
    pool: Pool,
) -> None:
    shop = await open_shop(pool)
    text = value("description", "<p>Soft</p>", locale="en")
    await put_good(
        shop,
        [
            model("TEE", name("Tee"), name("T-Shirt", "de"), text),
            variant("TEE-S", "TEE", value("size", "s"), name("Swiss tee", market="CH")),
        ],
    )
    missing = [
        ("TEE", "description", None, GapState.MISSING),
        ("TEE-S", "name", "CH", GapState.MISSING),
    ]
    assert await gaps(pool) == missing
    await put(shop, "TEE", name("Tea shirt"))
    outdated = ("TEE", "name", None, GapState.OUTDATED)
    assert await gaps(pool) == [missing[0], outdated, missing[1]]
    assert await gaps(pool, state=GapState.OUTDATED) == [outdated]
    assert await gaps(pool, attributes=["description"]) == missing[:1]
    assert await gaps(pool, families=["caps"]) == []
    await put(shop, "TEE", name("Teehemd", "de"))  # translated anew
    await put(shop, "TEE-S", name("Schweizer Hemd", "de", market="CH"))
    await put(shop, "TEE", name("Tea shirt"))  # says the same: nothing changed
    assert await gaps(pool) == missing[:1]
    await put(shop, "TEE", value("description", None, locale="en"))
    assert await gaps(pool) == []


async def test_texts_of_a_channel_are_told_where_the_role_has_it_that_the_product_lies_within(
    pool: Pool,
) -> None:
    shop = await open_shop(pool)
    there = name("Market tee", channel="market-a")
    await put_good(shop, [model("TEE", name("Tee"), name("Shop tee", channel="d2c"), there)])
    shirts = Narrowing(families=frozenset({"shirts"}), channels=frozenset({"d2c"}))
    men = Narrowing(categories=frozenset({"men"}), channels=frozenset({"market-a"}))
    caps = Narrowing(families=frozenset({"caps"}))  # on all channels, and not here
    for within, channels in (
        (None, [None, "d2c", "market-a"]),
        ([shirts], [None, "d2c"]),
        ([men, caps], [None, "market-a"]),
        ([shirts, men], [None, "d2c", "market-a"]),
    ):
        wanted = GapFilter(locale="de", source="en", within=within)
        async with pool.acquire() as conn:
            found = await list_gaps(conn, wanted, after=None, size=9)
            assert [each.channel for each in found] == channels
            assert await count_gaps(conn, wanted) == len(channels)


async def test_a_page_walks_the_texts_of_both_locales_by_an_index(pool: Pool) -> None:
    shop = await open_shop(pool)
    await put_good(shop, [model("TEE", name("Tee"))])
    text, values = page_statement(GapFilter(locale="de", source="en"), after=None, size=25)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = "\n".join(row[0] for row in await conn.fetch(f"EXPLAIN {text}", *values))
    assert "product_value_locale" in plan
