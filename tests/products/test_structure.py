"""Attributes, families and categories in batches."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.errors import InvalidInputError
from catalog.products.commands import (
    put_attributes,
    put_categories,
    put_families,
    put_products,
)
from catalog.products.model import (
    AttributeRecord,
    CategoryRecord,
    FamilyRecord,
    FamilyVariant,
    Option,
)
from catalog.products.structure import merge_attribute
from tests.products.shop import (
    ATTRIBUTES,
    CATEGORIES,
    FAMILIES,
    open_shop,
    put_good,
    simple,
    value,
)
from tests.support.people import TEST
from tests.support.turns import one_behind_the_other

Put = Callable[[Change, Any], Awaitable[BatchResult]]


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    return await open_shop(pool)


async def put(shop: Changes, command: Put, *records: object) -> BatchResult:
    async with shop.begin(TEST) as change:
        return await command(change, records)


async def test_a_second_run_changes_nothing(shop: Changes) -> None:
    assert await put(shop, put_attributes, *ATTRIBUTES) == BatchResult(unchanged=len(ATTRIBUTES))
    assert await put(shop, put_families, *FAMILIES) == BatchResult(unchanged=len(FAMILIES))
    assert await put(shop, put_categories, *CATEGORIES) == BatchResult(unchanged=len(CATEGORIES))


async def test_an_option_does_not_go_while_a_value_takes_it(shop: Changes) -> None:
    async def give(change: Change) -> BatchResult:
        return await put_products(change, [simple("CAP", value("colour", "red"))])

    async def remove(change: Change) -> BatchResult:
        return await put_attributes(change, [select("blue", "green")])

    (refused,) = (await one_behind_the_other(shop, give, remove)).rejections
    assert refused.field == "options"
    await put_good(shop, [simple("CAP", value("colour", None))])
    (refused,) = (await one_behind_the_other(shop, remove, give)).rejections
    assert refused.field == "values[0].data"


def select(*options: str) -> AttributeRecord:
    return AttributeRecord(code="colour", options=tuple(Option(code=code) for code in options))


async def test_options_are_whole_but_one_in_use_stays(shop: Changes, pool: Pool) -> None:
    await put_good(shop, [simple("CAP", value("colour", "red"))])
    (refused,) = (await put(shop, put_attributes, select("blue", "green"))).rejections
    assert refused.field == "options"
    assert await put(shop, put_attributes, select("red", "gold")) == BatchResult(updated=1)
    rows = await pool.fetch(
        "SELECT code FROM attribute_option WHERE attribute = 'colour' ORDER BY position"
    )
    assert [row["code"] for row in rows] == ["red", "gold"]


async def test_a_family_may_change_all_but_the_axes_of_its_variants(
    shop: Changes, pool: Pool
) -> None:
    changed = FamilyRecord(
        code="shirts",
        attributes=("size", "colour", "name", "weight"),
        required={"market-a": ("name",)},
    )
    assert await put(shop, put_families, changed) == BatchResult(updated=1)
    rows = await pool.fetch(
        "SELECT attribute FROM family_attribute WHERE family = 'shirts' ORDER BY position"
    )
    assert [row["attribute"] for row in rows] == ["size", "colour", "name", "weight"]
    rows = await pool.fetch("SELECT attribute, channel FROM attribute_requirement")
    assert [tuple(row) for row in rows] == [("name", "market-a")]
    assert await put(shop, put_families, changed) == BatchResult(unchanged=1)


def family(**fields: object) -> FamilyRecord:
    asked: dict[str, Any] = {"code": "hats", "attributes": ("name", "size", "price"), **fields}
    return FamilyRecord(**asked)


def axes(*levels: tuple[str, ...], code: str = "v") -> FamilyRecord:
    return family(variants=(FamilyVariant(code=code, axes=levels),))


def table(*columns: dict[str, str]) -> AttributeRecord:
    return AttributeRecord(
        code="sizes", attribute_type="table", validation={"columns": list(columns)}
    )


REFUSED = {
    "an attribute with spaces": (
        put_attributes,
        AttributeRecord(code="a b", attribute_type="text"),
        "code",
    ),
    "a type that is none": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="blob"),  # pyright: ignore[reportArgumentType] - wrong on purpose
        "attribute_type",
    ),
    "no type": (put_attributes, AttributeRecord(code="a"), "attribute_type"),
    "another type": (
        put_attributes,
        AttributeRecord(code="weight", attribute_type="text"),
        "attribute_type",
    ),
    "other scoping": (
        put_attributes,
        AttributeRecord(code="weight", localizable=True),
        "localizable",
    ),
    "decimals that are no whole number": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="price", validation={"decimals": 2.5}),
        "validation.decimals",
    ),
    "a validation of another type": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="text", validation={"min": 1}),
        "validation.min",
    ),
    "a limit that is no number": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="number", validation={"min": "1"}),
        "validation.min",
    ),
    "a pattern that cannot be read": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="text", validation={"pattern": "("}),
        "validation.pattern",
    ),
    "a pattern that looks around": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="text", validation={"pattern": "(?=a)"}),
        "validation.pattern",
    ),
    "a limit that no number reaches": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="number", validation={"max": float("inf")}),
        "validation.max",
    ),
    "a first day that is none": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="date", validation={"min": "2026-02-30"}),
        "validation.min",
    ),
    "a table without columns": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="table"),
        "validation.columns",
    ),
    "a table within a table": (
        put_attributes,
        table({"code": "b", "type": "table"}),
        "validation.columns[0].type",
    ),
    "a column twice": (
        put_attributes,
        table(*[{"code": "b", "type": "text"}] * 2),
        "validation.columns[1].code",
    ),
    "more columns than a table has": (
        put_attributes,
        table(*({"code": str(place), "type": "text"} for place in range(51))),
        "validation.columns",
    ),
    "options of a text": (
        put_attributes,
        AttributeRecord(code="a", attribute_type="text", options=(Option(code="x"),)),
        "options",
    ),
    "an option with spaces": (put_attributes, select("red", "dark red"), "options[1].code"),
    "an option twice": (put_attributes, select("red", "red"), "options[1].code"),
    "a label that cannot be stored": (
        put_attributes,
        AttributeRecord(code="weight", label={"en": "\0"}),
        "label.en",
    ),
    "an unknown attribute": (put_families, family(attributes=("smell",)), "attributes"),
    "an attribute twice": (put_families, family(attributes=("name", "name")), "attributes"),
    "an unknown channel": (put_families, family(required={"tv": ("name",)}), "required.tv"),
    "a requirement of another family": (
        put_families,
        family(required={"d2c": ("weight",)}),
        "required.d2c",
    ),
    "an axis that is not the family's": (put_families, axes(("colour",)), "variants[0].axes"),
    "an axis that is localizable": (put_families, axes(("name",)), "variants[0].axes"),
    "an axis of prices": (put_families, axes(("price",)), "variants[0].axes"),
    "an axis twice": (put_families, axes(("size",), ("size",)), "variants[0].axes"),
    "a level without axes": (put_families, axes(("size",), ()), "variants[0].axes"),
    "no levels": (put_families, axes(), "variants[0].axes"),
    "a variant of another family": (
        put_families,
        axes(("size",), code="by-size"),
        "variants[0].code",
    ),
    "a variant twice": (
        put_families,
        family(variants=(FamilyVariant(code="v", axes=(("size",),)),) * 2),
        "variants",
    ),
    "other axes": (
        put_families,
        FamilyRecord(code="shirts", variants=(FamilyVariant(code="by-size", axes=(("colour",),)),)),
        "variants",
    ),
    "an unknown parent": (put_categories, CategoryRecord(code="a", parent="zoo"), "parent"),
    "a category below itself": (
        put_categories,
        CategoryRecord(code="shop", parent="men-shirts"),
        "parent",
    ),
    "a twin but for its hyphen": (
        put_categories,
        CategoryRecord(code="men_shirts", parent="men"),
        "code",
    ),
}


@pytest.mark.parametrize(("command", "record", "field"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_bad_record_is_refused_at_its_field(
    shop: Changes, command: Put, record: object, field: str
) -> None:
    (refused,) = (await put(shop, command, record)).rejections
    assert (refused.index, refused.field) == (0, field)
    assert refused.message


async def test_a_category_that_moves_takes_along_what_is_below_it(
    shop: Changes, pool: Pool
) -> None:
    applied = await put(shop, put_categories, CategoryRecord(code="men", parent="sale"))
    assert applied == BatchResult(updated=1)
    path = await pool.fetchval("SELECT path::text FROM category WHERE code = 'men-shirts'")
    assert path == "shop.sale.men.men_shirts"


async def test_a_category_that_loses_its_parent_is_a_tree(shop: Changes, pool: Pool) -> None:
    await put(shop, put_categories, CategoryRecord(code="men", parent=""))
    rows = await pool.fetch("SELECT DISTINCT tree FROM category ORDER BY 1")
    assert [row["tree"] for row in rows] == ["men", "shop"]


async def test_codes_are_kept_as_other_systems_write_them(shop: Changes, pool: Pool) -> None:
    options = ("XL", "xl", "a4_letter_", "38.5", "BLK/WHT", "90%", "Größe")
    size = AttributeRecord(
        code="us-Size.v2",
        attribute_type="select",
        options=tuple(Option(code=code) for code in options),
    )
    assert await put(shop, put_attributes, size) == BatchResult(created=1)
    family = FamilyRecord(code="T-Shirts_", attributes=("us-Size.v2",))
    assert await put(shop, put_families, family) == BatchResult(created=1)
    category = CategoryRecord(code="Winter__2026-", parent="shop")
    assert await put(shop, put_categories, category) == BatchResult(created=1)
    stored = await pool.fetch(
        "SELECT code FROM attribute_option WHERE attribute = 'us-Size.v2' ORDER BY position"
    )
    assert tuple(row["code"] for row in stored) == options


@pytest.mark.parametrize("code", ["", " s", "s ", "a\nb", "a\tb", "a\u00a0b", "x" * 101])
def test_an_option_code_is_printable_and_of_one_line(code: str) -> None:
    record = replace(select("red", code), attribute_type="select")
    with pytest.raises(InvalidInputError) as refused:
        merge_attribute(record, None, frozenset())
    assert refused.value.field == "options[1].code"
