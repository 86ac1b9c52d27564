"""A filter by a code that there is not says so, and tells nothing of what is hidden."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from api.request.services import Services
from catalog.clock import utc_now
from catalog.errors import InvalidInputError
from catalog.graph.context import ContextArguments, ReadContext, resolve_context
from catalog.graph.filter_codes import KNOWN_FOR_S, STORED_SQL, FilterCodes, NamedCodes
from catalog.graph.reference import load_reference
from catalog.subjects import reference_subject
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.api.statements import statements_of

OUTLET_SQL = "INSERT INTO category (code, tree, path) VALUES ('outlet', 'outlet', 'outlet')"
MOVE_SQL = """UPDATE category SET tree = 'shop', path = 'shop.outlet', parent = 'shop'
              WHERE code = 'outlet'"""
LIST = "query ($filter: ProductFilter) { products(filter: $filter) { nodes { sku } } }"


async def refused(client: Client, **where: object) -> dict[str, Any]:
    """Return the one error of a list."""
    body = await client.ask(LIST, {"filter": where})
    (error,) = body["errors"]
    assert body["data"] == {"products": None}
    assert error["extensions"]["code"] == "INVALID_INPUT"
    return {"field": error["extensions"]["field"], "message": error["message"]}


def by(code: str, *values: str) -> list[dict[str, object]]:
    return [{"code": code, "values": list(values)}]


@pytest.mark.parametrize(
    ("where", "field", "message"),
    [
        (
            {"attributes": by("color", "red")},
            "filter.attributes",
            "there is no attribute 'color'; there are: colour",
        ),
        (
            {"attributes": by("name", "Lamp")},
            "filter.attributes",
            "the attribute 'name' is of the type text, which is not filtered by; there are: colour",
        ),
        ({"family": ["lamp"]}, "filter.family", "there is no family 'lamp'; there are: lamps"),
        (  # though the first finds the lamp
            {"family": ["lamps", "lamp"]},
            "filter.family",
            "there is no family 'lamp'; there are: lamps",
        ),
        (
            {"family": ["lamps"], "attributes": [*by("colour", "red"), *by("size", "s")]},
            "filter.attributes",
            "there is no attribute 'size'; there are: colour",
        ),
        (
            {"categories": ["floor_lamps"]},
            "filter.categories",
            "there is no category 'floor_lamps'; there are: floor-lamps, shop, table-lamps",
        ),
    ],
)
async def test_a_code_that_there_is_not_is_refused_with_those_that_there_are(
    client: Client, lamp: Product, where: dict[str, object], field: str, message: str
) -> None:
    assert lamp
    assert await refused(client, **where) == {"field": field, "message": message}


async def test_what_no_number_or_boolean_is_written_like_is_refused(
    client: Client, shop: Shop
) -> None:
    await shop.pool.execute(
        "INSERT INTO attribute (code, type) VALUES ('dimmable', 'boolean'), ('sockets', 'number')"
    )
    truth, digits = "write true or false", "write digits, with a point if need be"
    for code, value, hint in (
        ("dimmable", "yes", f"'yes' is no boolean as 'dimmable' has them: {truth}"),
        ("dimmable", "TRUE", truth),
        ("sockets", "two", f"'two' is no number as 'sockets' has them: {digits}"),
        ("sockets", "true", digits),
        ("sockets", "", digits),
        ("sockets", "1.50", "write 1.5"),  # which would find nothing
    ):
        right = [*by("dimmable", "true", "false"), *by("sockets", "-2", "1.5")]
        assert (await client.data(LIST, {"filter": {"attributes": right}}))["products"]
        said = await refused(client, attributes=[*right, *by(code, value)])
        assert said["field"] == "filter.attributes"
        assert hint in said["message"]


async def test_codes_that_there_are_find_nothing_without_a_word(
    client: Client, lamp: Product
) -> None:
    assert lamp
    for where in (
        {"attributes": by("colour", "neon")},  # it may be to come
        {"attributes": by("colour")},
        {"categories": ["floor-lamps"]},
        {"skus": ["NOTHING"]},
        {"models": ["NOTHING"]},
    ):
        data = await client.data(LIST, {"filter": where})
        assert data["products"]["nodes"] == []


async def test_a_family_of_which_nothing_is_visible_yet_is_not_named(
    client: Client, shop: Shop, lamp: Product
) -> None:
    assert lamp
    await shop.pool.execute("INSERT INTO family (code) VALUES ('phones')")
    later = utc_now() + timedelta(days=1)
    await shop.put(Product("PHONE", "SIMPLE"), visible=(later, None))
    await shop.pool.execute("UPDATE search_document SET family = 'phones' WHERE sku = 'PHONE'")
    said = await refused(client, family=["phone"])
    assert said["message"] == "there is no family 'phone'; there are: lamps"


async def test_codes_that_were_met_are_not_asked_for_again(
    client: Client, app: Starlette, lamp: Product
) -> None:
    assert lamp
    services: Services = app.state.services
    known = {"family": ["lamps"], "categories": ["shop"], "attributes": by("colour", "red")}
    for where, asks in ((known, True), (known, False), (known | {"family": ["none"]}, True)):
        async with statements_of(app) as seen:
            await client.ask(LIST, {"filter": where})
        assert (STORED_SQL in seen) is asks
    assert len(services.filter_codes.kept) == 3  # and not the one that there is not


async def context_of(shop: Shop) -> ReadContext:
    """Return how the d2c channel, which has the tree `shop`, is read."""
    await shop.pool.execute("UPDATE channel SET category_tree = 'shop' WHERE code = 'd2c'")
    async with shop.pool.acquire() as conn:
        reference = await load_reference(conn)
    return resolve_context(
        reference, ContextArguments(channel="d2c"), now=utc_now(), may_read_all=False
    )


async def test_a_category_of_another_tree_is_none_until_it_has_moved(shop: Shop) -> None:
    context, codes = await context_of(shop), FilterCodes()
    named = NamedCodes(categories=["outlet"])
    await shop.pool.execute(OUTLET_SQL)
    async with shop.pool.acquire() as conn:
        for _ in range(2):
            with pytest.raises(InvalidInputError, match="there is no category 'outlet'"):
                await codes.check(conn, context, named)
        await conn.execute(MOVE_SQL)
        codes.kept.drop([reference_subject("category", "outlet")])
        await codes.check(conn, context, named)


async def test_so_many_codes_are_remembered(shop: Shop) -> None:
    context, codes = await context_of(shop), FilterCodes(most=2)
    named = NamedCodes(categories=["shop", "table-lamps", "floor-lamps"], families=["lamps"])
    async with shop.pool.acquire() as conn:
        await codes.check(conn, context, named)
        assert len(codes.kept) == 2
        await codes.check(conn, context, named)


async def test_what_is_known_of_a_code_is_asked_for_again_after_a_minute(shop: Shop) -> None:
    context, now_s = await context_of(shop), [0.0]
    codes = FilterCodes(monotonic_s=lambda: now_s[0])
    named = NamedCodes(attributes=["colour"], families=["lamps"], categories=["shop"])
    async with shop.pool.acquire() as conn:
        await codes.check(conn, context, named)
        await conn.execute("UPDATE attribute SET type = 'text' WHERE code = 'colour'")
        now_s[0] = KNOWN_FOR_S - 1
        await codes.check(conn, context, named)
        now_s[0] = KNOWN_FOR_S
        with pytest.raises(InvalidInputError, match="'colour' is of the type text"):
            await codes.check(conn, context, named)
