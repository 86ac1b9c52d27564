"""Products in batches: what is applied, what is refused and why, what a second run does."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.members import Edit
from catalog.products.model import ProductRecord
from tests.products.shop import model, name, open_shop, put, put_good, simple, value, variant


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    return await open_shop(pool)


async def event_types(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT type FROM event WHERE type LIKE 'product.%' ORDER BY seq")
    return [row["type"] for row in rows]


async def stored_values(pool: Pool, sku: str) -> dict[tuple[Any, ...], Any]:
    rows = await pool.fetch(
        "SELECT attribute, locale, market, channel, data FROM product_value "
        "JOIN product ON id = owner WHERE sku = $1",
        sku,
    )
    return {tuple(row.values())[:4]: row["data"] for row in rows}


POLO = (
    model("POLO", name("Polo"), by="by-colour-size"),
    model("SUB", value("colour", "red"), by="by-colour-size", parent="POLO"),
)
TEE = (
    model("TEE", name("Tee"), name("T-Shirt", "de"), value("weight", 120)),
    variant("TEE-S", "TEE", value("size", "s"), gtin="4006381333931"),
    variant("TEE-M", "TEE", value("size", "m")),
)


async def test_a_batch_is_stored_with_values_categories_and_events(
    shop: Changes, pool: Pool
) -> None:
    applied = await put(shop, *TEE)
    assert applied == BatchResult(created=3)
    assert await stored_values(pool, "TEE") == {
        ("name", "en", None, None): "Tee",
        ("name", "de", None, None): "T-Shirt",
        ("weight", None, None, None): 120,
    }
    row = await pool.fetchrow("SELECT * FROM product WHERE sku = 'TEE-S'")
    assert row is not None
    assert (row["gtin"], row["family"], row["revision"]) == ("4006381333931", "shirts", 1)
    assert await event_types(pool) == ["product.created"] * 3


async def test_a_second_run_writes_nothing_and_records_no_event(
    shop: Changes,
    pool: Pool,
) -> None:
    await put(shop, *TEE)
    before = await pool.fetch("SELECT xmin::text, revision FROM product ORDER BY sku")
    assert await put(shop, *TEE) == BatchResult(unchanged=3)
    assert await pool.fetch("SELECT xmin::text, revision FROM product ORDER BY sku") == before
    assert len(await event_types(pool)) == 3


async def test_a_change_raises_the_revision_and_leaves_out_what_it_does_not_name(
    shop: Changes, pool: Pool
) -> None:
    await put(shop, *TEE)
    applied = await put(shop, ProductRecord(sku="TEE-S", gtin=""), ProductRecord(sku="TEE-M"))
    assert applied == BatchResult(updated=1, unchanged=1)
    row = await pool.fetchrow("SELECT gtin, revision FROM product WHERE sku = 'TEE-S'")
    assert tuple(row or ()) == (None, 2)
    assert await stored_values(pool, "TEE-S") == {("size", None, None, None): "s"}
    assert (await event_types(pool))[3:] == ["product.updated"]


def texts(**of: str) -> dict[tuple[Any, ...], Any]:
    return {("name", locale, None, None): text for locale, text in of.items()}


async def test_values_that_are_not_named_stay(shop: Changes, pool: Pool) -> None:
    prices = {"EUR": 9.5, "USD": 11}
    stored = simple("CAP", name("Cap"), value("weight", 80), value("price", prices))
    await put_good(shop, [stored])
    before = await stored_values(pool, "CAP")
    for stated, expected in (
        (name("Kappe", "de"), texts(en="Cap", de="Kappe")),
        (name("Hat"), texts(en="Hat", de="Kappe")),
        (name("Chapeau", market="CH"), {("name", "en", "CH", None): "Chapeau"}),
        (value("price", {"EUR": 10}), {("price", None, None, None): {"EUR": 10, "USD": 11}}),
        (value("price", {"CHF": 12, "USD": None}),
         {("price", None, None, None): {"EUR": 10, "CHF": 12}}),
    ):  # fmt: skip
        assert await put(shop, ProductRecord(sku="CAP", values=(stated,))) == BatchResult(updated=1)
        before |= expected
        assert await stored_values(pool, "CAP") == before


async def test_null_takes_away_one_value_and_taking_it_again_changes_nothing(
    shop: Changes, pool: Pool
) -> None:
    two = (name("Cap"), name("Kappe", "de"), value("price", {"EUR": 9.5}), value("weight", 8))
    await put_good(shop, [simple("CAP", *two)])
    gone = (value("name", None, locale="de"), value("price", {"EUR": None}), value("weight", None))
    for expected in (BatchResult(updated=1), BatchResult(unchanged=1)):
        assert await put(shop, ProductRecord(sku="CAP", values=gone)) == expected
        assert await stored_values(pool, "CAP") == texts(en="Cap")


async def test_a_record_may_state_the_whole_set_of_values(shop: Changes, pool: Pool) -> None:
    await put_good(shop, [simple("CAP", name("Cap"), value("price", {"EUR": 9, "USD": 9}))])
    only = ProductRecord(sku="CAP", values=(value("price", {"USD": 8}),), replace_values=True)
    await put_good(shop, [only])
    assert await stored_values(pool, "CAP") == {("price", None, None, None): {"USD": 8}}
    await put_good(shop, [ProductRecord(sku="CAP", values=(), replace_values=True)])
    assert await stored_values(pool, "CAP") == {}


async def test_prices_of_one_scope_may_be_stated_one_by_one_but_no_currency_twice(
    shop: Changes, pool: Pool
) -> None:
    one, other = value("price", {"EUR": 9}), value("price", {"USD": 8})
    await put_good(shop, [simple("CAP", one, other)])
    assert await stored_values(pool, "CAP") == {("price", None, None, None): {"EUR": 9, "USD": 8}}
    for twice in (value("price", {"EUR": 7}), value("price", None)):
        applied = await put(shop, ProductRecord(sku="CAP", values=(one, other, twice)))
        assert [each.field for each in applied.rejections] == ["values[2]"]


async def test_another_family_keeps_the_values_that_it_has_attributes_for(
    shop: Changes, pool: Pool
) -> None:
    await put_good(shop, [simple("CAP", name("Cap"), value("weight", 80))])
    moved = ProductRecord(sku="CAP", family="caps", values=(value("weight", None),))
    await put_good(shop, [moved])
    assert await stored_values(pool, "CAP") == texts(en="Cap")


async def test_categories_are_whole_or_changed_by_single_members(shop: Changes, pool: Pool) -> None:
    async def stored() -> set[str]:
        return {
            row["category"] for row in await pool.fetch("SELECT category FROM product_category")
        }

    for stated, expected in (
        (("men",), {"men"}),
        (Edit(add=("sale",)), {"men", "sale"}),
        (Edit(add=("shop",), remove=("men",)), {"sale", "shop"}),
        (Edit(remove=("men",)), {"sale", "shop"}),
        (("men",), {"men"}),
        ((), set[str]()),
    ):
        await put_good(shop, [simple("CAP", categories=stated)])
        assert await stored() == expected


REFUSED = {
    "an unknown attribute": (simple("X", value("smell", "x")), "values[0].attribute"),
    "an unknown option": (simple("X", value("colour", "pink")), "values[0].data"),
    "an option of a list": (simple("X", value("materials", ["wool", "tin"])), "values[0].data"),
    "an option twice": (simple("X", value("materials", ["wool", "wool"])), "values[0].data"),
    "a text for a number": (simple("X", value("weight", "12")), "values[0].data"),
    "a boolean for a number": (simple("X", value("weight", True)), "values[0].data"),  # noqa: FBT003 - a value
    "a number below its minimum": (simple("X", value("weight", -1)), "values[0].data"),
    "a number for a text": (simple("X", name("a"), name(7, "de")), "values[1].data"),  # pyright: ignore[reportArgumentType] - wrong on purpose
    "an empty text": (simple("X", name(" ")), "values[0].data"),
    "a character that cannot be stored": (simple("X", name("a\0")), "values[0].data"),
    "no date": (simple("X", value("since", "2026-02-30")), "values[0].data"),
    "a measurement without unit": (simple("X", value("length", {"amount": 1})), "values[0].data"),
    "an unknown currency": (simple("X", value("price", {"EUX": 1})), "values[0].data"),
    "an object for an option": (simple("X", value("colour", {"a": 1})), "values[0].data"),
    "no locale where one is needed": (simple("X", value("name", "a")), "values[0].locale"),
    "a locale where none is taken": (
        simple("X", value("weight", 1, locale="en")),
        "values[0].locale",
    ),
    "an unknown locale": (simple("X", name("a", "fr")), "values[0].locale"),
    "an unknown market": (simple("X", name("a", market="XX")), "values[0].market"),
    "an unknown channel": (simple("X", name("a", channel="tv")), "values[0].channel"),
    "a scope twice": (simple("X", name("a"), name("b")), "values[1]"),
    "an unknown category": (simple("X", categories=("men", "zoo")), "categories[1]"),
    "an unknown category that leaves": (
        simple("X", categories=Edit(add=("men",), remove=("zoo",))),
        "categories.remove[0]",
    ),
    "a category that comes and leaves": (
        simple("X", categories=Edit(add=("men",), remove=("men",))),
        "categories",
    ),
    "a currency that is none, taken away": (
        simple("X", value("price", {"EURO": None})),
        "values[0].data",
    ),
    "an attribute that is none, taken away": (
        simple("X", value("smell", None)),
        "values[0].attribute",
    ),
    "a wrong check digit": (simple("X", gtin="4006381333932", strict_gtin=True), "gtin"),
    "a GTIN of 9 digits": (simple("X", gtin="123456789", strict_gtin=True), "gtin"),
    "a text far longer than a GTIN": (simple("X", gtin="1" * 201), "gtin"),
    "an unknown family": (ProductRecord(sku="X", kind="SIMPLE", family="zoo"), "family"),
    "no kind": (ProductRecord(sku="X", family="shirts"), "kind"),
    "a variant without parent": (ProductRecord(sku="X", kind="VARIANT"), "parent"),
    "an unknown parent": (variant("X", "NONE", value("size", "s")), "parent"),
    "a variant below a variant": (variant("X", "TEE-S", value("size", "s")), "parent"),
    "a simple product with parent": (simple("X", parent="TEE"), "parent"),
    "a model below a full model": (model("X", parent="TEE"), "parent"),
    "an unknown family variant": (model("X", by="by-smell"), "family_variant"),
    "a missing axis value": (variant("X", "TEE", value("weight", 1)), "values"),
    "axis values that a sibling has": (variant("X", "TEE", value("size", "m")), "values"),
    "an axis on the model": (model("X", value("size", "m")), "values"),
    "a new product without family": (ProductRecord(sku="X", kind="SIMPLE"), "family"),
    "a family that is not the model's": (
        ProductRecord(sku="X", kind="VARIANT", parent="TEE", family="caps"),
        "family",
    ),
    "another family of a model": (ProductRecord(sku="TEE", family="caps"), "family"),
    "another family without an attribute": (ProductRecord(sku="MUG", family="caps"), "family"),
    "a model below itself": (ProductRecord(sku="TEE", parent="TEE"), "parent"),
    "another level": (model("SUB", by="by-colour-size", parent=""), "parent"),
    "another kind": (ProductRecord(sku="TEE-S", kind="SIMPLE"), "kind"),
    "a sku with spaces around it": (simple(" X"), "sku"),
    "an empty sku": (simple(""), "sku"),
}


@pytest.mark.parametrize(("record", "field"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_bad_record_costs_only_itself(
    shop: Changes, record: ProductRecord, field: str
) -> None:
    await put_good(shop, [*TEE, *POLO, simple("MUG", value("weight", 5))])
    applied = await put(shop, simple("GOOD-1"), record, simple("GOOD-2"))
    (refused,) = applied.rejections
    assert (refused.index, refused.field, applied.created) == (1, field, 2)
    assert refused.message


async def test_all_faults_of_a_record_are_told_at_once(shop: Changes) -> None:
    await put_good(shop, TEE)
    record = variant("X", "TEE", value("size", "m"), value("weight", "1,5"), value("smell", "x"))
    wrong = replace(
        record,
        gtin="1",
        strict_gtin=True,
        categories=("zoo", "men", "attic"),
        values=(*(record.values or ()), value("colour", "red"), value("materials", ["tin"])),
    )
    (refused,) = (await put(shop, wrong)).rejections
    assert [each.field for each in refused.faults] == [
        "gtin",
        "categories[0]",
        "categories[2]",
        "values[1].data",
        "values[2].attribute",
        "values[4].data",
        "values",  # a sibling has the same size
    ]


async def test_an_axis_whose_value_is_refused_is_not_missing_too(shop: Changes) -> None:
    await put_good(shop, TEE)
    (refused,) = (await put(shop, variant("X", "TEE", value("size", "huge")))).rejections
    assert [each.field for each in refused.faults] == ["values[0].data"]


async def wrong_gtins(pool: Pool) -> list[tuple[str, str, str]]:
    rows = await pool.fetch("SELECT subject, cause, state FROM task ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_wrong_gtin_costs_itself_and_waits_for_a_person_until_it_is_right(
    shop: Changes, pool: Pool
) -> None:
    async def stored() -> tuple[str | None, str | None]:
        row = await pool.fetchrow("SELECT gtin, wrong_gtin FROM product WHERE sku = 'MUG'")
        assert row is not None
        return tuple(row)

    queued = ("product/MUG", "4006381333932: the check digit should be 1: read it again")
    for expected in (BatchResult(created=1), BatchResult(unchanged=1)):
        assert await put(shop, simple("MUG", gtin="4006381333932")) == expected
        assert await stored() == (None, "4006381333932")
        assert await wrong_gtins(pool) == [(*queued, "open")]

    await put_good(shop, [ProductRecord(sku="MUG", gtin="4006381333931")])
    assert await stored() == ("4006381333931", None)
    assert await wrong_gtins(pool) == [(*queued, "resolved")]

    await put_good(shop, [ProductRecord(sku="MUG", gtin="40063")])
    assert await stored() == ("4006381333931", "40063")  # the right one that was told stands
    await put_good(shop, [ProductRecord(sku="MUG", gtin="")])
    assert await stored() == (None, None)
    assert {state for *_, state in await wrong_gtins(pool)} == {"resolved"}


async def test_a_record_may_name_what_came_before_it_in_the_batch_and_nothing_refused(
    shop: Changes,
) -> None:
    bad = model("BAD", value("weight", "heavy"))
    applied = await put(shop, bad, variant("BAD-S", "BAD", value("size", "s")), *TEE)
    assert [(each.index, each.field) for each in applied.rejections] == [
        (0, "values[0].data"),
        (1, "parent"),
    ]
    assert applied.created == 3


async def test_siblings_of_one_batch_may_not_share_axis_values(shop: Changes) -> None:
    first, second = (variant(f"TEE-{i}", "TEE", value("size", "l")) for i in (1, 2))
    applied = await put(shop, *TEE, first, second)
    assert [(each.index, each.code) for each in applied.rejections] == [(4, "AXIS_TAKEN")]


async def test_an_axis_value_that_was_given_up_may_be_taken(shop: Changes) -> None:
    await put(shop, *TEE)
    applied = await put(
        shop,
        variant("TEE-S", "TEE", value("size", "l")),
        variant("TEE-X", "TEE", value("size", "s")),
    )
    assert applied == BatchResult(updated=1, created=1)


async def test_two_levels_of_axes_hold_their_own_values(shop: Changes) -> None:
    applied = await put(
        shop,
        model("POLO", name("Polo"), by="by-colour-size"),
        model("POLO-R", value("colour", "red"), by="by-colour-size", parent="POLO"),
        variant("POLO-R-S", "POLO-R", value("size", "s")),
        variant("POLO-S", "POLO", value("size", "s")),
        variant("POLO-R-M", "POLO-R", value("size", "m"), value("colour", "blue")),
    )
    assert applied.created == 3
    assert [each.index for each in applied.rejections] == [3, 4]


async def test_a_change_of_parent_names_the_product_and_its_models_old_and_new(
    shop: Changes, pool: Pool
) -> None:
    await put_good(shop, [*TEE, model("TOP", name("Top"))])
    await put_good(shop, [ProductRecord(sku="TEE-S", parent="TOP")])
    subjects = await pool.fetchval("SELECT subjects FROM event WHERE type = 'product.moved'")
    ids = {row["sku"]: row["public_id"] for row in await pool.fetch("SELECT * FROM product")}
    assert set(subjects) == {
        f"publication:{ids[sku]}:{channel}"
        for sku in ("TEE-S", "TEE", "TOP")
        for channel in ("d2c", "market-a")
    }


async def test_two_imports_at_once_do_not_deadlock_and_lose_nothing(
    shop: Changes, pool: Pool
) -> None:
    def batch(weight: int) -> list[ProductRecord]:
        order = range(60) if weight % 2 else range(59, -1, -1)
        models = [model(f"M{i}", name("m"), value("weight", weight)) for i in order]
        below = [variant(f"M{i}-S", f"M{i}", value("size", "s")) for i in order]
        return [*models, *below]

    applied = await asyncio.gather(*(put(shop, *batch(weight)) for weight in range(1, 7)))
    assert all(each.rejections == () for each in applied)
    assert sum(each.created for each in applied) == 120
    assert await pool.fetchval("SELECT count(*) FROM product") == 120
    weights = await pool.fetch("SELECT DISTINCT data FROM product_value WHERE attribute = 'weight'")
    assert len(weights) == 1
