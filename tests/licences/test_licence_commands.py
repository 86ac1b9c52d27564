"""Changes of one licence by a person: all that rests on it turns, and one event says so."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change
from catalog.db import Pool
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.events.model import RecordedEvent
from catalog.graph.holders import Licence, find_holder
from catalog.licences.batches import LicenceRecord, put_licences
from catalog.principal import IMPORT
from catalog.rights.holder_kinds import LICENCE
from catalog.rights.model import TermInput, TermKind
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.term_commands import set_terms
from catalog.rights.terms import TermRecord, Territory
from tests.support.people import ADA
from tests.support.stage import WORLDWIDE, Stage, store_in
from tests.support.turns import one_behind_the_other

DRIVERS = ("varnish", "cdn")
GERMANY = replace(WORLDWIDE, include=("DE",))
EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("now-1d"),
)
PHOTO = LicenceRecord(code="photo", licensor="Studio", grants=[EVERYWHERE], restrictions=[])


@pytest.fixture
async def stage(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = Stage(pool, store_in(tmp_path_factory.mktemp("store")), drivers=DRIVERS)
    await stage.build()
    return stage


async def stored(stage: Stage, licence: str) -> Licence:
    async with stage.pool.acquire() as conn:
        found = await find_holder(conn, Licence, licence)
    assert found is not None
    return found


async def territories(stage: Stage, licence: str) -> Sequence[object]:
    """Return where the grants hold that have not expired."""
    return [each["include"] for each in (await stored(stage, licence)).grants if not each["until"]]


async def put(stage: Stage, record: LicenceRecord) -> BatchResult:
    async with stage.changes.begin(IMPORT) as change:
        return await put_licences(change, [record])


Step: TypeAlias = Callable[[Change, str], Awaitable[RecordedEvent | None]]
STEPS: Sequence[Step] = (
    lambda change, licence: set_terms(change, LICENCE, licence, TermKind.GRANTS, [WORLDWIDE]),
    lambda change, licence: set_terms(change, LICENCE, licence, TermKind.RESTRICTIONS, [GERMANY]),
    lambda change, licence: set_terms(change, LICENCE, licence, TermKind.RESTRICTIONS, []),
    lambda change, licence: set_terms(change, LICENCE, licence, TermKind.GRANTS, []),
)


async def test_every_change_turns_what_rests_on_the_licence_and_a_repeated_one_nothing(
    stage: Stage,
) -> None:
    licence = await stage.licence(LicenceRecord(code="photo", licensor="Studio"))
    members = [await stage.asset(), await stage.asset()]
    await stage.licence(LicenceRecord(code="photo"), *members)
    documented = await stage.asset(replace(WORLDWIDE, licence=licence))
    other = await stage.asset(WORLDWIDE)
    for number, step in enumerate(STEPS, start=1):
        for repeated in (False, True):
            async with stage.changes.begin(ADA) as change:
                recorded = await step(change, licence)
            assert (recorded is None) is repeated
            for asset in (*members, documented):
                assert await stage.epoch(asset) == asset.epoch + number
            assert (await stored(stage, licence)).revision == 1 + number
    assert await stage.epoch(other) == other.epoch


async def test_however_many_assets_rest_on_it_one_event_names_the_licence_and_one_tag_is_purged(
    stage: Stage,
) -> None:
    assets = [await stage.asset(body=b"same") for _ in range(40)]
    licence = await stage.licence(LicenceRecord(code="photo", licensor="Studio"), *assets)
    async with stage.changes.begin(ADA) as change:
        recorded = await set_terms(change, LICENCE, licence, TermKind.GRANTS, [WORLDWIDE])

    assert recorded is not None
    assert change.recorded == [recorded]
    assert recorded.event.subjects == (f"licence:{licence}",)
    rows = await stage.pool.fetch(
        "SELECT driver, pass, tag FROM purge WHERE cause = $1 ORDER BY 1, 2", recorded.id
    )
    assert [tuple(row) for row in rows] == [
        (driver, number, f"l-{licence}") for driver in sorted(DRIVERS) for number in (1, 2, 3)
    ]
    assert {await stage.epoch(asset) for asset in assets} == {2}
    assert (await stored(stage, licence)).asset_count == 40


async def test_a_grant_that_is_missing_ends_now_and_stays_on_record(stage: Stage) -> None:
    licence = await stage.licence(PHOTO)
    async with stage.changes.begin(ADA) as change:
        await set_terms(change, LICENCE, licence, TermKind.GRANTS, [])
    (grant,) = (await stored(stage, licence)).grants
    assert grant["until"] is not None
    assert await stage.pool.fetchval("SELECT count(*) FROM rights_grant") == 2


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (replace(WORLDWIDE, include=("Atlantis",)), "grants[0].territory.include"),
        (replace(WORLDWIDE, channels=("none",)), "grants[0].channels"),
        (replace(WORLDWIDE, licence="none"), "grants[0].licence"),
        (
            replace(WORLDWIDE, valid_until=WORLDWIDE.valid_from - timedelta(days=1)),
            "grants[0].validUntil",
        ),
    ],
)
async def test_what_is_not_a_term_is_refused_at_its_place(
    stage: Stage, wanted: TermInput, field: str
) -> None:
    licence = await stage.licence(PHOTO)
    with pytest.raises(InvalidInputError) as refused:
        async with stage.changes.begin(ADA) as change:
            await set_terms(change, LICENCE, licence, TermKind.GRANTS, [wanted])
    assert refused.value.field == field
    assert (await stored(stage, licence)).revision == 1


async def test_a_licence_is_found_by_its_code_and_its_grants_name_no_other(stage: Stage) -> None:
    licence = await stage.licence(PHOTO)
    other = await stage.licence(replace(PHOTO, code="other"))
    async with stage.changes.begin(ADA) as change:
        for named in (other, "other"):
            with pytest.raises(InvalidInputError) as refused:
                await set_terms(
                    change, LICENCE, "photo", TermKind.GRANTS, [replace(GERMANY, licence=named)]
                )
            assert refused.value.field == "grants[0].licence"
        assert await set_terms(
            change, LICENCE, "photo", TermKind.GRANTS, [replace(GERMANY, licence="photo")]
        )
    assert await territories(stage, licence) == await territories(stage, "photo") == [["DE"]]
    assert await territories(stage, other) == [["WORLD"]]


async def test_a_licence_that_is_not_there_or_was_changed_meanwhile_is_refused(
    stage: Stage,
) -> None:
    licence = await stage.licence(PHOTO)
    async with stage.changes.begin(ADA) as change:
        with pytest.raises(NotFoundError):
            await set_terms(change, LICENCE, "nothing", TermKind.GRANTS, [])
        with pytest.raises(ConflictError):
            await set_terms(
                change, LICENCE, licence, TermKind.RESTRICTIONS, [GERMANY], expected_revision=7
            )
        assert await set_terms(
            change, LICENCE, licence, TermKind.RESTRICTIONS, [GERMANY], expected_revision=1
        )


async def test_of_two_people_at_once_the_later_one_sees_what_the_earlier_one_did(
    stage: Stage,
) -> None:
    licence = await stage.licence(PHOTO)

    async def restrict(change: Change) -> RecordedEvent | None:
        return await set_terms(change, LICENCE, licence, TermKind.RESTRICTIONS, [GERMANY])

    assert await one_behind_the_other(stage.changes, restrict, restrict) is None
    assert len((await stored(stage, licence)).restrictions) == 1


async def test_an_import_and_a_person_at_once_take_turns(stage: Stage) -> None:
    licence = await stage.licence(PHOTO)

    async def by_import(change: Change) -> object:
        return await put_licences(change, [replace(PHOTO, credit="By Studio")])

    async def by_hand(change: Change) -> object:
        return await set_terms(change, LICENCE, licence, TermKind.GRANTS, [GERMANY])

    await one_behind_the_other(stage.changes, by_import, by_hand)
    await one_behind_the_other(
        stage.changes,
        lambda change: set_terms(change, LICENCE, licence, TermKind.RESTRICTIONS, [GERMANY]),
        by_import,
    )
    assert await territories(stage, licence) == [["DE"]]


async def test_two_licences_of_the_same_assets_change_at_once_without_a_deadlock(
    stage: Stage,
) -> None:
    assets = [await stage.asset(body=b"same") for _ in range(20)]
    codes = ("red", "blue", "green", "grey")
    licences = [
        await stage.licence(LicenceRecord(code=code, licensor="Studio"), *assets) for code in codes
    ]

    async def change_one(licence: str) -> None:
        async with stage.changes.begin(ADA) as change:
            await set_terms(change, LICENCE, licence, TermKind.GRANTS, [WORLDWIDE])

    await asyncio.gather(*map(change_one, licences))
    assert {await stage.epoch(asset) for asset in assets} == {1 + len(codes)}


async def test_an_import_neither_adds_nor_ends_what_people_decided_of_a_licence(
    stage: Stage,
) -> None:
    licence = await stage.licence(PHOTO)
    async with stage.changes.begin(ADA) as change:
        await set_terms(change, LICENCE, licence, TermKind.GRANTS, [GERMANY])
        await set_terms(change, LICENCE, licence, TermKind.RESTRICTIONS, [GERMANY])
    assert await put(stage, PHOTO) == BatchResult(unchanged=1)
    assert await territories(stage, licence) == [["DE"]]
    assert len((await stored(stage, licence)).restrictions) == 1


async def test_what_an_import_added_an_import_may_end_though_people_changed_other_terms(
    stage: Stage,
) -> None:
    licence = await stage.licence(PHOTO)
    (kept,) = (await stored(stage, licence)).grants
    imported = replace(WORLDWIDE, valid_from=datetime.fromisoformat(kept["from"]))
    async with stage.changes.begin(ADA) as change:
        await set_terms(change, LICENCE, licence, TermKind.GRANTS, [imported, GERMANY])
    assert await put(stage, replace(PHOTO, grants=[])) == BatchResult(updated=1)
    assert await territories(stage, licence) == [["DE"]]
