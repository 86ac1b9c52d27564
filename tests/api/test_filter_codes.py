"""A filter by a code that there is not says so, and tells nothing of what is hidden."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.clock import utc_now
from tests.api.client import Client
from tests.api.shop import Product, Shop

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


async def test_codes_that_there_are_find_nothing_without_a_word(
    client: Client, lamp: Product
) -> None:
    assert lamp
    for where in (
        {"attributes": by("colour", "neon")},  # it may be to come
        {"attributes": by("colour")},
        {"categories": ["floor-lamps"]},
        {"skus": ["NOTHING"]},
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
