"""Changes of one asset's state: rows, epoch, event and purges in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from catalog.changes import Change
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, VitrineError
from catalog.events.model import Event, RecordedEvent
from catalog.rights import store
from catalog.rights.model import Status
from catalog.rights.statements import check_revision, is_link
from catalog.rights.store import LockedAsset
from catalog.subjects import asset_subject


class NotApprovedError(VitrineError):
    """A draft cannot be brought back: nobody has approved it yet."""

    code: ClassVar[str] = "ASSET_NOT_APPROVED"


async def withdraw_asset(
    change: Change, asset: str, *, reason: str | None = None, expected_revision: int | None = None
) -> RecordedEvent | None:
    """Take an asset out of every delivery (410); a legal demand on it stays.

    Returns:
        The event; None where it was withdrawn already.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected.
    """
    locked = await _lock(change, asset, expected_revision)
    if locked.status is Status.WITHDRAWN:
        return None
    await store.set_state(
        change.conn,
        locked.asset,
        Status.WITHDRAWN,
        legal_demand=locked.legal_demand,
        authority_url=locked.authority_url,
        reason=reason,
    )
    after = replace(locked, status=Status.WITHDRAWN)
    return await _record(change, locked, after, "asset.withdrawn", {"reason": reason})


async def hold_asset(
    change: Change,
    asset: str,
    *,
    authority_url: str | None = None,
    reason: str | None = None,
    expected_revision: int | None = None,
) -> RecordedEvent | None:
    """Block an asset because an authority demands it (451, RFC 7725).

    Returns:
        The event; None where the same demand stands already.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected.
        InvalidInputError: the authority's URL is not an absolute http or https URL.
    """
    if authority_url is not None and not is_link(authority_url):
        raise InvalidInputError(
            "authorityUrl must be an absolute http or https URL in ASCII", field="authorityUrl"
        )
    locked = await _lock(change, asset, expected_revision)
    if locked.legal_demand and locked.authority_url == authority_url:
        return None
    await store.set_state(
        change.conn,
        locked.asset,
        locked.status,
        legal_demand=True,
        authority_url=authority_url,
        reason=reason,
    )
    after = replace(locked, legal_demand=True, authority_url=authority_url)
    return await _record(change, locked, after, "asset.held", _state(after, reason))


async def reinstate_asset(
    change: Change, asset: str, *, reason: str | None = None, expected_revision: int | None = None
) -> RecordedEvent | None:
    """Lift hold and withdrawal: back to what it was before, under a new epoch.

    It approves nothing: what was a draft before it was held or withdrawn is one again.

    Returns:
        The event; None where it was approved and free already.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected.
        NotApprovedError: neither a hold nor a withdrawal keeps it from delivery: nobody has
            approved it.
    """
    locked = await _lock(change, asset, expected_revision)
    status = locked.status
    if not (locked.legal_demand or status is Status.WITHDRAWN):
        if status is Status.APPROVED:
            return None
        raise NotApprovedError(
            f"the asset {asset} is {status}, and was neither withdrawn nor held: approveAsset "
            "approves it",
            field="assetId",
        )
    if status is Status.WITHDRAWN:
        status = await store.status_before_withdrawal(change.conn, locked.asset)
    await store.set_state(
        change.conn, locked.asset, status, legal_demand=False, authority_url=None, reason=reason
    )
    after = replace(locked, status=status, legal_demand=False, authority_url=None)
    return await _record(change, locked, after, "asset.reinstated", _state(after, reason))


async def approve_asset(
    change: Change, asset: str, *, reason: str | None = None, expected_revision: int | None = None
) -> RecordedEvent | None:
    """Let a draft be delivered where its rights allow it; a legal demand on it stays.

    No import makes it a draft again, unless its record says `revoke_approval`.

    Returns:
        The event, be it that an import had approved the asset; None where a person had already.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected, or it is withdrawn or in quarantine.
    """
    locked = await _lock(change, asset, expected_revision)
    if locked.status is Status.APPROVED:
        if not await store.put_approval(change.conn, locked.asset, change.actor.id):
            return None
        event = _event(locked, "asset.approved", locked.epoch, {"reason": reason})
        return (await change.record(event))[0]
    if locked.status is not Status.DRAFT:
        hint = ": reinstateAsset brings it back" if locked.status is Status.WITHDRAWN else ""
        raise ConflictError(f"the asset {asset} is {locked.status}{hint}", field="assetId")
    await store.set_state(
        change.conn,
        locked.asset,
        Status.APPROVED,
        legal_demand=locked.legal_demand,
        authority_url=locked.authority_url,
        reason=reason,
    )
    await store.put_approval(change.conn, locked.asset, change.actor.id)
    after = replace(locked, status=Status.APPROVED)
    return await _record(change, locked, after, "asset.approved", _state(after, reason))


def _state(after: LockedAsset, reason: str | None) -> dict[str, Any]:
    return {"status": after.status, "legal_demand": after.legal_demand, "reason": reason}


async def _lock(change: Change, asset: str, expected_revision: int | None) -> LockedAsset:
    locked = await store.lock_asset(change.conn, asset)
    if locked is None:
        raise NotFoundError(f"there is no asset {asset}", field="assetId")
    check_revision("asset", locked.revision, expected_revision)
    return locked


async def _record(
    change: Change,
    locked: LockedAsset,
    after: LockedAsset,
    event_type: str,
    data: Mapping[str, Any],
) -> RecordedEvent:
    (raised,) = await store.raise_epochs(change.conn, [locked.asset])
    event = _event(locked, event_type, raised.epoch, data)
    subjects = (asset_subject(locked.public_id),)
    event = replace(event, subjects=subjects, before=locked, after=after)
    return (await change.record(event))[0]


def _event(locked: LockedAsset, event_type: str, epoch: int, data: Mapping[str, Any]) -> Event:
    return Event(
        type=event_type,
        subject=f"asset/{locked.public_id}",
        version=epoch,
        data={"asset": locked.public_id, "epoch": epoch, **data},
    )
