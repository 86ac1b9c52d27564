"""Batches of territory sets, licences and collections: whom they touch, and two at once."""

from collections.abc import Sequence

import pytest

from catalog.db import Pool
from catalog.events.commands import Change, Changes
from catalog.events.model import Applied
from catalog.rights.licences import (
    CollectionRecord,
    LicenceRecord,
    TerritorySetRecord,
    put_collections,
    put_licences,
    put_territory_sets,
)
from catalog.rights.terms import TermRecord, Territory
from tests.support.turns import one_behind_the_other

WORLDWIDE = TermRecord(territory=Territory(include=["WORLD"]), channels=["*"], usages=["*"])


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
        async with changes.begin("test") as change:
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
    async def put(change: Change) -> Sequence[Applied]:
        licence = LicenceRecord(code="photo", licensor="Studio", grants=[WORLDWIDE])
        collection = CollectionRecord(code="summer", grants=[WORLDWIDE])
        return await put_licences(change, [licence]), await put_collections(change, [collection])

    later = await one_behind_the_other(changes, put, put)
    assert later == (Applied(unchanged=1), Applied(unchanged=1))
    assert await pool.fetchval("SELECT count(*) FROM rights_grant") == 2
