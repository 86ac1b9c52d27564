"""What replays found, over HTTP: to those who answer for rights."""

from typing import Any

import pytest

from catalog.delivery import replay_store
from catalog.delivery.replays import record_replay
from tests.api.client import Client
from tests.api.shop import Shop
from tests.support.people import TEST

REPLAYS = """
query ($first: Int, $after: String) { replays(first: $first, after: $after) {
  nodes { id who { name } first judged delivered incidents late wronglyDenied notSeen }
  pageInfo { hasNextPage endCursor }
} }
"""
INCIDENTS = """
query ($replay: ID, $first: Int, $after: String) {
  replayIncidents(replay: $replay, first: $first, after: $after) {
    nodes { at assetId country channel how reason darkSince overdueSeconds usableUntil }
    pageInfo { hasNextPage endCursor }
  }
}
"""
NOON = "2026-05-01T12:00:00+00:00"


def incident(asset: str) -> dict[str, Any]:
    return {
        "at": NOON,
        "usable_until": None,
        "place": "log:1",
        "status": 200,
        "asset": asset,
        "epoch": 1,
        "country": "DE",
        "channel": "d2c",
        "usage": "web",
        "owner": None,
        "how": "direct",
        "reason": "WITHDRAWN",
        "dark_since": NOON,
        "overdue_s": 9.0,
    }


def report(*assets: str) -> dict[str, Any]:
    return {
        "incidents": len(assets),
        "judged": 3,
        "delivered": 2,
        "wrongly_denied": 0,
        "late": {"count": 1, "most_s": 0.5},
        "first": NOON,
        "last": NOON,
        "coverage": {"not_seen": ["a gap"]},
        "worst": [incident(each) for each in assets],
    }


async def recorded(shop: Shop, *assets: str) -> str:
    async with shop.stage.changes.begin(TEST) as change:
        return await record_replay(change, report(*assets))


async def test_the_last_replays_are_told_with_their_incidents(client: Client, shop: Shop) -> None:
    older, newer = await recorded(shop, "a1", "a2", "a3"), await recorded(shop)
    headers = await shop.key("admin")

    async def ask(query: str, **asked: Any) -> Any:  # noqa: ANN401 - JSON
        (found,) = (await client.data(query, asked, headers=headers)).values()
        return found

    found = await ask(REPLAYS)
    assert [(each["id"], each["incidents"]) for each in found["nodes"]] == [(newer, 0), (older, 3)]
    assert found["nodes"][0]["who"] == {"name": TEST.name}
    assert found["nodes"][0]["notSeen"] == ["a gap"]
    after = (await ask(REPLAYS, first=1))["pageInfo"]["endCursor"]
    assert [each["id"] for each in (await ask(REPLAYS, after=after))["nodes"]] == [older]

    assert (await ask(INCIDENTS))["nodes"] == []  # of the last one
    first = await ask(INCIDENTS, replay=older, first=2)
    second = await ask(INCIDENTS, replay=older, after=first["pageInfo"]["endCursor"])
    pages = [[each["assetId"] for each in page["nodes"]] for page in (first, second)]
    assert pages == [["a1", "a2"], ["a3"]]
    assert (await ask(INCIDENTS, replay="nothing"))["nodes"] == []
    for query in (REPLAYS, INCIDENTS):
        assert await client.code(query, {}, headers=await shop.key("read")) == "FORBIDDEN"


async def test_only_the_last_replays_are_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_store, "REPLAYS_KEPT", 1)
    await recorded(shop, "a1")
    newer = await recorded(shop, "a2")
    kept = await shop.pool.fetch("SELECT public_id FROM replay")
    assert [row["public_id"] for row in kept] == [newer]
    assert await shop.pool.fetchval("SELECT count(*) FROM replay_incident") == 1
