"""Subscriptions to the progress of purges."""

import httpx2
import pytest
from pydantic import SecretStr

from catalog.events.model import Event
from catalog.subjects import asset_texts_subject
from edge.purge_drivers import WebhookDriver
from tests.api.client import Client
from tests.api.http.following import (
    PUBLISH,
    PURGES,
    STANDING,
    WITHDRAW,
)
from tests.api.shop import Product, Shop
from tests.api.streams import socket
from tests.support.people import TEST
from tests.support.purging import purging
from vitrine.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With something to purge."""
    secret = SecretStr("whsec_0123456789abcdef")
    edge = WebhookDriver(name="edge", kind="webhook", url="http://127.0.0.1/", secret=secret)
    return settings.model_copy(update={"purge_drivers": (edge,)})


async def test_purges_are_told_until_all_are_confirmed(
    http: httpx2.AsyncClient, client: Client, shop: Shop, staff: dict[str, str]
) -> None:
    asset = await shop.asset()
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    async with socket(http, headers=await shop.key("manage.rights", "read")) as reader:
        await reader.subscribe(PURGES, asset=asset.public_id)
        first = (await reader.data())["purgeProgress"]
        assert first["drivers"] == [{"driver": "edge", "total": 3, "confirmed": 0, "darkAt": None}]
        assert not first["isDone"]
        await confirm(shop, 1)
        second = (await reader.data())["purgeProgress"]
        assert second["drivers"][0]["confirmed"] == 1
        assert second["darkAt"] is None  # what gateways had decided before may be held again
        await confirm(shop, 2)
        dark = (await reader.data())["purgeProgress"]
        assert dark["drivers"][0]["confirmed"] == 2
        assert dark["darkAt"] == dark["drivers"][0]["darkAt"] is not None
        asked = await client.data(STANDING, {"asset": asset.public_id}, headers=staff)
        assert asked["purgeProgress"] == dark
        await confirm(shop, 3)
        third = (await reader.data())["purgeProgress"]
        assert third["isDone"]
        assert await reader.receive() == {"id": "1", "type": "complete"}
        await reader.subscribe(PURGES, "2", asset=asset.public_id, after=second["eventId"])
        assert (await reader.data())["purgeProgress"] == third
        assert (await reader.receive())["type"] == "complete"
        await reader.subscribe(PURGES, "3", asset=asset.public_id, after=third["eventId"])
        assert await reader.receive() == {"id": "3", "type": "complete"}


async def test_what_clears_answers_alone_does_not_replace_the_progress_of_a_withdrawal(
    client: Client, shop: Shop, staff: dict[str, str]
) -> None:
    product = await shop.put(Product("CUP", "SIMPLE"))
    asset = await shop.asset()
    await shop.link(product, asset, "hero")
    await client.data(WITHDRAW, {"id": asset.public_id}, headers=staff)
    asking = {"asset": asset.public_id}
    withdrawn = (await client.data(STANDING, asking, headers=staff))["purgeProgress"]
    await purging(shop.pool, ["edge", "answers"], answer_drivers=["answers"])

    await client.data(PUBLISH, {"sku": "CUP"}, headers=staff)
    async with shop.stage.changes.begin(TEST) as change:
        subject, texts = f"asset/{asset.public_id}", asset_texts_subject(asset.public_id)
        await change.record(
            Event(type="asset.updated", subject=subject, version=1, subjects=(texts,))
        )

    tags = await shop.pool.fetch("SELECT DISTINCT tag FROM purge WHERE driver = 'answers'")
    assert {f"{row['tag']}"[0] for row in tags} == {"c", "n", "t"}
    standing = (await client.data(STANDING, asking, headers=staff))["purgeProgress"]
    assert standing == withdrawn


async def confirm(shop: Shop, number: int) -> None:
    """Confirm the purges of a pass, as the purger does."""
    await shop.pool.execute(
        "UPDATE purge SET state = 'confirmed', confirmed_at = clock_timestamp() "
        "WHERE pass = $1 AND driver = 'edge'",
        number,
    )
