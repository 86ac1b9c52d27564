"""Search over HTTP: exact codes, beginnings, words; and nothing that may not be read."""

from collections.abc import Mapping
from itertools import product as combinations
from typing import Any

import pytest

from catalog.db import Pool
from catalog.graph import search
from catalog.licences.batches import CollectionRecord, LicenceRecord
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.stage import StagedAsset

SEARCH = """
query ($text: String!, $first: Int, $kinds: [SearchKind!]) {
  search(text: $text, first: $first, kinds: $kinds) { kind id code label match isPublished }
}
"""
NAME_SQL = "INSERT INTO product_value (owner, attribute, locale, data) VALUES ($1, 'name', $2, $3)"


class Searching:
    """Asks as somebody."""

    def __init__(self, client: Client, headers: Mapping[str, str]) -> None:
        self.client, self.headers = client, headers

    async def hits(self, text: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
        given = {"text": text, **more}
        return (await self.client.data(SEARCH, given, headers=self.headers))["search"]

    async def codes(self, text: str, **more: Any) -> list[str]:  # noqa: ANN401 - JSON
        return [each["code"] for each in await self.hits(text, **more)]


async def test_exact_codes_come_first_then_beginnings_then_words(
    client: Client, shop: Shop
) -> None:
    for sku, name in (("BRASS", "Old"), ("BRASS-2", "Older"), ("X-1", "A lamp of Brass")):
        await shop.put(Product(sku, "SIMPLE"), attribute("name", "text", name))
    anyone = Searching(client, {})
    found = await anyone.hits("brass")
    assert [(each["code"], each["match"]) for each in found] == [
        ("BRASS", "EXACT"),
        ("BRASS-2", "PREFIX"),
        ("X-1", "WORD"),
    ]
    assert found[2]["label"] == "A lamp of Brass"
    assert await anyone.codes("b") == ["BRASS", "BRASS-2", "X-1"]
    assert await anyone.codes("bra la") == ["X-1"]  # each word, by its beginning, in any order
    assert await anyone.codes("b", first=1) == ["BRASS"]
    for nothing in ("rass", " ", "%", "'", "_", "-:*&|!()"):
        assert await anyone.codes(nothing) == [], nothing


async def test_what_is_not_published_is_found_by_those_alone_who_see_it_as_it_is_kept(
    client: Client, shop: Shop
) -> None:
    lamp = await shop.put(Product("LAMP-1", "SIMPLE"), attribute("name", "text", "Lamp"))
    hidden = await shop.put(Product("LAMP-2", "SIMPLE"), channel="print")
    for product, name in ((lamp, "Secret lantern"), (hidden, "Other lantern")):
        await shop.pool.execute(NAME_SQL, product.id, "en-US", name)
    for headers in ({}, await shop.key("read"), await shop.key("read", "preview")):
        reader = Searching(client, headers)
        assert await reader.codes("lamp", kinds=["PRODUCT"]) == ["LAMP-1"]
        assert await reader.codes("lantern") == []  # a name that is not published yet
    staff = Searching(client, await shop.key("read", "manage.products"))
    found = await staff.hits("lamp", kinds=["PRODUCT"])
    assert [(each["code"], each["isPublished"]) for each in found] == [
        ("LAMP-1", True),
        ("LAMP-2", False),
    ]
    assert await staff.codes("lantern") == ["LAMP-1", "LAMP-2"]


async def test_a_variant_without_a_name_is_called_by_that_of_its_model(
    client: Client, shop: Shop
) -> None:
    model = await shop.put(Product("BELL", "MODEL"), attribute("name", "text", "Bell lamp"))
    await shop.put(Product("BELL-R", "VARIANT", [model]))
    await shop.pool.execute(NAME_SQL, model.id, "en-US", "Bell lamp anew")
    for headers, label in (
        ({}, "Bell lamp"),
        (await shop.key("read", "manage.products"), "Bell lamp anew"),
    ):
        found = await Searching(client, headers).hits("bell-r")
        assert [(each["code"], each["label"]) for each in found] == [("BELL-R", label)]


async def test_each_kind_is_found_by_those_who_may_read_it(
    client: Client, shop: Shop, vase: StagedAsset
) -> None:
    await shop.pool.execute("UPDATE asset SET code = 'vase-7' WHERE id = $1", vase.id)
    draft = await shop.stage.asset(status="draft")
    await shop.pool.execute("UPDATE asset SET code = 'vase-8' WHERE id = $1", draft.id)
    await shop.stage.licence(LicenceRecord(code="vase-L", licensor="Getty"))
    await shop.stage.collection(CollectionRecord(code="vase-c", name="Spring"))
    await shop.pool.execute(
        "INSERT INTO task (kind, subject, cause) VALUES ('todo', 'product/VASE', 'Photograph it')"
    )
    everything = ["VASE", "vase-7", "vase-8", "vase-L", "vase-c", "product/VASE"]
    admin = Searching(client, await shop.key("admin"))
    assert sorted(await admin.codes("vase")) == sorted(everything)
    reader = Searching(client, await shop.key("read"))
    assert await reader.codes("vase") == ["VASE", "vase-7"]
    assert await Searching(client, {}).codes("vase") == ["VASE"]
    assert await admin.codes("vase", kinds=["LICENCE"]) == ["vase-L"]
    assert await reader.codes("vase", kinds=["LICENCE", "TASK"]) == []
    assert await admin.codes("getty") == ["vase-L"]
    assert await admin.codes("spring") == ["vase-c"]
    assert await admin.codes("photo") == ["product/VASE"]
    assert await admin.codes("tischl") == ["table-lamps"]  # a label of any locale
    assert await admin.codes("car", kinds=["PRESET"]) == ["card"]
    (hit,) = (
        await client.data(
            '{ search(text: "vase-7") { id asset { code image(preset: "card") { url } } } }',
            headers=await shop.key("read"),
        )
    )["search"]
    assert hit["id"] == vase.public_id
    assert hit["asset"]["image"]["url"].startswith("https://media.test/")


async def test_at_most_twenty_of_a_kind(client: Client, shop: Shop) -> None:
    body = await client.ask(SEARCH, {"text": "x", "first": 21}, headers=await shop.key("read"))
    assert body["errors"][0]["extensions"]["code"] == "PAGE_SIZE"
    assert await client.code(SEARCH, {"text": "x" * 101}) == "INVALID_INPUT"


#: Of a word that most have PostgreSQL may as well read the first rows, once it knows the word.
PLANNED = [("generic", "s"), *combinations(("generic", "custom"), ("299", "zzz"))]
MANY_SQL = """
INSERT INTO product (id, public_id, sku, kind, family)
SELECT gen_random_uuid(), 'p' || lpad(n::text, 4, '0'), 'SKU-' || n, 'SIMPLE', 'lamps'
FROM generate_series(1, 3000) AS n
"""
MANY_NAMES_SQL = """
INSERT INTO product_value (owner, attribute, locale, data)
SELECT id, 'name', 'en-US', to_jsonb(sku) FROM product
"""
MANY_PUBLISHED_SQL = """
INSERT INTO publication (product, channel, version, sku, public_id, kind, document, checksum,
                         visible_from)
SELECT id, 'd2c', 1, sku, public_id, kind, jsonb_build_object('text', repeat('x', 1500)), '',
       '2020-01-01'
FROM product
"""


@pytest.mark.usefixtures("shop")
async def test_no_growing_table_is_read_as_a_whole(pool: Pool) -> None:
    """With real rows and the planner's own choice, for values that it knows and does not."""
    await pool.execute(MANY_SQL)
    await pool.execute(MANY_PUBLISHED_SQL)
    await pool.execute(MANY_NAMES_SQL)
    await pool.execute("ANALYZE product, product_value, publication")
    async with pool.acquire() as conn:
        for statement, table in (
            (search.FIND_PUBLISHED_SQL, "publication"),
            (search.FIND_KEPT_SQL, "product"),
        ):
            await conn.execute(f"PREPARE looked AS {statement}")
            for mode, text in PLANNED:
                await conn.execute(f"SET plan_cache_mode = force_{mode}_plan")
                values = f"('{text}', 5, 'd2c', now())"
                plan: str = str(await conn.fetch(f"EXPLAIN EXECUTE looked{values}"))
                assert f"Seq Scan on {table}" not in plan, (mode, text, plan)
            await conn.execute("DEALLOCATE looked")
        await conn.execute("RESET plan_cache_mode")
