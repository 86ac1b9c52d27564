"""A term that a record takes away has to be there, or to have been there."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.licences.batches import (
    CollectionRecord,
    LicenceRecord,
    put_collections,
    put_licences,
)
from catalog.media.commands import put_assets
from catalog.media.model import AssetRecord
from catalog.members import Edit
from catalog.principal import IMPORT
from catalog.rights.terms import TermRecord, Territory
from tests.media.test_put_assets import ingested


def term(*countries: str, exclude: Sequence[str] = ()) -> TermRecord:
    territory = Territory(include=countries, exclude=exclude)
    return TermRecord(territory=territory, channels=["*"], usages=["*"])


GERMAN, FRENCH, ITALIAN = term("DE"), term("FR"), term("WORLD", exclude=["IT"])
Put = Callable[[Change, dict[str, Any]], Awaitable[BatchResult]]


async def of_licence(change: Change, terms: dict[str, Any]) -> BatchResult:
    return await put_licences(change, [LicenceRecord(code="own", licensor="Us", **terms)])


async def of_collection(change: Change, terms: dict[str, Any]) -> BatchResult:
    return await put_collections(change, [CollectionRecord(code="summer", **terms)])


async def of_asset(change: Change, terms: dict[str, Any]) -> BatchResult:
    record = AssetRecord(code="front", file="front.jpg", **terms)
    return await put_assets(change, [record], {"front": ingested()})


@pytest.mark.parametrize("put", [of_licence, of_collection, of_asset])
async def test_what_is_removed_is_there_or_was_or_is_named_in_the_refusal(
    pool: Pool, put: Put
) -> None:
    changes = Changes(pool=pool)

    async def say(**terms: Any) -> BatchResult:  # noqa: ANN401 - of either kind
        async with changes.begin(IMPORT) as change:
            return await put(change, terms)

    await say(grants=[GERMAN, FRENCH], restrictions=[ITALIAN])
    gone = {"grants": Edit(remove=(GERMAN,)), "restrictions": Edit(remove=(ITALIAN,))}
    assert await say(**gone) == BatchResult(updated=1)
    assert await say(**gone) == BatchResult(unchanged=1)  # the same file again

    never = Edit(remove=(FRENCH, ITALIAN))
    refused = await say(grants=never, restrictions=Edit(remove=(GERMAN,)))
    assert refused.updated == 0
    (rejection,) = refused.rejections
    assert [(each.code, each.field) for each in rejection.faults] == [
        ("UNKNOWN_TERM", "grants.remove[1]"),
        ("UNKNOWN_TERM", "restrictions.remove[0]"),
    ]
    assert "for WORLD without IT on * as *" in rejection.message
    # the French grant of the refused record is still there
    assert await say(grants=Edit(remove=(FRENCH,))) == BatchResult(updated=1)


async def test_a_term_is_removed_as_it_was_stored_and_not_like_another(pool: Pool) -> None:
    changes = Changes(pool=pool)
    async with changes.begin(IMPORT) as change:
        await of_licence(change, {"grants": [GERMAN]})
        for other in (
            replace(GERMAN, usages=["web"]),
            replace(GERMAN, channels=[]),
            term("DE", exclude=["AT"]),
        ):
            applied = await of_licence(change, {"grants": Edit(remove=(other,))})
            assert [each.code for each in applied.rejections] != [], other
