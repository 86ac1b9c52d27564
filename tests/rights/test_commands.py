"""Rights changes: history is kept, the epoch rises, event and purges commit together."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import asyncpg
import pytest

from catalog.changes import Change
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.events.model import RecordedEvent
from catalog.rights.commands import (
    NotApprovedError,
    approve_asset,
    hold_asset,
    reinstate_asset,
    withdraw_asset,
)
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from tests.support.people import ADA, LAWYER
from tests.support.stage import LONG_AGO, WORLDWIDE, Stage, StagedAsset, store_in


@pytest.fixture
async def stage(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    stage = Stage(pool, store_in(tmp_path_factory.mktemp("store")), drivers=("varnish", "cdn"))
    await stage.build()
    return stage


Step: TypeAlias = Callable[[Change], Awaitable[RecordedEvent | None]]


async def events(stage: Stage, asset: StagedAsset) -> list[str]:
    rows = await stage.pool.fetch(
        "SELECT type FROM event WHERE subject = $1 ORDER BY seq", f"asset/{asset.public_id}"
    )
    return [row["type"] for row in rows]


async def test_every_change_raises_the_epoch_and_a_repeated_one_changes_nothing(
    stage: Stage,
) -> None:
    asset = await stage.asset()
    steps: tuple[Step, ...] = (
        lambda change: set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, [WORLDWIDE]),
        lambda change: withdraw_asset(change, asset.public_id),
        lambda change: hold_asset(change, asset.public_id),
        lambda change: reinstate_asset(change, asset.public_id),
        lambda change: set_terms(
            change, ASSET, asset.public_id, TermKind.RESTRICTIONS, [WORLDWIDE]
        ),
        lambda change: set_terms(change, ASSET, asset.public_id, TermKind.RESTRICTIONS, []),
        lambda change: set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, []),
    )
    for number, step in enumerate(steps, start=2):
        for repeated in (False, True):
            async with stage.changes.begin(ADA) as change:
                recorded = await step(change)
            assert (recorded is None) is repeated
            assert await stage.epoch(asset) == number
    assert await events(stage, asset) == [
        "rights.changed",
        "asset.withdrawn",
        "asset.held",
        "asset.reinstated",
        "rights.changed",
        "rights.changed",
        "rights.changed",
    ]


async def test_ending_a_grant_keeps_it_on_record_as_expired_and_ending_one_to_come_removes_it(
    stage: Stage,
) -> None:
    later = replace(WORLDWIDE, valid_from=utc_now() + timedelta(days=1))
    asset = await stage.asset(WORLDWIDE, later)

    async with stage.changes.begin(ADA) as change:
        await set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, [])

    rows = await stage.pool.fetch(
        "SELECT valid_from, valid_until, ended_at FROM rights_grant WHERE asset = $1"
        " ORDER BY ended_at IS NULL, valid_from",
        asset.id,
    )
    assert [(row["valid_from"] == LONG_AGO, row["ended_at"] is None) for row in rows] == [
        (True, False),
        (False, False),
        (True, True),
    ]
    assert rows[2]["valid_until"] == rows[0]["ended_at"]


async def test_a_change_queues_all_passes_for_every_driver_in_its_transaction(
    stage: Stage,
) -> None:
    asset = await stage.asset(WORLDWIDE)
    await stage.pool.execute("DELETE FROM purge")

    async with stage.changes.begin(ADA) as change:
        recorded = await withdraw_asset(change, asset.public_id)

    assert recorded is not None
    rows = await stage.pool.fetch(
        "SELECT tag, driver, pass, not_before - time AS delay FROM purge"
        " JOIN event ON event.id = cause ORDER BY driver, pass"
    )
    tag = f"a-{asset.public_id}"
    assert [(row["tag"], row["driver"], row["pass"]) for row in rows] == [
        (tag, "cdn", 1),
        (tag, "cdn", 2),
        (tag, "cdn", 3),
        (tag, "varnish", 1),
        (tag, "varnish", 2),
        (tag, "varnish", 3),
    ]
    assert [round(row["delay"].total_seconds()) for row in rows] == [0, 2, 36, 0, 2, 36]


async def test_changes_at_once_lose_nothing_of_each_other(stage: Stage) -> None:
    asset = await stage.asset(WORLDWIDE)

    async def hold() -> None:
        async with stage.changes.begin(LAWYER) as change:
            await hold_asset(change, asset.public_id)
            await asyncio.sleep(0.2)

    async def withdraw() -> None:
        await asyncio.sleep(0.1)
        async with stage.changes.begin(ADA) as change:
            await withdraw_asset(change, asset.public_id)

    await asyncio.gather(hold(), withdraw())

    state = await stage.pool.fetchrow(
        "SELECT status, legal_demand FROM asset_state WHERE asset = $1 AND ended_at IS NULL",
        asset.id,
    )
    assert state is not None
    assert tuple(state) == ("withdrawn", True)


async def test_bringing_back_approves_nothing(stage: Stage) -> None:
    draft, approved = await stage.asset(status="draft"), await stage.asset()

    async def state(asset: StagedAsset) -> tuple[str, bool]:
        row = await stage.pool.fetchrow(
            "SELECT status, legal_demand FROM asset_state WHERE asset = $1 AND ended_at IS NULL",
            asset.id,
        )
        assert row is not None
        return row["status"], row["legal_demand"]

    async with stage.changes.begin(ADA) as change:
        with pytest.raises(NotApprovedError, match="approveAsset approves it"):
            await reinstate_asset(change, draft.public_id)
    for asset, status in ((draft, "draft"), (approved, "approved")):
        for ends in ((withdraw_asset,), (hold_asset,), (withdraw_asset, hold_asset)):
            async with stage.changes.begin(ADA) as change:
                for end in ends:
                    await end(change, asset.public_id)
            assert await state(asset) != (status, False)
            async with stage.changes.begin(ADA) as change:
                assert await reinstate_asset(change, asset.public_id)
            assert await state(asset) == (status, False)


async def test_approving_lets_a_draft_be_delivered_and_lifts_nothing(stage: Stage) -> None:
    asset = await stage.asset(status="draft")
    async with stage.changes.begin(ADA) as change:
        await hold_asset(change, asset.public_id)
        approved = await approve_asset(change, asset.public_id, reason="seen", expected_revision=2)
        assert await approve_asset(change, asset.public_id) is None
        assert approved is not None
        assert approved.event.data["status"] == "approved"
        assert approved.event.data["legal_demand"]
        await withdraw_asset(change, asset.public_id)
        with pytest.raises(ConflictError, match="reinstateAsset brings it back"):
            await approve_asset(change, asset.public_id)


async def test_of_two_changes_of_one_revision_the_later_is_refused(stage: Stage) -> None:
    asset = await stage.asset(WORLDWIDE)

    async def withdraw(wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        async with stage.changes.begin(ADA) as change:
            await withdraw_asset(change, asset.public_id, expected_revision=2)
            await asyncio.sleep(0.2)

    outcomes = await asyncio.gather(withdraw(0), withdraw(0.1), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), ConflictError]


async def test_a_stale_revision_is_refused_and_nothing_is_written(stage: Stage) -> None:
    asset = await stage.asset(WORLDWIDE)

    async with stage.changes.begin(ADA) as change:
        with pytest.raises(ConflictError, match="read it again"):
            await withdraw_asset(change, asset.public_id, expected_revision=1)
        assert await withdraw_asset(change, asset.public_id, expected_revision=2)


@pytest.mark.parametrize(
    ("term", "field"),
    [
        (replace(WORLDWIDE, include=("Germany",)), "grants[0].territory.include"),
        (replace(WORLDWIDE, exclude=("XX",)), "grants[0].territory.exclude"),
        (replace(WORLDWIDE, channels=("d2d",)), "grants[0].channels"),
        (replace(WORLDWIDE, usages=("tv",)), "grants[0].usages"),
        (replace(WORLDWIDE, valid_until=LONG_AGO), "grants[0].validUntil"),
        (replace(WORLDWIDE, valid_from=datetime.min.replace(tzinfo=UTC)), "grants[0].validFrom"),
        (replace(WORLDWIDE, valid_until=datetime(9500, 1, 1, tzinfo=UTC)), "grants[0].validUntil"),
        (replace(WORLDWIDE, licence="none"), "grants[0].licence"),
    ],
)
async def test_a_grant_that_names_what_does_not_exist_is_refused_at_its_field(
    stage: Stage, term: TermInput, field: str
) -> None:
    asset = await stage.asset()

    async with stage.changes.begin(ADA) as change:
        with pytest.raises(InvalidInputError) as refused:
            await set_terms(change, ASSET, asset.public_id, TermKind.GRANTS, [term])

    assert refused.value.field == field
    assert await stage.epoch(asset) == 1


async def test_an_unknown_asset_and_a_bad_authority_are_typed_errors(stage: Stage) -> None:
    asset = await stage.asset()
    async with stage.changes.begin(ADA) as change:
        with pytest.raises(NotFoundError):
            await withdraw_asset(change, "0000000000")
        for url in ("javascript:alert(1)", "https://例え.example", "https://a b", "https://[", "/"):
            with pytest.raises(InvalidInputError):
                await hold_asset(change, asset.public_id, authority_url=url)


async def test_the_database_itself_refuses_a_falling_epoch_and_a_price_in_metadata(
    stage: Stage,
) -> None:
    asset = await stage.asset(WORLDWIDE)

    with pytest.raises(asyncpg.RaiseError, match="may only rise"):
        await stage.pool.execute("UPDATE asset_epoch SET epoch = 1 WHERE asset = $1", asset.id)
    with pytest.raises(asyncpg.CheckViolationError):
        await stage.pool.execute(
            "INSERT INTO asset_value (asset, key, data) VALUES ($1, 'price_eur', '1')", asset.id
        )
