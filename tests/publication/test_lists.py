"""How what is published stands in lists: where, under which name, with which facets."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.changes import Changes
from catalog.channels.commands import put_channels
from catalog.channels.model import ChannelRecord
from catalog.db import Pool
from catalog.errors import InvalidInputError
from catalog.publication.collation import sort_key
from catalog.publication.commands import list_anew
from catalog.publication.store import find_other_rules
from tests.products.shop import name, put_good, simple, value
from tests.publication.polo import CAP, attribute, document, facets, publish, unpublish
from tests.support.people import ADA, TEST
from vitrine.preflight import problem_of_order


async def test_a_model_is_found_by_what_is_published_below_it(shop: Changes, pool: Pool) -> None:
    await publish(shop, "POLO")
    assert {"colour=red", "size=s", "size=m", "weight=110"} <= await facets(pool, "POLO")
    assert "colour=blue" not in await facets(pool, "POLO")
    await unpublish(shop, "POLO-R-M")
    assert {"colour=red", "size=s", "weight=100"} <= await facets(pool, "POLO")
    assert await facets(pool, "POLO") & {"size=m", "weight=110"} == set()


async def test_lists_follow_the_fallbacks_of_locales_and_markets(shop: Changes, pool: Pool) -> None:
    hat = simple("HAT", name("Ärmelhut"), name("Hut", "de", market="DACH"), value("size", "s"))
    await put_good(shop, [hat])
    await publish(shop, "HAT", channel="market-a")
    await publish(shop, "CAP")
    rows = await pool.fetch("SELECT * FROM search_document WHERE sku = 'HAT'")
    assert [(row["locale"], row["markets"], row["sort_name"]) for row in rows] == [
        ("en", None, sort_key("Ärmelhut", "en"))
    ]
    await put_good(shop, [simple("HAT", *(hat.values or ()), value("weight", 1))])
    await publish(shop, "HAT")
    rows = await pool.fetch(
        "SELECT * FROM search_document WHERE sku = 'HAT' AND channel = 'd2c' AND locale = 'de'"
    )
    assert {(tuple(row["markets"]), row["sort_name"]) for row in rows} == {
        (("",), sort_key("Ärmelhut", "de")),
        (("CH", "DACH"), sort_key("Hut", "de")),
    }


async def test_a_locale_that_a_channel_gains_is_listed_with_the_next_call(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "CAP")
    async with shop.begin(ADA) as change:
        await put_channels(change, [ChannelRecord(code="d2c", locales=("en", "de", "de-CH"))])
    (result,) = await publish(shop, "CAP")
    assert result.version == 2
    rows = await pool.fetch("SELECT locale FROM search_document WHERE sku = 'CAP'")
    assert {row["locale"] for row in rows} == {"en", "de", "de-CH"}


async def test_facets_may_hold_any_character(shop: Changes, pool: Pool) -> None:
    odd = 'a "b" \\c, {d}\nNULL'
    said = (name(odd), value("mood", odd), value("materials", ["wool", "silk"]))
    await put_good(shop, [simple("ODD", *said, *(CAP.values or ())[1:])])
    await publish(shop, "ODD")
    assert {f"mood={odd}", "materials=wool", "materials=silk"} <= await facets(pool, "ODD")
    assert attribute(await document(pool, "ODD"), "name")["values"][0]["data"] == odd


async def test_an_end_in_the_year_9999_is_none(shop: Changes, pool: Pool) -> None:
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    await publish(shop, "CAP", visible_until=datetime.now(UTC) + timedelta(days=1))
    await publish(shop, "CAP", visible_until=end)
    assert await pool.fetchval("SELECT visible_until FROM search_document LIMIT 1") is None
    with pytest.raises(InvalidInputError):
        await publish(shop, "CAP", visible_from=end)


async def test_listings_that_other_rules_have_made_are_told_and_written_anew(
    shop: Changes, pool: Pool, database_url: str
) -> None:
    await publish(shop, "POLO", "CAP")
    rows = """SELECT product, locale, markets, categories, facets, sort_name, version, visible_from,
                     visible_until, made_by
              FROM search_document ORDER BY product, locale"""
    right = await pool.fetch(rows)
    assert await other_rules(pool) == []
    await pool.execute(
        "UPDATE search_document SET made_by = '', sort_name = 'x', facets = '{colour=pink}'"
    )
    assert await other_rules(pool) == [""]
    assert await problem_of_order(database_url) is not None
    done: list[int] = []
    while not done or done[-1]:
        async with shop.begin(TEST) as change:
            done.append(await list_anew(change, "d2c"))
    assert done == [5, 0]
    assert await pool.fetch(rows) == right
    assert await problem_of_order(database_url) is None


async def other_rules(pool: Pool) -> list[str]:
    async with pool.acquire() as conn:
        return await find_other_rules(conn)
