"""Products that were shown before are shown as they are now, whatever has changed since."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import ref

import httpx2
import pytest

from api.answers.cards import Cards
from api.app import create_app
from catalog.graph.findings import Findings
from catalog.rights.model import Reason
from tests.api.answering import REINSTATE, WITHDRAW
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.serve import serve
from tests.support.stage import LONG_AGO, WORLDWIDE, StagedAsset
from vitrine.settings import Settings

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER, LAST = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)
LIST = """query ($first: Int, $after: String)
@inContext(market: "DE", locale: "de-DE", channel: "d2c") {
  products(first: $first, after: $after) { nodes {
    sku name options { values { code label swatch { url } } }
    variants { nodes { sku hero { alt image(preset: "card") { url } } } }
    media { role inheritedFrom alt asset { id title credit revision }
      picture(preset: "card") { src sources { srcset } } availableUntil }
    jsonLd } pageInfo { endCursor } } }"""
BIND = """mutation ($product: ID!, $asset: ID!) { bindMedia(input: [
  {productId: $product, assetId: $asset, role: GALLERY}]) {
    results { id } errors { code message } } }"""
UNBIND = "mutation ($ids: [ID!]!) { unbindMedia(ids: $ids) { errors { code } } }"


def selection() -> None:
    """Stand for what was compiled."""


KEY = (ref(selection),)


def used_before() -> Cards:
    """Return cards whose selection somebody has asked for before."""
    cards = Cards(10_000)
    cards.completed(KEY, (), LONG_AGO, Findings(), dict)
    return cards


def card(
    cards: Cards, basis: tuple[object, ...], now: datetime, found: Findings | None = None
) -> tuple[bool, Findings]:
    """Ask for a card; return whether it was made, and what is found in the request."""
    request, made = Findings(), False

    def make() -> dict[str, Any]:
        nonlocal made
        made = True
        request.add(found or Findings(holds_until=LATER, urls_valid_until=LAST, tokens_until=LAST))
        return {"sku": "A"}

    cards.completed(KEY, basis, now, request, make)
    return made, request


def test_a_card_is_made_once_and_tells_each_time_what_was_found() -> None:
    cards = used_before()
    made, first = card(cards, ("document",), NOW)
    again, found = card(cards, ("document",), NOW + timedelta(seconds=59))
    assert (made, again) == (True, False)
    assert found == first == Findings(LATER, LAST, LAST, {})


def test_a_selection_that_is_asked_for_once_leaves_no_cards() -> None:
    cards = Cards(10_000)
    for _ in range(2):  # products of one page
        assert card(cards, (), NOW)[0]
    assert cards.kept.weight == 0
    assert card(cards, (), NOW + timedelta(seconds=1))[0]
    assert not card(cards, (), NOW + timedelta(seconds=2))[0]


@pytest.mark.parametrize(
    ("basis", "now"),
    [(("another",), NOW), (("document",), LATER), (("document",), NOW - timedelta(seconds=1))],
    ids=["something changed", "time turned it", "the clock went back"],
)
def test_a_card_is_made_again_once_it_may_be_another(
    basis: tuple[object, ...], now: datetime
) -> None:
    cards = used_before()
    card(cards, ("document",), NOW)
    assert card(cards, basis, now)[0]


def test_a_card_is_made_again_when_other_tokens_are_handed_out() -> None:
    cards = used_before()
    card(cards, (), NOW, Findings(urls_valid_until=LAST, tokens_until=LATER))
    assert card(cards, (), LATER)[0]


def test_what_a_card_leaves_out_is_found_without_making_it() -> None:
    cards = used_before()
    card(cards, (), NOW, Findings(absent={"asset": Reason.EMBARGOED}))
    made, found = card(cards, (), NOW)
    assert not made
    assert found.absent == {"asset": Reason.EMBARGOED}


def test_what_was_found_before_a_card_is_not_that_of_the_card() -> None:
    cards = used_before()
    request = Findings(holds_until=NOW)
    cards.completed(KEY, (), NOW, request, dict)
    assert request.holds_until == NOW
    other = Findings()
    cards.completed(KEY, (), NOW, other, dict)
    assert other == Findings()


def test_a_card_that_fails_is_not_kept_and_loses_no_findings() -> None:
    cards, request = used_before(), Findings(holds_until=LATER)

    def fail() -> dict[str, Any]:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        cards.completed(KEY, (), NOW, request, fail)
    assert request.holds_until == LATER
    assert card(cards, (), NOW)[0]


@pytest.fixture
async def shown(shop: Shop, lamp: Product) -> list[StagedAsset]:
    """Pictures of a lamp with variants and of a mug."""
    mug = await shop.put(Product("MUG", "SIMPLE"), attribute("name", "text", "Mug"))
    assets = [await shop.asset(alt={"en-US": f"Number {n}"}) for n in range(3)]
    for place, asset in enumerate(assets):
        await shop.link(mug, asset, "gallery", place)
    await shop.link(lamp, assets[0], "detail")
    return assets


async def test_with_cards_and_without_answers_are_the_same_through_changes_of_all_kinds(
    shop: Shop, lamp: Product, shown: list[StagedAsset], settings: Settings
) -> None:
    """The process that keeps cards makes the changes, the other one keeps nothing."""
    chance = random.Random(20_261_127)  # noqa: S311 - of changes
    headers = await shop.key("manage.rights", "manage.media")
    nothing = {"answers_max_mib": 0, "cards_max_mib": 0, "live_media_max_mib": 0}
    keeps = create_app(settings.model_copy(update={"answers_max_mib": 0}))
    plain = create_app(settings.model_copy(update=nothing))
    async with (
        serve(keeps) as keeping_url,
        serve(plain) as plain_url,
        httpx2.AsyncClient(base_url=keeping_url) as keeping_http,
        httpx2.AsyncClient(base_url=plain_url) as plain_http,
    ):
        keeping, other = Client(keeping_http), Client(plain_http)
        bound: list[str] = []
        shown_here, before = 0, await completed(keeping_http)
        for _ in range(40):
            await _change(keeping, chance, headers, lamp, shown, bound)
            variables = {"first": chance.choice((1, 2, 3))}
            expected = await other.ask(LIST, variables)
            for _ in range(2):
                assert await keeping.ask(LIST, variables) == expected
                shown_here += len(expected["data"]["products"]["nodes"])
        made = await completed(keeping_http) - before
    assert 0 < made <= shown_here / 2  # the second time nothing has changed


async def completed(http: httpx2.AsyncClient) -> float:
    """Return how many products were completed so far."""
    lines = (await http.get("/metrics")).text.splitlines()
    (line,) = (each for each in lines if each.startswith('vitrine_graphql_cards_total{how="made"}'))
    return float(line.rpartition(" ")[2])


async def _change(
    client: Client,
    chance: random.Random,
    headers: Mapping[str, str],
    lamp: Product,
    shown: list[StagedAsset],
    bound: list[str],
) -> None:
    """Change rights, what hangs on the lamp, or nothing."""
    asset = chance.choice(shown)
    match chance.choice(("withdraw", "reinstate", "bind", "unbind", "nothing")):
        case "withdraw":
            await client.ask(WITHDRAW, {"id": asset.public_id}, headers=headers)
        case "reinstate":
            await client.ask(REINSTATE, {"id": asset.public_id}, headers=headers)
        case "bind":
            variables = {"product": lamp.public_id, "asset": asset.public_id}
            data = await client.data(BIND, variables, headers=headers)
            bound += [each["id"] for each in data["bindMedia"]["results"] if each["id"]]
        case "unbind" if bound:
            await client.data(UNBIND, {"ids": [bound.pop()]}, headers=headers)
        case _:
            pass


async def test_a_right_that_ends_leaves_its_picture_out_of_cards(
    shop: Shop, client: Client
) -> None:
    product = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    now = await shop.pool.fetchval("SELECT clock_timestamp()")
    ends = now + timedelta(seconds=2)
    asset = await shop.asset(replace(WORLDWIDE, valid_until=ends))
    await shop.link(product, asset, "hero")
    query = "{ products { nodes { sku hero { asset { id } availableUntil } } } }"
    (node,) = (await client.data(query))["products"]["nodes"]
    assert node["hero"]["asset"]["id"] == asset.public_id
    while True:
        asked_at = await shop.pool.fetchval("SELECT clock_timestamp()")
        (node,) = (await client.data(query))["products"]["nodes"]
        if node["hero"] is None:
            break
        assert asked_at < ends
        await asyncio.sleep(0.05)
    assert await shop.pool.fetchval("SELECT clock_timestamp()") >= ends
