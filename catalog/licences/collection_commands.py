"""Changes of one collection's terms by a person: all its assets turn in one transaction."""

from collections.abc import Sequence

from catalog.changes import Change
from catalog.errors import NotFoundError
from catalog.events.model import Event, Recorded
from catalog.licences import store
from catalog.licences.store import StoredCollection
from catalog.rights.model import TermInput
from catalog.rights.replacement import replace_grants, replace_restrictions
from catalog.subjects import asset_subject, collection_subject


async def set_collection_grants(
    change: Change, code: str, grants: Sequence[TermInput]
) -> Recorded | None:
    """Make these the grants of the collection; what is missing ends now.

    Returns:
        The event, one however many assets are in it; None where nothing changed.

    Raises:
        NotFoundError: no collection has this code.
        InvalidInputError: a grant names what does not exist, or ends before it begins.
    """
    locked = await _lock(change, code)
    if not await replace_grants(change.conn, "collection", locked.id, grants):
        return None
    return await _record(change, locked, {"grants": len(grants)})


async def set_collection_restrictions(
    change: Change, code: str, restrictions: Sequence[TermInput]
) -> Recorded | None:
    """Make these the restrictions of the collection; what is missing ends now.

    Returns:
        The event, one however many assets are in it; None where nothing changed.

    Raises:
        NotFoundError: no collection has this code.
        InvalidInputError: a restriction names what does not exist, or ends before it begins.
    """
    locked = await _lock(change, code)
    if not await replace_restrictions(change.conn, "collection", locked.id, restrictions):
        return None
    return await _record(change, locked, {"restrictions": len(restrictions)})


async def _lock(change: Change, code: str) -> StoredCollection:
    locked = await store.lock_collection(change.conn, code)
    if locked is None:
        raise NotFoundError(f"there is no collection {code}", field="collection")
    return locked


async def _record(change: Change, locked: StoredCollection, data: dict[str, int]) -> Recorded:
    members = await store.raise_epochs_of_members(change.conn, [locked.id])
    event = Event(
        type="rights.changed",
        subject=f"collection/{locked.code}",
        version=1,
        # no picture is tagged with a collection; its assets are what edges can find
        subjects=(
            collection_subject(locked.code),
            *map(asset_subject, members.get(locked.id, ())),
        ),
        data={"collection": locked.code, **data},
    )
    return (await change.record(event))[0]
