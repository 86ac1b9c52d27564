"""An import never undoes what a rights manager decided about an asset."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.media.model import AssetStatus
from catalog.rights.commands import (
    approve_asset,
    reinstate_asset,
    withdraw_asset,
)
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from tests.media.test_put_assets import EVERYWHERE, SHOE, live, put
from tests.support.people import MANAGER

HALF_A_WORLD = TermInput(
    include=("DE",),
    channels=("*",),
    usages=("*",),
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
)
LICENSED = replace(SHOE, grants=[EVERYWHERE], restrictions=[])


async def territories(pool: Pool, column: str = "grants") -> Sequence[object]:
    """Return where terms that have not expired hold."""
    asset = await live(pool)
    terms = asset[column]
    assert isinstance(terms, list)
    return [each["include"] for each in terms if each["until"] is None]  # pyright: ignore[reportUnknownVariableType] - jsonb


@pytest.fixture
async def asset(changes: Changes, pool: Pool) -> str:
    await put(changes, LICENSED)
    return str((await live(pool))["public_id"])


async def test_a_withdrawn_asset_stays_withdrawn_until_somebody_reinstates_it(
    changes: Changes, pool: Pool, asset: str
) -> None:
    async with changes.begin(MANAGER) as change:
        await withdraw_asset(change, asset)
    assert await put(changes, LICENSED) == BatchResult(unchanged=1)
    assert (await live(pool))["status"] == "withdrawn"

    async with changes.begin(MANAGER) as change:
        await reinstate_asset(change, asset)
    await put(changes, replace(LICENSED, status="draft"))
    assert (await live(pool))["status"] == "draft"


async def test_a_grant_that_was_ended_by_hand_is_not_added_again(
    changes: Changes, pool: Pool, asset: str
) -> None:
    async with changes.begin(MANAGER) as change:
        await set_terms(change, ASSET, asset, TermKind.GRANTS, [])
    assert await put(changes, LICENSED) == BatchResult(unchanged=1)
    assert await territories(pool) == []

    other = replace(EVERYWHERE, usages=["web"])
    assert await put(changes, replace(LICENSED, grants=[EVERYWHERE, other])) == BatchResult(
        updated=1
    )
    assert await territories(pool) == [["WORLD"]]


async def test_a_grant_that_was_added_by_hand_is_not_ended(
    changes: Changes, pool: Pool, asset: str
) -> None:
    async with changes.begin(MANAGER) as change:
        await set_terms(change, ASSET, asset, TermKind.GRANTS, [HALF_A_WORLD])
    assert await put(changes, LICENSED) == BatchResult(unchanged=1)
    assert await territories(pool) == [["DE"]]


async def test_restrictions_that_were_set_by_hand_stand(
    changes: Changes, pool: Pool, asset: str
) -> None:
    async with changes.begin(MANAGER) as change:
        await set_terms(change, ASSET, asset, TermKind.RESTRICTIONS, [HALF_A_WORLD])
    assert await put(changes, LICENSED) == BatchResult(unchanged=1)
    assert await territories(pool, "restrictions") == [["DE"]]


async def test_what_an_import_ended_an_import_may_add_again(
    changes: Changes, pool: Pool, asset: str
) -> None:
    async with changes.begin(MANAGER) as change:
        await set_terms(change, ASSET, asset, TermKind.RESTRICTIONS, [HALF_A_WORLD])
    await put(changes, replace(LICENSED, grants=[]))
    assert await put(changes, LICENSED) == BatchResult(updated=1)
    assert await territories(pool) == [["WORLD"]]


@pytest.mark.parametrize("before", ["draft", "approved"])
async def test_what_a_person_approved_is_no_draft_again_without_a_word_of_its_own(
    changes: Changes, pool: Pool, before: AssetStatus
) -> None:
    draft = replace(LICENSED, status="draft")
    await put(changes, replace(LICENSED, status=before))
    public_id = str((await live(pool))["public_id"])
    async with changes.begin(MANAGER) as change:
        await approve_asset(change, public_id)  # be it that an import had approved it before

    assert await put(changes, draft) == BatchResult(unchanged=1, kept_approvals=1)
    async with changes.begin(MANAGER) as change:
        await withdraw_asset(change, public_id)
        await reinstate_asset(change, public_id)
    changed = replace(draft, values={"title": "Shoe"})
    assert await put(changes, changed) == BatchResult(updated=1, kept_approvals=1)
    assert (await live(pool))["status"] == "approved"

    assert await put(changes, replace(draft, revoke_approval=True)) == BatchResult(updated=1)
    assert (await live(pool))["status"] == "draft"
    assert await put(changes, replace(LICENSED, status="approved")) == BatchResult(updated=1)
    assert await put(changes, draft) == BatchResult(updated=1)  # an import had approved it


async def test_an_approval_is_revoked_along_with_the_status_alone(changes: Changes) -> None:
    applied = await put(changes, replace(LICENSED, status="approved", revoke_approval=True))
    assert [each.field for each in applied.rejections] == ["revoke_approval"]


async def test_the_approval_of_a_withdrawn_asset_can_be_revoked(
    changes: Changes, pool: Pool, asset: str
) -> None:
    async with changes.begin(MANAGER) as change:
        await approve_asset(change, asset)
        await withdraw_asset(change, asset)
    revoking = replace(LICENSED, status="draft", revoke_approval=True)

    assert await put(changes, revoking) == BatchResult(updated=1)
    assert (await live(pool))["status"] == "withdrawn"
    fact = await pool.fetchrow("SELECT type, subjects FROM event ORDER BY seq DESC LIMIT 1")
    assert fact is not None
    assert tuple(fact) == ("asset.approval_revoked", [])
    assert await put(changes, revoking) == BatchResult(unchanged=1)

    async with changes.begin(MANAGER) as change:
        await reinstate_asset(change, asset)
    assert (await live(pool))["status"] == "draft"


async def test_approving_what_an_import_approved_is_on_record_and_changes_no_delivery(
    changes: Changes, pool: Pool, asset: str
) -> None:
    before = await live(pool)
    async with changes.begin(MANAGER) as change:
        recorded = await approve_asset(change, asset, reason="seen")
        assert await approve_asset(change, asset) is None

    assert recorded is not None
    assert (recorded.event.type, recorded.event.subject) == ("asset.approved", f"asset/{asset}")
    assert recorded.event.data["reason"] == "seen"
    assert not recorded.event.subjects
    assert (await live(pool))["epoch"] == before["epoch"]
