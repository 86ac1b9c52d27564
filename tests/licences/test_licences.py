"""Batches of territory sets, licences and collections: whom they touch, and two at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.graph.holders import Collection, HeldTerms, Licence, list_holders
from catalog.licences.batches import (
    CollectionRecord,
    LicenceRecord,
    TerritorySetRecord,
    put_collections,
    put_licences,
    put_territory_sets,
)
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord
from catalog.members import Edit, Stated
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.terms import TermRecord, Territory
from tests.media.test_put_assets import SHOE, ingested
from tests.support.people import TEST
from tests.support.turns import one_behind_the_other

WORLDWIDE = TermRecord(territory=Territory(include=["WORLD"]), channels=["*"], usages=["*"])
NOTHING = set[str]()


@pytest.fixture
def changes(pool: Pool) -> Changes:
    return Changes(pool=pool)


async def members(pool: Pool) -> set[str]:
    rows = await pool.fetch("SELECT country FROM territory_member WHERE ended_at IS NULL")
    return {row["country"] for row in rows}


def europe(*countries: str) -> Sequence[TerritorySetRecord]:
    return [TerritorySetRecord(code="EU", countries=countries)]


@pytest.mark.parametrize("stored", [[], ["FR"]], ids=["a new set", "a set that exists"])
async def test_of_two_imports_of_a_set_at_once_the_later_one_holds(
    changes: Changes, pool: Pool, stored: Sequence[str]
) -> None:
    if stored:
        async with changes.begin(TEST) as change:
            await put_territory_sets(change, europe(*stored))

    await one_behind_the_other(
        changes,
        lambda change: put_territory_sets(change, europe("DE", "US")),
        lambda change: put_territory_sets(change, europe("DE")),
    )
    assert await members(pool) == {"DE"}


async def test_two_imports_of_a_new_licence_and_collection_at_once_make_one_of_each(
    changes: Changes, pool: Pool
) -> None:
    async def put(change: Change) -> Sequence[BatchResult]:
        licence = LicenceRecord(code="photo", licensor="Studio", grants=[WORLDWIDE])
        collection = CollectionRecord(code="summer", grants=[WORLDWIDE])
        return await put_licences(change, [licence]), await put_collections(change, [collection])

    later = await one_behind_the_other(changes, put, put)
    assert later == (BatchResult(unchanged=1), BatchResult(unchanged=1))
    assert await pool.fetchval("SELECT count(*) FROM rights_grant") == 2


@pytest.fixture
async def licensed(changes: Changes) -> Changes:
    """Assets `red` and `blue`, each with a licence of its own name."""
    async with changes.begin(TEST) as change:
        codes = ("red", "blue")
        await put_territory_sets(change, europe("DE"))
        await put_licences(change, [LicenceRecord(code=code, licensor="Studio") for code in codes])
        records = [replace(SHOE, code=code, values={}, licences=[code]) for code in codes]
        files = {code: ingested(number) for number, code in enumerate(codes, start=1)}
        assert (await put_assets(change, records, files)).created == 2
    return changes


async def told(pool: Pool, kind: str) -> Sequence[tuple[str, set[str]]]:
    """Return type and subjects of what followed creation, by kind of aggregate, with codes."""
    codes = {row["public_id"]: row["code"] for row in await pool.fetch(ALL_CODES_SQL)}
    rows = await pool.fetch(
        "SELECT type, subjects FROM event"
        " WHERE subject LIKE $1 || '/%' AND type <> 'licence.created' ORDER BY seq",
        kind,
    )
    return [
        (
            row["type"],
            {f"{k}:{codes.get(v, v)}" for k, v in (s.split(":") for s in row["subjects"])},
        )
        for row in rows
    ]


ALL_CODES_SQL = "SELECT public_id, code FROM asset UNION SELECT public_id, code FROM licence"


async def epochs(pool: Pool) -> Mapping[str, int]:
    rows = await pool.fetch("SELECT code, epoch FROM asset JOIN asset_epoch ON asset = id")
    return {row["code"]: row["epoch"] for row in rows}


@pytest.mark.parametrize(
    ("changed", "told_of", "epoch"),
    [
        ({"document": "contract 7", "time_zone": "Asia/Tokyo"}, ("licence.updated", NOTHING), 1),
        ({"grants": [WORLDWIDE]}, ("rights.changed", {"licence:red"}), 2),
        ({"restrictions": [WORLDWIDE]}, ("rights.changed", {"licence:red"}), 2),
        ({"credit": "By Studio"}, ("rights.changed", {"licence:red"}), 2),
        ({"licensor": "Ateliers"}, ("rights.changed", {"licence:red"}), 2),
        ({"web_statement": "https://x.test"}, ("rights.changed", {"licence:red"}), 2),
    ],
    ids=["papers", "grants", "restrictions", "credit", "licensor", "the licence's text"],
)
async def test_a_change_of_a_licence_turns_its_own_assets_if_any(
    licensed: Changes, pool: Pool, changed: Mapping[str, Any], told_of: object, epoch: int
) -> None:
    async with licensed.begin(TEST) as change:
        blue = LicenceRecord(code="blue", document="contract 8")
        await put_licences(change, [LicenceRecord(code="red", **changed), blue])
    assert await told(pool, "licence") == [told_of, ("licence.updated", NOTHING)]
    assert await epochs(pool) == {"red": epoch, "blue": 1}


async def test_licences_of_one_batch_are_told_of_one_by_one(licensed: Changes, pool: Pool) -> None:
    async with licensed.begin(TEST) as change:
        records = [LicenceRecord(code=code, credit="By Studio") for code in ("red", "blue")]
        await put_licences(change, records)
    assert await told(pool, "licence") == [
        ("rights.changed", {f"licence:{code}"}) for code in ("red", "blue")
    ]


@pytest.mark.parametrize("licences", [["red", "blue"], []], ids=["joins another", "leaves its own"])
async def test_an_asset_that_joins_or_leaves_a_licence_is_named_itself(
    licensed: Changes, pool: Pool, licences: Sequence[str]
) -> None:
    async with licensed.begin(TEST) as change:
        await put_assets(change, [AssetRecord(code="red", licences=licences)], {})
    assert (await told(pool, "asset"))[-1] == ("rights.changed", {"asset:red"})
    assert await epochs(pool) == {"red": 2, "blue": 1}


async def test_a_set_names_the_assets_whose_terms_name_it(licensed: Changes, pool: Pool) -> None:
    term = replace(WORLDWIDE, territory=Territory(include=["EU"]))
    async with licensed.begin(TEST) as change:
        await put_licences(change, [LicenceRecord(code="red", grants=[term])])
        await put_territory_sets(change, europe("DE", "FR"))
    assert await told(pool, "set") == [
        ("territory_set.created", set()),
        ("rights.changed", {"set:EU", "asset:red"}),
    ]
    assert await epochs(pool) == {"red": 3, "blue": 1}


async def test_a_collection_is_told_of_once_it_is_there_and_then_names_its_assets(
    licensed: Changes, pool: Pool
) -> None:
    async with licensed.begin(TEST) as change:
        await put_collections(change, [CollectionRecord(code="summer", grants=[WORLDWIDE])])
        await put_assets(change, [AssetRecord(code="red", collections=["summer"])], {})
        await put_collections(change, [CollectionRecord(code="summer", grants=[])])
    assert await told(pool, "collection") == [
        ("collection.created", NOTHING),
        ("rights.changed", {"collection:summer", "asset:red"}),
    ]
    assert await epochs(pool) == {"red": 3, "blue": 1}


BAD_URLS = (
    *("javascript:alert(1)", "ftp://agency.example/", "agency.example/terms", "https://"),
    *("https://a.example/\nhttps://b.example/", "https://a.example/ b", " https://a.example/"),
)


async def test_the_urls_of_a_licence_are_of_the_web_and_of_one_line(changes: Changes) -> None:
    good = LicenceRecord(
        code="good",
        licensor="A",
        web_statement="https://agency.example/terms?a=1#b",
        licensor_url="http://agency.example",
    )
    bad = [
        *(replace(good, code=f"w{n}", web_statement=url) for n, url in enumerate(BAD_URLS)),
        *(replace(good, code=f"l{n}", licensor_url=url) for n, url in enumerate(BAD_URLS)),
    ]
    async with changes.begin(TEST) as change:
        applied = await put_licences(change, [good, *bad])
    assert applied.created == 1
    fields = [each.field for each in applied.rejections]
    assert fields == ["web_statement"] * len(BAD_URLS) + ["licensor_url"] * len(BAD_URLS)


async def test_a_grant_until_9999_never_ends(changes: Changes, pool: Pool) -> None:
    terms = [replace(WORLDWIDE, valid_until=parse_stated_instant("9999-12-31"))]
    for applied in (BatchResult(created=1), BatchResult(unchanged=1)):
        async with changes.begin(TEST) as change:
            record = LicenceRecord(code="forever", licensor="A", grants=terms)
            assert await put_licences(change, [record]) == applied
    assert await pool.fetchval("SELECT valid_until FROM rights_grant") is None


GERMAN, FRENCH, ITALIAN = (
    replace(WORLDWIDE, territory=Territory(include=[country])) for country in ("DE", "FR", "IT")
)
#: What two records of one code say of its grants, where German is stored, and what there is then.
IN_ONE_CALL: Mapping[str, tuple[Stated[TermRecord], Stated[TermRecord], list[str]]] = {
    "none": (None, None, ["DE"]),
    "kept": ([GERMAN, FRENCH], None, ["DE", "FR"]),
    "ended": ([], None, []),
    "stated-anew": ([FRENCH], [ITALIAN], ["IT"]),
    "taken-back": ([FRENCH], [GERMAN], ["DE"]),
    "both-added": (Edit(add=(FRENCH,)), Edit(add=(ITALIAN,)), ["DE", "FR", "IT"]),
    "added-and-removed": (Edit(add=(FRENCH,)), Edit(remove=(FRENCH,)), ["DE"]),
    "removed-and-added": (Edit(remove=(GERMAN,)), Edit(add=(FRENCH,)), ["FR"]),
}


async def test_of_a_code_that_stands_twice_in_one_call_no_terms_are_lost(
    changes: Changes, pool: Pool
) -> None:
    stored: Stated[TermRecord] = [GERMAN]
    each_twice = [
        (code, grants) for code, said in IN_ONE_CALL.items() for grants in (said[0], said[1])
    ]
    for told in ([(code, stored) for code in IN_ONE_CALL], each_twice):
        async with changes.begin(TEST) as change:
            licences = [LicenceRecord(code=c, licensor="Studio", grants=g) for c, g in told]
            collections = [CollectionRecord(code=c, grants=g) for c, g in told]
            assert (await put_licences(change, licences)).rejections == ()
            assert (await put_collections(change, collections)).rejections == ()
    wanted = {code: said[2] for code, said in IN_ONE_CALL.items()}
    for kind in (Licence, Collection):
        assert await countries_by_code(pool, kind) == wanted


async def test_what_a_new_code_is_given_stays_when_it_stands_there_again_without_terms(
    changes: Changes, pool: Pool
) -> None:
    given = LicenceRecord(code="new", licensor="Us", grants=[GERMAN], restrictions=[FRENCH])
    credited = LicenceRecord(code="new", credit="Photo: Us")
    collections = [CollectionRecord(code="new", grants=[GERMAN]), CollectionRecord(code="new")]
    async with changes.begin(TEST) as change:
        assert await put_licences(change, [given, credited]) == BatchResult(created=1)
        assert await put_collections(change, collections) == BatchResult(created=1, unchanged=1)
    async with pool.acquire() as conn:
        (licence,) = await list_holders(conn, Licence, after="", size=2)
    assert (licence.credit, len(licence.restrictions)) == ("Photo: Us", 1)
    for kind in (Licence, Collection):
        assert await countries_by_code(pool, kind) == {"new": ["DE"]}


async def countries_by_code(pool: Pool, kind: type[HeldTerms]) -> dict[str, list[str]]:
    """Return where grants hold that have no end."""
    async with pool.acquire() as conn:
        held = await list_holders(conn, kind, after="", size=len(IN_ONE_CALL))
    return {
        each.code: sorted(
            country for term in each.grants if not term["until"] for country in term["include"]
        )
        for each in held
    }
