"""Versions over HTTP: their history, their differences, rolling back, times, restored drafts."""

from pathlib import Path
from typing import Any

import pytest

from catalog.db import Pool
from tests.api.client import Client
from tests.api.shop import Shop
from tests.products.shop import name, open_shop, put_good, simple, value
from tests.support.stage import Stage, store_in

HISTORY = """{ publications(sku: "CAP", channel: "d2c", first: 2) {
  nodes { version who { name } visibleUntil endedAt checksum copyOf }
  pageInfo { hasNextPage } } }"""
DIFFERENCES = """query ($from: Int, $to: Int) { publicationDifferences(
  sku: "CAP", channel: "d2c", fromVersion: $from, toVersion: $to) {
  field attribute locale market channel before after } }"""
ROLL_BACK = """mutation ($dry: Boolean!) { rollBackProducts(
  skus: ["CAP", "NONE"], channel: "d2c", version: 1, dryRun: $dry) {
  results { sku outcome version errors { code } } errors { code } } }"""
UNTIL = """mutation { rescheduleProducts(
  skus: ["CAP"], channel: "d2c", visibleUntil: "2999-01-01T00:00:00Z") { results { version } } }"""
SCHEDULED = """{ scheduledPublications(channel: "d2c") {
  nodes { sku version visibleUntil nextAt } pageInfo { hasNextPage } } }"""
RESTORE = """mutation ($revision: Int) { restoreDraft(
  sku: "CAP", channel: "d2c", version: 1, expectedRevision: $revision) {
  draft { revision changed { attribute before after } remaining { field } }
  errors { code field } } }"""
PUBLISH = """mutation { publishProducts(skus: ["CAP"], channel: "d2c") {
  results { outcome version } } }"""
SHOWN = '{ product(sku: "CAP") { name } }'


@pytest.fixture
async def shop(pool: Pool, tmp_path: Path) -> Shop:
    stage = Stage(pool, store_in(tmp_path / "store"))
    await stage.build()
    await put_good(
        await open_shop(pool), [simple("CAP", name("Cap"), value("weight", 1), value("size", "s"))]
    )
    return Shop(stage)


async def test_a_version_is_compared_rolled_back_to_scheduled_and_restored(
    client: Client, shop: Shop
) -> None:
    headers = await shop.key("read", "manage.products")

    async def ask(query: str, **variables: object) -> Any:  # noqa: ANN401 - JSON
        (answer,) = (await client.data(query, variables, headers=headers)).values()
        return answer

    await ask(PUBLISH)
    await put_good(shop.stage.changes, [simple("CAP", name("Hat"))])
    of_name = {"field": "value", "attribute": "name", "locale": "en", "market": None}
    differs = {**of_name, "channel": "d2c", "before": "Cap", "after": "Hat"}
    assert await ask(DIFFERENCES) == [differs]
    await ask(PUBLISH)
    assert await ask(DIFFERENCES) == []
    assert await ask(DIFFERENCES, **{"from": 1, "to": 2}) == [differs]

    rows: list[dict[str, Any]] = [
        {"sku": "CAP", "outcome": "PUBLISHED", "version": 3, "errors": []},
        {"sku": "NONE", "outcome": "REJECTED", "version": None, "errors": [{"code": "NOT_FOUND"}]},
    ]
    for dry, shown in ((True, "Hat"), (False, "Cap")):
        assert await ask(ROLL_BACK, dry=dry) == {"results": rows, "errors": []}
        assert (await client.data(SHOWN))["product"]["name"] == shown
    assert await ask(UNTIL) == {"results": [{"version": 4}]}
    end = "2999-01-01T00:00:00Z"
    scheduled = {"sku": "CAP", "version": 4, "visibleUntil": end, "nextAt": end}
    assert (await ask(SCHEDULED))["nodes"] == [scheduled]

    page = await ask(HISTORY)
    assert page["pageInfo"] == {"hasNextPage": True}
    newest, before = page["nodes"]
    assert (newest["version"], newest["copyOf"], newest["endedAt"]) == (4, 3, None)
    assert (before["copyOf"], before["visibleUntil"]) == (1, None)
    assert newest["checksum"] == before["checksum"] != ""

    late = await ask(RESTORE, revision=0)
    assert late == {"draft": None, "errors": [{"code": "CONFLICT", "field": "expectedRevision"}]}
    restored = (await ask(RESTORE))["draft"]
    changed = {"attribute": "name", "before": "Hat", "after": "Cap"}
    assert (restored["changed"], restored["remaining"]) == ([changed], [])
    assert await ask(DIFFERENCES) == []


async def test_versions_are_for_those_who_keep_products(client: Client, shop: Shop) -> None:
    assert await client.code(HISTORY) == "UNAUTHENTICATED"
    reader = await shop.key("read")
    for query in (HISTORY, DIFFERENCES, SCHEDULED, ROLL_BACK.replace("$dry)", "true)"), RESTORE):
        query = query.replace("($dry: Boolean!)", "")  # noqa: PLW2901
        assert await client.code(query, headers=reader) == "FORBIDDEN"
    keeper = await shop.key("read", "manage.products")
    unknown = HISTORY.replace("CAP", "NONE")
    assert await client.code(unknown, headers=keeper) == "NOT_FOUND"
