"""Subscriptions over WebSocket: what is told, to whom, and from where on."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.following import MAX_WAITING, LiveChanges
from tests.api.client import Client
from tests.api.shop import Product, Shop
from tests.api.streams import Socket, opened, socket
from tests.support.waiting import eventually

PRODUCTS = """subscription ($ids: [ID!], $after: ID) {
  productChanged(ids: $ids, after: $after) { eventId productId change } }"""
ASSETS = """subscription ($ids: [ID!], $after: ID) {
  assetChanged(ids: $ids, after: $after) { eventId assetId type } }"""
PURGES = """subscription ($asset: ID!, $after: ID) {
  purgeProgress(assetId: $asset, after: $after) {
    eventId assetId isDone drivers { driver total confirmed } } }"""
WITHDRAW = "mutation ($id: ID!) { withdrawAsset(assetId: $id) { errors { code } } }"


@pytest.fixture
def live(app: Starlette, http: httpx.AsyncClient) -> LiveChanges:
    """Who follows the log of the running api."""
    assert http
    return app.state.services.live_changes


async def followed(live: LiveChanges, count: int = 1) -> None:
    """Wait until so many follow."""

    async def holds() -> bool:
        return live.followers == count

    await eventually(holds)


async def change(http: httpx.AsyncClient, shop: Shop, asset: str) -> None:
    """Withdraw an asset, as an application does."""
    headers = await shop.key("manage.rights")
    assert (await Client(http).data(WITHDRAW, {"id": asset}, headers=headers)) == {
        "withdrawAsset": {"errors": []}
    }


async def test_a_change_by_a_mutation_is_told(
    http: httpx.AsyncClient, shop: Shop, live: LiveChanges
) -> None:
    asset, other = await shop.asset(), await shop.asset()
    async with socket(http, headers=await shop.key("read")) as client:
        await client.subscribe(ASSETS, ids=[asset.public_id])
        await followed(live)
        await change(http, shop, other.public_id)
        await change(http, shop, asset.public_id)
        told = (await client.data())["assetChanged"]
        assert told == {"eventId": told["eventId"], "assetId": asset.public_id, "type": "STATE"}
