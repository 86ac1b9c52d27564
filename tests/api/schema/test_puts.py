"""Putting products over HTTP: rows, their results, one wrong row, a dry run."""

from pathlib import Path
from typing import Any

import pytest

from catalog.db import Pool
from tests.api.client import Client
from tests.api.shop import Shop
from tests.products.shop import name, open_shop, put_good, simple
from tests.support.stage import Stage, store_in

PUT = """mutation ($rows: [ProductInput!]!, $atomicity: Atomicity! = ROW, $dry: Boolean! = false) {
  putProducts(rows: $rows, atomicity: $atomicity, dryRun: $dry) {
  results { key outcome errors { code field } } errors { code field } } }"""
LONG = "A cap. " * 100


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    await put_good(await open_shop(pool), [simple("CAP", name("Cap"))])
    return Shop(stage)


async def test_rows_are_put_alone_together_or_not_at_all(shop: Shop, client: Client) -> None:
    headers = await shop.key("manage.products")

    async def put(rows: list[dict[str, Any]], **more: object) -> list[tuple[str, str]]:
        answer = await client.data(PUT, {"rows": rows, **more}, headers=headers)
        assert answer["putProducts"]["errors"] == []
        return [(each["key"], each["outcome"]) for each in answer["putProducts"]["results"]]

    cap = {"sku": "CAP", "values": [{"attribute": "name", "locale": "en", "data": LONG}]}
    wrong = {"sku": "HAT", "kind": "SIMPLE", "family": "none"}
    rows = [cap, wrong, cap]
    rejected = [("HAT", "REJECTED"), ("CAP", "REJECTED")]
    assert await put(rows, dry=True) == [("CAP", "UPDATED"), *rejected]
    assert await put(rows, atomicity="ALL") == [("CAP", "REJECTED"), *rejected]
    assert await put(rows) == [("CAP", "UPDATED"), *rejected]
    assert await put([cap]) == [("CAP", "UNCHANGED")]
    assert await put([{"sku": "CAP", "gtin": None}]) == [("CAP", "UNCHANGED")]


async def test_a_call_of_puts_is_bounded(shop: Shop, client: Client) -> None:
    rows = [{"sku": f"S{n}"} for n in range(501)]
    headers = await shop.key("manage.products")
    answer = await client.data(PUT, {"rows": rows}, headers=headers)
    assert [each["field"] for each in answer["putProducts"]["errors"]] == ["rows"]
