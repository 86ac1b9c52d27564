"""Publishing and taking back: what documents say, when versions rise, who is named in events."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from catalog.changes import Changes
from catalog.clock import FAR_FUTURE
from catalog.db import Pool
from catalog.errors import InvalidInputError, NotFoundError
from catalog.products.commands import put_products
from catalog.products.model import ProductRecord
from catalog.publication.commands import publish_products
from tests.products.shop import model, name, put_good, value, variant
from tests.publication.polo import (
    CAP,
    POLO,
    attribute,
    document,
    event_count,
    facets,
    live,
    publish,
    unpublish,
)
from tests.support.purging import purging
from tests.support.turns import one_behind_the_other


async def test_a_model_takes_its_complete_variants_along_and_says_what_others_lack(
    shop: Changes, pool: Pool
) -> None:
    (result,) = await publish(shop, "POLO")
    assert (result.sku, result.outcome, result.version) == ("POLO", "published", 1)
    refused = {each.sku: each.code for each in result.below if each.outcome == "rejected"}
    assert refused == {"POLO-B": "INCOMPLETE", "POLO-B-S": "INCOMPLETE"}
    lacks = next(each.message for each in result.below if each.sku == "POLO-B-S")
    assert lacks == "give POLO-B-S values for weight"
    assert await live(pool) == {"POLO", "POLO-R", "POLO-R-S", "POLO-R-M"}


async def test_a_document_holds_inherited_values_options_and_the_way_to_its_models(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    said = await document(pool, "POLO-R-S")
    assert said["axes"] == [["colour"], ["size"]]
    assert said["options"] == {"colour": "red", "size": "s"}
    assert said["parent"]["sku"] == "POLO-R"
    assert said["categories"] == ["men-shirts"]
    assert attribute(said, "name")["values"] == [
        {"locale": "de", "market": None, "data": "Polohemd", "from": 2},
        {"locale": "en", "market": None, "data": "Polo", "from": 2},
    ]
    assert said["models"] == ["POLO-R", "POLO"]
    assert attribute(said, "colour")["options"] == {
        "red": {"label": {"en": "Red", "de": "Rot"}, "position": 0}
    }
    ids = {row["sku"]: row["id"] for row in await pool.fetch("SELECT sku, id FROM product")}
    above = await pool.fetchval("SELECT ancestors FROM publication WHERE sku = 'POLO-R-S'")
    assert above == [ids["POLO-R"], ids["POLO"]]


async def test_a_model_describes_the_options_of_all_that_is_below_it(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    said = await document(pool, "POLO")
    assert said["options"] == {}
    assert attribute(said, "colour")["values"] == []
    assert set(attribute(said, "colour")["options"]) == {"red", "blue"}
    assert set(attribute(said, "size")["options"]) == {"s", "m"}


async def test_the_nearest_value_and_that_of_the_channel_win(shop: Changes, pool: Pool) -> None:
    await put_good(
        shop,
        [
            model("TEE", name("Tee"), name("Shop tee", channel="d2c"), value("weight", 1)),
            variant("TEE-S", "TEE", value("size", "s"), value("weight", 2)),
            variant("TEE-M", "TEE", value("size", "m"), name("Big tee")),
        ],
    )
    await publish(shop, "TEE")
    small, big = await document(pool, "TEE-S"), await document(pool, "TEE-M")
    assert [each["data"] for each in attribute(small, "name")["values"]] == ["Shop tee"]
    assert [each["data"] for each in attribute(small, "weight")["values"]] == [2]
    assert [each["data"] for each in attribute(big, "name")["values"]] == ["Big tee"]
    assert [each["data"] for each in attribute(big, "weight")["values"]] == [1]


async def test_a_second_call_writes_nothing(shop: Changes, pool: Pool) -> None:
    await publish(shop, "POLO", "CAP")
    before, rows = await event_count(pool), await pool.fetch("TABLE search_document")
    again = await publish(shop, "POLO", "CAP")
    assert [each.outcome for each in again] == ["unchanged", "unchanged"]
    assert await event_count(pool) == before
    assert await pool.fetch("TABLE search_document") == rows


async def test_a_draft_changes_nothing_until_it_is_published_again_and_then_all_below(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    await put_good(shop, [model("POLO", name("Piqué"), by="by-colour-size")])
    assert attribute(await document(pool, "POLO-R-S"), "name")["values"][0]["data"] == "Polohemd"
    (result,) = await publish(shop, "POLO")
    assert {each.sku: each.version for each in result.below if each.version} == {
        "POLO-R": 2,
        "POLO-R-S": 2,
        "POLO-R-M": 2,
    }
    said = attribute(await document(pool, "POLO-R-S"), "name")["values"]
    assert [each["data"] for each in said] == ["Polohemd", "Piqué"]
    history = await pool.fetch("SELECT version, ended_at FROM publication WHERE sku = 'POLO'")
    assert {row["version"]: row["ended_at"] is None for row in history} == {1: False, 2: True}


async def test_values_of_another_channel_make_no_new_version(shop: Changes, pool: Pool) -> None:
    await publish(shop, "CAP")
    await put_good(
        shop,
        [
            ProductRecord(
                sku="CAP",
                values=(*(CAP.values or ()), name("Marketplace cap", channel="market-a")),
            )
        ],
    )
    assert [each.outcome for each in await publish(shop, "CAP")] == ["unchanged"]
    assert await pool.fetchval("SELECT count(*) FROM publication") == 1


async def test_events_name_the_product_and_every_model_above_it(shop: Changes, pool: Pool) -> None:
    await publish(shop, "POLO")
    rows = await pool.fetch("SELECT subject, subjects FROM event WHERE type LIKE 'publication.%'")
    ids = {row["sku"]: row["public_id"] for row in await pool.fetch("SELECT * FROM product")}
    subjects = {row["subject"]: row["subjects"] for row in rows}
    assert set(subjects) == {f"product/{sku}" for sku in await live(pool)}
    assert subjects["product/POLO-R-S"] == [
        f"publication:{ids[sku]}:d2c" for sku in ("POLO-R-S", "POLO-R", "POLO")
    ]


async def test_a_variant_needs_its_model_and_then_may_be_published_alone(
    shop: Changes, pool: Pool
) -> None:
    assert [each.code for each in await publish(shop, "POLO-R-S")] == ["PARENT_UNPUBLISHED"]
    await publish(shop, "POLO")
    blue = variant("POLO-B-S", "POLO-B", value("size", "s"), value("weight", 1))
    await put_good(shop, [blue])
    first, second = await publish(shop, "POLO-B-S"), await publish(shop, "POLO-B-S", "POLO-B")
    assert [each.code for each in first] == ["PARENT_UNPUBLISHED"]  # POLO-B is not published
    assert [each.outcome for each in second] == ["published", "published"]
    assert "colour=blue" in await facets(pool, "POLO")
    assert await pool.fetchval("SELECT max(version) FROM publication WHERE sku = 'POLO'") == 1


async def test_taking_a_model_back_takes_all_below_it_back(shop: Changes, pool: Pool) -> None:
    await publish(shop, "POLO", "CAP")
    results = await unpublish(shop, "POLO", "NONE", "POLO-B")
    assert [(each.outcome, each.code) for each in results] == [
        ("unpublished", None),
        ("rejected", "NOT_FOUND"),
        ("unchanged", None),
    ]
    assert await live(pool) == {"CAP"}
    listed = await pool.fetch("SELECT DISTINCT sku FROM search_document")
    assert [row["sku"] for row in listed] == ["CAP"]
    rows = await pool.fetch("SELECT subject FROM event WHERE type = 'publication.unpublished'")
    assert len(rows) == 4
    (again,) = await publish(shop, "POLO")
    assert again.version == 2


async def test_a_product_that_moved_ends_under_its_old_model(shop: Changes, pool: Pool) -> None:
    tees = [model(f"TEE-{i}", name("Tee"), value("weight", 1)) for i in range(2)]
    await put_good(shop, [*tees, variant("TEE-S", "TEE-0", value("size", "s"))])
    await publish(shop, "TEE-0", "TEE-1")
    await put_good(shop, [ProductRecord(sku="TEE-S", parent="TEE-1")])
    await publish(shop, "TEE-S")
    rows = await pool.fetch(
        "SELECT type, subjects FROM event WHERE subject = 'product/TEE-S' ORDER BY seq DESC LIMIT 2"
    )
    ids = {row["sku"]: row["public_id"] for row in await pool.fetch("SELECT * FROM product")}
    assert {row["type"]: row["subjects"][1] for row in rows} == {
        "publication.published": f"publication:{ids['TEE-1']}:d2c",
        "publication.unpublished": f"publication:{ids['TEE-0']}:d2c",
    }


async def test_windows_are_kept_followed_and_opened(shop: Changes, pool: Pool) -> None:
    start, end = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) + timedelta(days=2)
    await publish(shop, "POLO", visible_from=start, visible_until=end)
    red = variant("POLO-R-L", "POLO-R", value("size", "l"), value("weight", 1))
    await put_good(shop, [red])
    await publish(shop, "POLO")
    rows = await pool.fetch("SELECT * FROM publication WHERE ended_at IS NULL")
    assert {(row["visible_from"], row["visible_until"]) for row in rows} == {(start, end)}
    (result,) = await publish(shop, "POLO", visible_until=FAR_FUTURE)
    assert result.outcome == "published"
    row = await pool.fetchrow("SELECT * FROM search_document WHERE sku = 'POLO' AND locale = 'en'")
    assert row is not None
    assert (row["visible_from"], row["visible_until"]) == (start, None)
    assert row["version"] == result.version


async def test_a_window_that_ends_before_it_begins_is_refused(shop: Changes) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InvalidInputError):
        await publish(shop, "CAP", visible_from=now, visible_until=now)
    (result,) = await publish(shop, "CAP", visible_until=now - timedelta(days=1))
    assert (result.outcome, result.code) == ("rejected", "INVALID_INPUT")


async def test_unknown_names_are_refused(shop: Changes) -> None:
    assert [each.code for each in await publish(shop, "NONE")] == ["NOT_FOUND"]
    with pytest.raises(NotFoundError):
        await publish(shop, "CAP", channel="tv")


async def test_publishing_and_changing_at_once_do_not_deadlock(shop: Changes, pool: Pool) -> None:
    await asyncio.gather(
        *(publish(shop, *(("POLO", "CAP") if i % 2 else ("CAP", "POLO"))) for i in range(4)),
        *(put_good(shop, [*reversed(POLO)][i:]) for i in range(3)),
        unpublish(shop, "POLO-R", "CAP"),
    )
    assert await pool.fetchval("SELECT count(*) FROM publication WHERE ended_at IS NULL") >= 1


async def test_a_variant_that_is_added_while_its_model_waits_is_published_with_it(
    shop: Changes, pool: Pool
) -> None:
    new = variant("POLO-R-L", "POLO-R", value("size", "l"), value("weight", 120))
    await one_behind_the_other(
        shop,
        lambda change: put_products(change, [new]),
        lambda change: publish_products(change, ["POLO"], "d2c"),
    )
    assert "POLO-R-L" in await live(pool)


@pytest.mark.parametrize("ended_by", ["taken back", "moved"])
async def test_what_stops_being_live_is_purged_for_its_owner_and_the_model_above(
    shop: Changes, pool: Pool, ended_by: str
) -> None:
    tees = [model(f"TEE-{i}", name("Tee"), value("weight", 1)) for i in range(2)]
    await put_good(shop, [*tees, variant("TEE-S", "TEE-0", value("size", "s"))])
    await publish(shop, "TEE-0", "TEE-1")
    await purging(pool, ["cdn"])
    if ended_by == "moved":
        await put_good(shop, [ProductRecord(sku="TEE-S", parent="TEE-1")])
    else:
        await unpublish(shop, "TEE-S")
    ids = {row["sku"]: row["public_id"] for row in await pool.fetch("SELECT * FROM product")}
    tags = {row["tag"] for row in await pool.fetch("SELECT tag FROM purge")}
    assert tags >= {f"p-{ids[sku]}" for sku in ("TEE-S", "TEE-0")}


async def test_what_a_person_took_back_is_published_again_by_its_own_sku_and_by_no_import(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    await unpublish(shop, "POLO-R-M", "CAP")  # CAP was not published: it is to stay off
    for is_import in (True, False):
        (polo,) = await publish(shop, "POLO", is_import=is_import)
        assert {each.sku: each.code for each in polo.below}["POLO-R-M"] == "TAKEN_BACK"
    named = await publish(shop, "CAP", "POLO-R-M", is_import=True)
    assert [each.code for each in named] == ["TAKEN_BACK"] * 2
    assert await live(pool) == {"POLO", "POLO-R", "POLO-R-S"}
    assert [each.code for each in await publish(shop, "CAP", "POLO-R-M")] == [None, None]
    assert {"CAP", "POLO-R-M"} < await live(pool)
    again = await publish(shop, "CAP", "POLO", is_import=True)
    assert [each.outcome for each in again] == ["unchanged", "unchanged"]


async def test_all_below_a_model_that_was_taken_back_stays_off_until_the_model_is_published(
    shop: Changes, pool: Pool
) -> None:
    await publish(shop, "POLO")
    await unpublish(shop, "POLO")
    new = variant("POLO-R-L", "POLO-R", value("size", "l"), value("weight", 1))
    await put_good(shop, [new])
    results = await publish(shop, "POLO", "POLO-R-L", is_import=True)
    assert {each.code for each in results} == {"TAKEN_BACK"}
    assert [each.code for each in await publish(shop, "POLO-R-L")] == ["TAKEN_BACK"]
    assert await live(pool) == set()
    await publish(shop, "POLO")
    assert await live(pool) == {"POLO", "POLO-R", "POLO-R-S", "POLO-R-M", "POLO-R-L"}


async def test_what_was_not_published_and_shall_not_be_is_on_record_once(
    shop: Changes, pool: Pool
) -> None:
    await unpublish(shop, "CAP")
    await unpublish(shop, "CAP")
    rows = await pool.fetch("SELECT type, subject FROM audit WHERE type LIKE 'publication.%'")
    assert [tuple(row) for row in rows] == [("publication.kept_off", "product/CAP")]
