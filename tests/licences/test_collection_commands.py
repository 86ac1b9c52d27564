"""Changes of one collection by a person: all its assets turn, and one event names them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change
from catalog.db import Pool
from catalog.errors import InvalidInputError, NotFoundError
from catalog.events.model import RecordedEvent
from catalog.graph.holders import Collection, find_holder
from catalog.licences.batches import CollectionRecord, put_collections
from catalog.principal import IMPORT
from catalog.rights.holder_kinds import COLLECTION
from catalog.rights.model import TermKind
from catalog.rights.stated_instants import parse_stated_instant
from catalog.rights.term_commands import set_terms
from catalog.rights.terms import TermRecord, Territory
from tests.support.people import ADA
from tests.support.stage import JOIN_COLLECTION_SQL, WORLDWIDE, Stage, store_in
from tests.support.turns import one_behind_the_other

DRIVERS = ("varnish", "cdn")
GERMANY = replace(WORLDWIDE, include=("DE",))
EVERYWHERE = TermRecord(
    territory=Territory(include=["WORLD"]),
    channels=["*"],
    usages=["*"],
    valid_from=parse_stated_instant("now-1d"),
)
SUMMER = CollectionRecord(code="summer", grants=[EVERYWHERE], restrictions=[])


@pytest.fixture
async def stage(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = Stage(pool, store_in(tmp_path_factory.mktemp("store")), drivers=DRIVERS)
    await stage.build()
    return stage


async def stored(stage: Stage) -> Collection:
    async with stage.pool.acquire() as conn:
        found = await find_holder(conn, Collection, "summer")
    assert found is not None
    return found


async def territories(stage: Stage) -> Sequence[object]:
    """Return where the grants hold that have not expired."""
    return [each["include"] for each in (await stored(stage)).grants if not each["until"]]


async def put(stage: Stage, record: CollectionRecord) -> BatchResult:
    async with stage.changes.begin(IMPORT) as change:
        return await put_collections(change, [record])


Step: TypeAlias = Callable[[Change], Awaitable[RecordedEvent | None]]
STEPS: Sequence[Step] = (
    lambda change: set_terms(change, COLLECTION, "summer", TermKind.GRANTS, [WORLDWIDE]),
    lambda change: set_terms(change, COLLECTION, "summer", TermKind.RESTRICTIONS, [GERMANY]),
    lambda change: set_terms(change, COLLECTION, "summer", TermKind.RESTRICTIONS, []),
    lambda change: set_terms(change, COLLECTION, "summer", TermKind.GRANTS, []),
)


async def test_every_change_turns_what_is_in_the_collection_and_a_repeated_one_nothing(
    stage: Stage,
) -> None:
    members = [await stage.asset(), await stage.asset()]
    await stage.collection(CollectionRecord(code="summer"), *members)
    other = await stage.asset(WORLDWIDE)
    for number, step in enumerate(STEPS, start=1):
        for repeated in (False, True):
            async with stage.changes.begin(ADA) as change:
                recorded = await step(change)
            assert (recorded is None) is repeated
            for asset in members:
                assert await stage.epoch(asset) == asset.epoch + number
    assert await stage.epoch(other) == other.epoch


async def test_one_event_names_the_collection_and_its_assets_whose_tags_are_purged(
    stage: Stage,
) -> None:
    assets = [await stage.asset(body=b"same") for _ in range(3)]
    await stage.collection(SUMMER, *assets)
    async with stage.changes.begin(ADA) as change:
        recorded = await set_terms(change, COLLECTION, "summer", TermKind.GRANTS, [])

    assert recorded is not None
    assert change.recorded == [recorded]
    ids = sorted(asset.public_id for asset in assets)
    event = recorded.event
    assert (event.type, event.subject) == ("rights.changed", "collection/summer")
    assert event.subjects[0] == "collection:summer"
    assert sorted(event.subjects[1:]) == [f"asset:{each}" for each in ids]
    assert event.data == {"collection": "summer", "grants": 0}
    rows = await stage.pool.fetch("SELECT driver, tag FROM purge WHERE cause = $1", recorded.id)
    assert {tuple(row) for row in rows} >= {
        (driver, f"a-{each}") for driver in DRIVERS for each in ids
    }
    assert (await stored(stage)).asset_count == 3


async def test_an_unknown_collection_and_what_is_not_a_term_are_refused(stage: Stage) -> None:
    await stage.collection(SUMMER)
    async with stage.changes.begin(ADA) as change:
        with pytest.raises(NotFoundError) as missing:
            await set_terms(change, COLLECTION, "nothing", TermKind.GRANTS, [])
        assert missing.value.field == "collection"
        with pytest.raises(InvalidInputError) as refused:
            await set_terms(
                change,
                COLLECTION,
                "summer",
                TermKind.GRANTS,
                [replace(WORLDWIDE, channels=("none",))],
            )
        assert refused.value.field == "grants[0].channels"
    assert await territories(stage) == [["WORLD"]]


async def test_an_asset_that_joins_at_the_same_time_is_waited_for_and_turns_too(
    stage: Stage,
) -> None:
    asset = await stage.asset()
    await stage.collection(SUMMER)

    async def join(change: Change) -> object:
        return await change.conn.execute(JOIN_COLLECTION_SQL, "summer", [asset.id])

    async def darken(change: Change) -> RecordedEvent | None:
        return await set_terms(change, COLLECTION, "summer", TermKind.GRANTS, [])

    recorded = await one_behind_the_other(stage.changes, join, darken)
    assert recorded is not None
    assert f"asset:{asset.public_id}" in recorded.event.subjects


async def test_an_import_and_a_person_at_once_take_turns(stage: Stage) -> None:
    await stage.collection(SUMMER)

    async def by_import(change: Change) -> object:
        return await put_collections(change, [replace(SUMMER, name="Summer")])

    async def by_hand(change: Change) -> object:
        return await set_terms(change, COLLECTION, "summer", TermKind.GRANTS, [GERMANY])

    await one_behind_the_other(stage.changes, by_import, by_hand)
    await one_behind_the_other(
        stage.changes,
        lambda change: set_terms(change, COLLECTION, "summer", TermKind.RESTRICTIONS, [GERMANY]),
        by_import,
    )
    assert await territories(stage) == [["DE"]]


async def test_an_import_neither_adds_nor_ends_what_people_decided_of_a_collection(
    stage: Stage,
) -> None:
    await stage.collection(SUMMER)
    async with stage.changes.begin(ADA) as change:
        await set_terms(change, COLLECTION, "summer", TermKind.GRANTS, [GERMANY])
        await set_terms(change, COLLECTION, "summer", TermKind.RESTRICTIONS, [GERMANY])
    assert await put(stage, SUMMER) == BatchResult(unchanged=1)
    assert await territories(stage) == [["DE"]]
    assert len((await stored(stage)).restrictions) == 1
