"""Drafts through the graph: for staff alone, through every relation, and kept nowhere."""

from typing import Any

import pytest

from tests.api.client import Client
from tests.api.schema.test_versions import shop as shop  # noqa: PLC0414 - the fixture
from tests.api.shop import Product, Shop
from tests.products.shop import model, name, put_good, simple, value, variant

SHOWN = """query @inContext(%s) {
  product(sku: "TEE") { name variants { nodes { sku parent { sku name } options { code value } } }
    options { code values { code } } categories { code } }
  cap: product(sku: "CAP") { name hero { image(preset: "card") { url } } }
  products { nodes { sku name } totalCount }
  named: products(filter: {skus: ["TEE-s", "CAP"]}) { nodes { sku name parent { name } } }
  category(code: "men") { code }
}"""
PUBLISH = """mutation { publishProducts(skus: ["TEE", "CAP"], channel: "d2c") {
  results { outcome } } }"""


@pytest.fixture
async def drafts(shop: Shop) -> Shop:
    """A cap that was published and renamed since, and a shirt that never was."""
    await put_good(
        shop.stage.changes,
        [
            model("TEE", name("Tee"), value("weight", 1)),
            variant("TEE-s", "TEE", value("size", "s")),
            simple("SOCK", name("Sock")),  # incomplete
        ],
    )
    cap = Product("CAP", "SIMPLE")
    cap.id = await shop.pool.fetchval("SELECT id FROM product WHERE sku = 'CAP'")
    await shop.link(cap, await shop.asset())
    return shop


async def test_staff_see_what_publishing_would_show_and_nobody_else_does(
    client: Client, drafts: Shop
) -> None:
    keeper = await drafts.key("read", "preview", "manage.products")
    await client.data(PUBLISH.replace('"TEE", ', ""), headers=keeper)
    await put_good(drafts.stage.changes, [simple("CAP", name("Hat"))])
    live, preview = SHOWN % 'channel: "d2c"', SHOWN % 'channel: "d2c", preview: true'
    for headers, code in (
        ({}, "UNAUTHENTICATED"),
        (await drafts.key("read", "manage.products"), "FORBIDDEN"),
    ):
        answer = await client.ask(preview, headers=headers)
        assert {each["extensions"]["code"] for each in answer["errors"]} == {code}
        data: dict[str, Any] = answer["data"] or {}
        assert not any(data.values())

    before = await client.data(live)
    assert (before["product"], before["cap"]["name"]) == (None, "Cap")
    sent = await client.http.post("/graphql", json={"query": preview}, headers=keeper)
    assert "no-store" in sent.headers["Cache-Control"]
    body: dict[str, Any] = sent.json()
    shown, told = body["data"], body["extensions"]["context"]
    assert shown["cap"]["name"] == "Hat"
    url = shown["cap"].pop("hero")["image"]["url"]
    assert ".s." in url.partition("?t=")[2]  # a token for staff
    hero = before["cap"]["hero"]["image"]["url"]
    assert url.partition("?t=")[0] == hero.partition("?t=")[0]
    assert [each["sku"] for each in shown["products"]["nodes"]] == ["CAP", "TEE"]
    assert told["preview"] is True
    assert [(each["sku"], each["code"]) for each in told["refusedDrafts"]] == [
        ("SOCK", "INCOMPLETE")
    ]
    assert await client.data(live) == before
    assert await client.data(live, headers=keeper) == before

    await client.data(PUBLISH, headers=keeper)
    published = await client.data(live)
    del published["cap"]["hero"]
    assert published == shown
