"""The rights dossier: of an instant, of what is to come, and after the fact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.clock import utc_now
from catalog.rights.commands import (
    hold_asset,
    reinstate_asset,
    withdraw_asset,
)
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from tests.api.client import Client
from tests.api.shop import Product, Shop, attribute
from tests.support.people import ADA
from tests.support.stage import LONG_AGO, WORLDWIDE, StagedAsset

DOSSIER = """
query ($id: ID!, $country: String, $channel: String! = "d2c", $usage: String, $at: DateTime,
       $owner: ID) {
  rightsDossier(assetId: $id, country: $country, channel: $channel, usage: $usage, at: $at,
                owner: $owner) {
    asset { id } at recordedAt isAllowed reason explanation since until status legalDemand
    authorityUrl
    grants { territory { include exclude } through validUntil endedAt
             document { code licensor document } }
    restrictions { note through document { code } }
  }
}
"""
GOING_DARK = """
query ($since: DateTime, $until: DateTime, $market: String, $channel: String, $first: Int,
       $after: String) {
  goingDark(since: $since, until: $until, market: $market, channel: $channel, first: $first,
            after: $after) {
    nodes { asset { id } at places { channel market usage reason products { sku role } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
RECORD = """
query ($id: ID!, $since: DateTime!, $until: DateTime) {
  deliveryRecord(assetId: $id, since: $since, until: $until) {
    delivered { country channel preset how requests bytes first last }
    denied { country channel reason count }
    facts { type subject actor at data }
  }
}
"""
HOUR = timedelta(hours=1)
LICENCE_SQL = """
WITH l AS (
    INSERT INTO licence (id, public_id, code, licensor, document)
    VALUES (gen_random_uuid(), 'lic1', 'SUMMER-26', 'Lumen Studio', 'contract 4711') RETURNING id
), m AS (
    INSERT INTO asset_licence (asset, licence) SELECT $1, id FROM l
)
INSERT INTO rights_grant (id, licence, include, channels, usages, valid_from)
SELECT gen_random_uuid(), id, '{EU}', '{d2c}', '{web}', '2020-01-01Z' FROM l
"""


def text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Lawyer:
    """Asks for dossiers with the key of a rights manager."""

    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def ask(self, query: str, **variables: object) -> Any:  # noqa: ANN401 - whatever JSON holds
        data = await self.client.data(query, variables, headers=self.headers)
        (answer,) = data.values()
        return answer

    async def dossier(self, asset: StagedAsset, **asked: object) -> dict[str, Any]:
        return await self.ask(DOSSIER, **{"id": asset.public_id, "country": "DE", **asked})


@pytest.fixture
async def lawyer(client: Client, shop: Shop) -> Lawyer:
    return Lawyer(client, await shop.key("manage.rights", "read"))


async def test_an_answer_names_the_document_that_says_so(lawyer: Lawyer, shop: Shop) -> None:
    asset = await shop.stage.asset()
    await shop.pool.execute(LICENCE_SQL, asset.id)

    allowed = await lawyer.dossier(asset)
    elsewhere = await lawyer.dossier(asset, country="US")

    assert (allowed["isAllowed"], allowed["reason"], allowed["until"]) == (True, None, None)
    (grant,) = allowed["grants"]
    assert grant["through"] == "licence"
    assert grant["document"] == {
        "code": "SUMMER-26",
        "licensor": "Lumen Studio",
        "document": "contract 4711",
    }
    assert "licence SUMMER-26 (contract 4711): EU" in allowed["explanation"]
    assert (elsewhere["isAllowed"], elsewhere["reason"]) == (False, "TERRITORY")
    assert elsewhere["grants"][0]["document"]["code"] == "SUMMER-26"


async def test_the_past_is_answered_by_its_own_record(lawyer: Lawyer, shop: Shop) -> None:
    asset = await shop.stage.asset(WORLDWIDE)
    lit = utc_now()
    async with shop.stage.changes.begin(ADA) as change:
        await withdraw_asset(change, asset.public_id, reason="wrong colour")
    dark = utc_now()
    async with shop.stage.changes.begin(ADA) as change:
        await reinstate_asset(change, asset.public_id)

    before, between, now = [
        await lawyer.dossier(asset, at=at) for at in (text(lit), text(dark), None)
    ]

    assert [each["isAllowed"] for each in (before, between, now)] == [True, False, True]
    assert (between["reason"], between["status"]) == ("WITHDRAWN", "WITHDRAWN")
    assert "wrong colour" in between["explanation"]
    assert before["recordedAt"] == text(lit)
    # each turned exactly where the next one began
    assert before["until"] == between["since"]
    assert between["until"] == now["since"]
    assert now["until"] is None


async def test_what_is_to_come_is_answered_by_the_record_of_today(
    lawyer: Lawyer, shop: Shop
) -> None:
    ends = utc_now().replace(microsecond=0) + HOUR
    asset = await shop.stage.asset(replace(WORLDWIDE, valid_until=ends))

    now = await lawyer.dossier(asset)
    then = await lawyer.dossier(asset, at=text(ends))

    assert (now["isAllowed"], now["until"]) == (True, text(ends))
    assert (then["reason"], then["since"]) == ("LICENCE_EXPIRED", text(ends))
    assert then["grants"][0]["validUntil"] == text(ends)


async def test_a_restriction_and_a_legal_demand_say_so(lawyer: Lawyer, shop: Shop) -> None:
    asset = await shop.stage.asset(WORLDWIDE)
    germany = TermInput(
        include=("DE",), channels=("*",), usages=("*",), valid_from=LONG_AGO, note="from autumn"
    )
    async with shop.stage.changes.begin(ADA) as change:
        await set_terms(change, ASSET, asset.public_id, TermKind.RESTRICTIONS, [germany])
    restricted = await lawyer.dossier(asset)
    async with shop.stage.changes.begin(ADA) as change:
        await hold_asset(change, asset.public_id, authority_url="https://court.example/7")
    held = await lawyer.dossier(asset, country="FR")

    assert (restricted["reason"], restricted["grants"]) == ("RESTRICTED", [])
    assert restricted["restrictions"][0]["note"] == "from autumn"
    assert (held["reason"], held["legalDemand"]) == ("LEGAL_DEMAND", True)
    assert held["authorityUrl"] == "https://court.example/7"


async def test_a_declared_territory_counts_whatever_the_country(lawyer: Lawyer, shop: Shop) -> None:
    asset = await shop.stage.asset(replace(WORLDWIDE, include=("DE",)))

    answer = await lawyer.dossier(asset, channel="marketplace-a")  # which declares DE and FR

    assert (answer["isAllowed"], answer["reason"]) == (False, "TERRITORY")


async def test_the_publication_of_an_owner_counts_where_it_is_named(
    lawyer: Lawyer, shop: Shop
) -> None:
    asset = await shop.stage.asset(WORLDWIDE)
    vase = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    lit = await lawyer.dossier(asset, owner=vase.public_id)
    await shop.pool.execute("UPDATE publication SET ended_at = clock_timestamp()")

    assert lit["isAllowed"] is True
    assert (await lawyer.dossier(asset, owner=vase.public_id))["reason"] == "UNPUBLISHED"
    assert (await lawyer.dossier(asset))["isAllowed"] is True


async def test_what_goes_dark_is_found_by_market_and_product(lawyer: Lawyer, shop: Shop) -> None:
    soon, later = (utc_now().replace(microsecond=0) + n * timedelta(days=1) for n in (2, 5))
    everywhere = await shop.stage.asset(replace(WORLDWIDE, valid_until=soon))
    prolonged = await shop.stage.asset(replace(WORLDWIDE, valid_until=soon), WORLDWIDE)
    france = replace(WORLDWIDE, include=("FR",), valid_from=later)
    in_france = await shop.stage.asset(WORLDWIDE, restrictions=[france])
    far = await shop.stage.asset(replace(WORLDWIDE, valid_until=soon + timedelta(days=60)))
    vase = await shop.put(Product("VASE", "SIMPLE"), attribute("name", "text", "Vase"))
    for asset in (everywhere, prolonged, in_france, far):
        await shop.link(vase, asset, "gallery")

    page = await lawyer.ask(GOING_DARK)
    only_us = await lawyer.ask(GOING_DARK, market="US")

    first, second = page["nodes"]
    assert (first["asset"]["id"], first["at"]) == (everywhere.public_id, text(soon))
    assert {place["market"] for place in first["places"]} == {"DE", "EUROPE", "FR", "US", None}
    assert {place["reason"] for place in first["places"]} == {"LICENCE_EXPIRED"}
    d2c = [each for each in first["places"] if each["channel"] == "d2c"]
    assert all(each["products"] == [{"sku": "VASE", "role": "GALLERY"}] for each in d2c)
    assert (second["asset"]["id"], second["at"]) == (in_france.public_id, text(later))
    # a market of several countries loses it with the first of them
    assert {(p["channel"], p["market"]) for p in second["places"]} == {
        ("d2c", "EUROPE"),
        ("d2c", "FR"),
        ("marketplace-a", None),
    }
    assert [each["asset"]["id"] for each in only_us["nodes"]] == [everywhere.public_id]


async def test_what_goes_dark_comes_page_by_page(lawyer: Lawyer, shop: Shop) -> None:
    soon = utc_now() + timedelta(days=1)
    assets = [await shop.stage.asset(replace(WORLDWIDE, valid_until=soon)) for _ in range(5)]
    pages = [await lawyer.ask(GOING_DARK, first=2)]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"]
        pages.append(await lawyer.ask(GOING_DARK, first=2, after=after))
    beyond = await lawyer.ask(GOING_DARK, after=pages[-1]["pageInfo"]["endCursor"])

    found = [each["asset"]["id"] for page in pages for each in page["nodes"]]
    assert found == sorted(each.public_id for each in assets)
    assert len(pages) == 3
    assert beyond["nodes"] == []


async def test_after_the_fact_it_is_known_what_was_shown_where_and_who_changed_what(
    lawyer: Lawyer, shop: Shop
) -> None:
    asset = await shop.stage.asset(WORLDWIDE)
    minute = utc_now().replace(second=0, microsecond=0)
    seen = {
        "asset": asset.public_id,
        "preset": "card",
        "channel": "d2c",
        "country": "DE",
        "how": "direct",
    }
    egress = [
        {**seen, "minute": text(minute - n * HOUR), "bytes": 5000, "requests": n} for n in (1, 2, 3)
    ]
    denied = {key: seen[key] for key in ("asset", "channel")} | {
        "country": "FR",
        "reason": "TERRITORY",
        "minute": text(minute - HOUR),
        "count": 7,
    }
    await shop.pool.execute(
        "SELECT gateway_report(gen_random_uuid(), denials => $1::jsonb, egresses => $2::jsonb,"
        " secret => gen_random_uuid())",
        [denied],
        egress,
    )
    async with shop.stage.changes.begin(ADA) as change:
        await set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, [])

    record = await lawyer.ask(RECORD, id=asset.public_id, since=text(minute - 2 * HOUR))

    (delivered,) = record["delivered"]
    assert (delivered["country"], delivered["how"], delivered["requests"]) == ("DE", "direct", 3)
    assert (delivered["first"], delivered["last"]) == (
        text(minute - 2 * HOUR),
        text(minute - HOUR),
    )
    assert record["denied"] == [
        {"country": "FR", "channel": "d2c", "reason": "TERRITORY", "count": 7}
    ]
    newest = record["facts"][0]
    assert (newest["type"], newest["actor"]) == ("rights.changed", "Ada")
    assert newest["data"]["asset"] == asset.public_id


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"channel": "nowhere"}, "UNKNOWN_CONTEXT"),
        ({"country": "ZZ"}, "UNKNOWN_CONTEXT"),
        ({"usage": "tattoo"}, "UNKNOWN_CONTEXT"),
        ({"owner": "nobody"}, "NOT_FOUND"),
    ],
)
async def test_a_question_about_what_does_not_exist_is_refused(
    lawyer: Lawyer, shop: Shop, wrong: dict[str, str], code: str
) -> None:
    asset = await shop.stage.asset(WORLDWIDE)
    asked = {"id": asset.public_id, **wrong}

    assert await lawyer.client.code(DOSSIER, asked, headers=lawyer.headers) == code
    assert await lawyer.ask(DOSSIER, id="nobody") is None


async def test_only_rights_managers_may_ask(client: Client, shop: Shop) -> None:
    since = {"id": "x", "since": text(utc_now())}
    for query, variables in ((DOSSIER, {"id": "x"}), (GOING_DARK, {}), (RECORD, since)):
        assert await client.code(query, variables) == "UNAUTHENTICATED"
        headers = await shop.key("read")
        assert await client.code(query, variables, headers=headers) == "FORBIDDEN"
