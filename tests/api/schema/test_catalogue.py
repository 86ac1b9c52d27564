"""The catalogue as it is kept, over HTTP: what is published, what changed since, and to whom."""

from itertools import product as combinations
from typing import Any

import pytest

from catalog.access.assignments import give_role
from catalog.access.commands import create_key
from catalog.access.principals import create_person
from catalog.access.rules import Narrowing
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.support.people import TEST

LIST = """
query ($state: PublicationState, $channel: String, $family: [String!], $kind: [ProductKind!],
       $search: String, $first: Int, $after: String) {
  catalogueProducts(state: $state, channel: $channel, family: $family, kind: $kind,
                    search: $search, first: $first, after: $after) {
    nodes { sku kind family label parent revision
            publications { channel version visibleUntil hasChanged } }
    pageInfo { hasNextPage endCursor } totalCount
  }
}
"""
NAME_SQL = "INSERT INTO product_value (owner, attribute, locale, data) VALUES ($1, 'name', $2, $3)"
TOUCH_SQL = "UPDATE product SET updated_at = clock_timestamp() WHERE sku = $1"


@pytest.fixture
async def kept(shop: Shop) -> Shop:
    """A model with a variant on d2c, a chair on print that changed since, and a draft."""
    model = await shop.put(Product("LAMP", "MODEL"))
    await shop.pool.execute(NAME_SQL, model.id, "en-US", "Lamp")
    await shop.put(Product("LAMP-R", "VARIANT", [model]))
    chair = await shop.put(Product("CHAIR", "SIMPLE"), channel="print")
    await shop.pool.execute("INSERT INTO family (code) VALUES ('chairs')")
    await shop.pool.execute("UPDATE product SET family = 'chairs' WHERE id = $1", chair.id)
    await shop.pool.execute(TOUCH_SQL, "CHAIR")
    await shop.stage.product()
    await shop.pool.execute("UPDATE product SET sku = 'DRAFT' WHERE sku = public_id")
    return shop


async def listed(client: Client, headers: dict[str, str], **asked: Any) -> Any:  # noqa: ANN401 - JSON
    return (await client.data(LIST, asked, headers=headers))["catalogueProducts"]


async def skus(client: Client, headers: dict[str, str], **asked: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [each["sku"] for each in (await listed(client, headers, **asked))["nodes"]]


async def test_products_are_found_by_what_is_to_be_published(client: Client, kept: Shop) -> None:
    headers = await kept.key("read", "manage.products")
    found = await listed(client, headers)
    assert [each["sku"] for each in found["nodes"]] == ["DRAFT", "CHAIR", "LAMP-R", "LAMP"]
    assert found["totalCount"] == 4
    draft, chair, variant, _ = found["nodes"]
    assert draft["publications"] == []
    assert chair["publications"] == [
        {"channel": "print", "version": 1, "visibleUntil": None, "hasChanged": True}
    ]
    assert (variant["label"], variant["parent"]) == ("Lamp", "LAMP")
    for asked, expected in (
        ({"state": "UNPUBLISHED"}, ["DRAFT"]),
        ({"state": "CHANGED"}, ["CHAIR"]),
        ({"state": "PUBLISHED"}, ["CHAIR", "LAMP-R", "LAMP"]),
        ({"state": "PUBLISHED", "channel": "d2c"}, ["LAMP-R", "LAMP"]),
        ({"state": "UNPUBLISHED", "channel": "d2c"}, ["DRAFT", "CHAIR"]),
        ({"family": ["chairs"]}, ["CHAIR"]),
        ({"kind": ["MODEL"]}, ["LAMP"]),
        ({"search": "lam"}, ["LAMP-R", "LAMP"]),
        ({"search": "nothing"}, []),
    ):
        found = await listed(client, headers, **asked)
        assert [each["sku"] for each in found["nodes"]] == expected, asked
        assert found["totalCount"] == len(expected), asked


async def test_pages_go_on_where_the_last_one_ended(client: Client, kept: Shop) -> None:
    headers = await kept.key("read", "manage.products")
    first = await listed(client, headers, first=3)
    after = first["pageInfo"]["endCursor"]
    assert await skus(client, headers, first=3, after=after) == ["LAMP"]
    for cursor in ("", "x", after[:-2]):
        asked = {"after": cursor}
        assert await client.code(LIST, asked, headers=headers) == "INVALID_CURSOR"


async def test_all_that_is_asked_for_holds_together(client: Client, kept: Shop) -> None:
    headers = await somebody(kept, families={"lamps"}, channels={"d2c"})
    choices = {
        "state": ("CHANGED", None),
        "channel": ("d2c", None),
        "family": (["lamps"], None),
        "kind": (["MODEL"], None),
        "search": ("lamp", None),
    }
    for values in combinations(*choices.values()):
        asked = dict(zip(choices, values, strict=True))
        found = await listed(client, headers, **asked)
        assert found["totalCount"] == len(found["nodes"]), asked


async def somebody(shop: Shop, *also: Narrowing, **where: set[str]) -> dict[str, str]:
    narrowing = Narrowing(**{each: frozenset(codes) for each, codes in where.items()})
    async with shop.stage.changes.begin(TEST) as change:
        person = await create_person(change, name="Ada")
        for each in (narrowing, *also):
            await give_role(change, person.id, "publisher", each)
        issued = await create_key(change, name=str(person.id), scopes=[], principal=person)
    return {"Authorization": f"Bearer {issued.secret}"}


async def test_a_role_that_is_narrowed_sees_what_lies_within(client: Client, kept: Shop) -> None:
    assert await skus(client, await somebody(kept, families={"chairs"})) == ["CHAIR"]
    assert await skus(client, await somebody(kept, categories={"shop"})) == []
    await kept.pool.execute(
        "INSERT INTO product_category (product, category)"
        " SELECT id, 'table-lamps' FROM product WHERE sku = 'LAMP'"
    )
    hers = await somebody(kept, categories={"shop"})
    assert await skus(client, hers) == ["LAMP-R", "LAMP"]  # a variant is where its model is
    on_print = await listed(client, await somebody(kept, channels={"print"}))
    told = {each["sku"]: len(each["publications"]) for each in on_print["nodes"]}
    assert told == {"DRAFT": 0, "CHAIR": 1, "LAMP-R": 0, "LAMP": 0}


async def test_publications_are_told_by_the_role_that_the_product_lies_within(
    client: Client, kept: Shop
) -> None:
    chairs = Narrowing(families=frozenset({"chairs"}), channels=frozenset({"d2c"}))
    hers = await somebody(kept, chairs, families={"lamps"}, channels={"print"})
    told = {
        each["sku"]: [there["channel"] for there in each["publications"]]
        for each in (await listed(client, hers))["nodes"]
    }
    assert told["CHAIR"] == []  # it is on print
    assert await skus(client, hers, state="PUBLISHED") == []
    lamps = Narrowing(families=frozenset({"lamps"}), channels=frozenset({"d2c"}))
    theirs = await somebody(kept, lamps, families={"chairs"}, channels={"print"})
    assert "CHAIR" in await skus(client, theirs, state="PUBLISHED")


async def test_whoever_only_reads_is_refused(client: Client, kept: Shop) -> None:
    assert await client.code(LIST, {}) == "UNAUTHENTICATED"
    assert await client.code(LIST, {}, headers=await kept.key("read")) == "FORBIDDEN"
