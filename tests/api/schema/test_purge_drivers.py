"""How the purges of each CDN stand, as those read it who run Vitrine."""

from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from catalog.purges.driver_store import (
    CircuitState,
    StoredCircuit,
    give_up_queues,
    write_circuit,
)
from tests.api.client import Client
from tests.api.shop import Shop
from tests.api.streams import socket
from tests.support.purging import purging
from tests.support.stage import master_key_text
from vitrine.settings import Settings, load_settings

LIST = """
{ purgeDrivers {
  name circuit failures since nextTryAt lastError due overdueSeconds lastConfirmedAt
} }
"""
CONFIRM_SQL = """
UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp()
WHERE driver = 'varnish' AND pass = 1
"""
CONFIRM_ALL_SQL = "UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp()"
WITHDRAW = "mutation ($asset: ID!) { withdrawAsset(assetId: $asset) { errors { code } } }"
PROGRESS = "query ($asset: ID!) { purgeProgress(assetId: $asset) { eventId isDone } }"
FOLLOW = """subscription ($asset: ID!, $after: ID) {
  purgeProgress(assetId: $asset, after: $after) { eventId } }"""
MOVE_SQL = "UPDATE purge SET driver = 'gone', not_before = not_before - interval '1 minute'"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of an api with two drivers; the shop records purges for the first."""
    secret = "whsec_0123456789abcdef"
    return load_settings(
        home=tmp_path,
        database_url=database_url,
        master_key=master_key_text(),
        purge_drivers=[
            {"name": name, "kind": "webhook", "url": "http://127.0.0.1/", "secret": secret}
            for name in ("varnish", "other")
        ],
    )


async def test_each_driver_tells_its_circuit_its_queue_and_its_last_error(
    client: Client, shop: Shop
) -> None:
    await purging(shop.pool, ["varnish"])
    headers = await shop.key("admin")
    open_for_a_while = StoredCircuit(
        state=CircuitState.OPEN, failures=3, next_try_in_s=60, last_error="varnish answered 503"
    )
    await shop.asset()
    async with shop.pool.acquire() as conn:
        await write_circuit(conn, "varnish", open_for_a_while)
        due = await conn.fetchval(
            "SELECT count(*) FROM purge WHERE driver = 'varnish' AND pass = 1"
        )
    assert due > 0
    other, varnish = (await client.data(LIST, headers=headers))["purgeDrivers"]
    assert (varnish["name"], varnish["circuit"], varnish["failures"]) == ("varnish", "OPEN", 3)
    assert varnish["lastError"] == "varnish answered 503"
    assert varnish["since"] < varnish["nextTryAt"]
    assert varnish["due"] == due
    assert varnish["overdueSeconds"] > 0
    assert varnish["lastConfirmedAt"] is None
    assert other == {
        "name": "other",
        "circuit": None,
        "failures": 0,
        "since": None,
        "nextTryAt": None,
        "lastError": None,
        "due": 0,
        "overdueSeconds": 0,
        "lastConfirmedAt": None,
    }


async def test_what_is_confirmed_is_due_no_more_and_says_when(client: Client, shop: Shop) -> None:
    headers = await shop.key("admin")
    await shop.asset()
    await shop.pool.execute(CONFIRM_SQL)
    _, varnish = (await client.data(LIST, headers=headers))["purgeDrivers"]
    assert (varnish["due"], varnish["overdueSeconds"]) == (0, 0)
    assert datetime.fromisoformat(varnish["lastConfirmedAt"]).tzinfo is not None


async def test_a_driver_is_listed_with_what_it_owes_while_it_is_stated_whatever_is_set_here(
    client: Client, shop: Shop
) -> None:
    await purging(shop.pool, ["varnish"])
    headers = await shop.key("admin")
    await shop.asset()
    await shop.pool.execute(MOVE_SQL)
    await purging(shop.pool, ["gone"])
    gone, *_ = (await client.data(LIST, headers=headers))["purgeDrivers"]
    assert gone["name"] == "gone"
    assert gone["due"] > 0
    assert gone["overdueSeconds"] > 20
    await purging(shop.pool, ["varnish"])
    listed = (await client.data(LIST, headers=headers))["purgeDrivers"]
    assert [each["name"] for each in listed] == ["other", "varnish"]


async def test_purges_of_a_driver_that_was_taken_out_are_not_told_nor_those_of_a_change_before(
    http: httpx2.AsyncClient, client: Client, shop: Shop
) -> None:
    await purging(shop.pool, ["varnish"])
    headers, asset = await shop.key("admin"), (await shop.asset()).public_id
    await shop.pool.execute(CONFIRM_ALL_SQL)  # of its grants: done, and not the last change
    await client.data(WITHDRAW, {"asset": asset}, headers=headers)
    still_open = (await client.data(PROGRESS, {"asset": asset}, headers=headers))["purgeProgress"]
    assert not still_open["isDone"]

    await purging(shop.pool, [])
    answer = await client.data(PROGRESS, {"asset": asset}, headers=headers)
    assert answer["purgeProgress"] is None
    async with shop.pool.acquire() as conn:
        assert await give_up_queues(conn)
    answer = await client.data(PROGRESS, {"asset": asset}, headers=headers)
    assert answer["purgeProgress"] is None
    async with socket(http, headers=await shop.key("manage.rights", "read")) as reader:
        await reader.subscribe(FOLLOW, asset=asset)
        assert await reader.receive() == {"id": "1", "type": "complete"}
        await reader.subscribe(FOLLOW, "2", asset=asset, after=still_open["eventId"])
        assert await reader.receive() == {"id": "2", "type": "complete"}


@pytest.mark.parametrize("scope", ["read", "manage.media", "manage.rights"])
async def test_nobody_else_sees_it(client: Client, shop: Shop, scope: str) -> None:
    assert await client.code(LIST) == "UNAUTHENTICATED"
    assert await client.code(LIST, headers=await shop.key(scope)) == "FORBIDDEN"
