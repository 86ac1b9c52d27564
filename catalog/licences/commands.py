"""Changes of one licence's terms by a person: whatever rests on it turns in one transaction."""

from collections.abc import Sequence

from catalog.changes import Change
from catalog.errors import InvalidInputError, NotFoundError
from catalog.events.model import Event, Recorded
from catalog.licences import store
from catalog.licences.store import StoredLicence
from catalog.rights.model import TermInput
from catalog.rights.replacement import replace_grants, replace_restrictions
from catalog.rights.statements import check_revision
from catalog.subjects import licence_subject


async def set_licence_grants(
    change: Change,
    licence: str,
    grants: Sequence[TermInput],
    *,
    expected_revision: int | None = None,
) -> Recorded | None:
    """Make these the grants of the licence; what is missing ends now.

    Returns:
        The event, one however many assets rest on the licence; None where nothing changed.

    Raises:
        NotFoundError: no licence has this public id or code.
        ConflictError: its revision is another than expected.
        InvalidInputError: a grant names what does not exist or another licence, or ends before it
            begins.
    """
    locked = await _lock(change, licence, expected_revision)
    _refuse_others(locked, grants)
    if not await replace_grants(change.conn, "licence", locked.id, grants):
        return None
    return await _record(change, locked, {"grants": len(grants)})


async def set_licence_restrictions(
    change: Change,
    licence: str,
    restrictions: Sequence[TermInput],
    *,
    expected_revision: int | None = None,
) -> Recorded | None:
    """Make these the restrictions of the licence; what is missing ends now.

    Returns:
        The event, one however many assets rest on the licence; None where nothing changed.

    Raises:
        NotFoundError: no licence has this public id or code.
        ConflictError: its revision is another than expected.
        InvalidInputError: a restriction names what does not exist, or ends before it begins.
    """
    locked = await _lock(change, licence, expected_revision)
    if not await replace_restrictions(change.conn, "licence", locked.id, restrictions):
        return None
    return await _record(change, locked, {"restrictions": len(restrictions)})


async def _lock(change: Change, licence: str, expected_revision: int | None) -> StoredLicence:
    locked = await store.lock_licence(change.conn, licence)
    if locked is None:
        raise NotFoundError(f"there is no licence {licence}", field="licenceId")
    check_revision("licence", locked.revision, expected_revision)
    return locked


def _refuse_others(locked: StoredLicence, grants: Sequence[TermInput]) -> None:
    for place, grant in enumerate(grants):
        if grant.licence not in {None, locked.public_id, locked.code}:
            raise InvalidInputError(
                f"a grant of the licence {locked.code} cannot rest on another: {grant.licence}",
                field=f"grants[{place}].licence",
            )


async def _record(change: Change, locked: StoredLicence, data: dict[str, int]) -> Recorded:
    revision = await store.revise(change.conn, locked.id)
    await store.raise_epochs_resting_on(change.conn, [locked.id])
    event = Event(
        type="rights.changed",
        subject=f"licence/{locked.public_id}",
        version=revision,
        subjects=(licence_subject(locked.public_id),),
        data={"licence": locked.public_id, **data},
    )
    return (await change.record(event))[0]
