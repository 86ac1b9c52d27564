"""Changes of one asset's rights and state: rows, epoch, event and purges in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.errors import InvalidInputError, NotFoundError
from catalog.events.commands import Change
from catalog.events.model import Event, Recorded, asset_subject
from catalog.rights import store
from catalog.rights.model import Status, TermInput
from catalog.rights.replacement import replace_grants, replace_restrictions
from catalog.rights.statements import check_revision, is_link
from catalog.rights.store import LockedAsset


async def set_grants(
    change: Change, asset: str, grants: Sequence[TermInput], *, expected_revision: int | None = None
) -> Recorded | None:
    """Make these the grants of the asset; what is missing ends now.

    Returns:
        The event; None where nothing changed.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected.
        InvalidInputError: a grant names what does not exist, or ends before it begins.
    """
    locked = await _lock(change, asset, expected_revision)
    if not await replace_grants(change.conn, "asset", locked.asset, grants):
        return None
    return await _record(change, locked, "rights.changed", {"grants": len(grants)})


async def set_restrictions(
    change: Change,
    asset: str,
    restrictions: Sequence[TermInput],
    *,
    expected_revision: int | None = None,
) -> Recorded | None:
    """Make these the restrictions of the asset; what is missing ends now.

    Returns:
        The event; None where nothing changed.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected.
        InvalidInputError: a restriction names what does not exist, or ends before it begins.
    """
    locked = await _lock(change, asset, expected_revision)
    if not await replace_restrictions(change.conn, "asset", locked.asset, restrictions):
        return None
    return await _record(change, locked, "rights.changed", {"restrictions": len(restrictions)})


async def withdraw_asset(
    change: Change, asset: str, *, reason: str | None = None, expected_revision: int | None = None
) -> Recorded | None:
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
    return await _record(change, locked, "asset.withdrawn", {"reason": reason})


async def hold_asset(
    change: Change,
    asset: str,
    *,
    authority_url: str | None = None,
    reason: str | None = None,
    expected_revision: int | None = None,
) -> Recorded | None:
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
    data = {"status": locked.status, "legal_demand": True, "reason": reason}
    return await _record(change, locked, "asset.status_changed", data)


async def reinstate_asset(
    change: Change, asset: str, *, reason: str | None = None, expected_revision: int | None = None
) -> Recorded | None:
    """Lift hold and withdrawal: back to approved, under a new epoch.

    Returns:
        The event; None where it was approved and free already.

    Raises:
        NotFoundError: no asset has this public id.
        ConflictError: its revision is another than expected.
    """
    locked = await _lock(change, asset, expected_revision)
    if locked.status is Status.APPROVED and not locked.legal_demand:
        return None
    await store.set_state(
        change.conn,
        locked.asset,
        Status.APPROVED,
        legal_demand=False,
        authority_url=None,
        reason=reason,
    )
    data = {"status": Status.APPROVED, "legal_demand": False, "reason": reason}
    return await _record(change, locked, "asset.status_changed", data)


async def _lock(change: Change, asset: str, expected_revision: int | None) -> LockedAsset:
    locked = await store.lock_asset(change.conn, asset)
    if locked is None:
        raise NotFoundError(f"there is no asset {asset}", field="assetId")
    check_revision("asset", locked.revision, expected_revision)
    return locked


async def _record(
    change: Change, locked: LockedAsset, event_type: str, data: Mapping[str, Any]
) -> Recorded:
    (raised,) = await store.raise_epochs(change.conn, [locked.asset])
    event = Event(
        type=event_type,
        subject=f"asset/{locked.public_id}",
        version=raised.epoch,
        subjects=(asset_subject(locked.public_id),),
        data={"asset": locked.public_id, "epoch": raised.epoch, **data},
    )
    return (await change.record(event))[0]
