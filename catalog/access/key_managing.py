"""API keys made, rotated and ended by somebody who may: of everybody, or those of one's own."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.access import people_store, store
from catalog.access.commands import create_key, record_ends, rotate_key
from catalog.access.giving import Giver, check_gives_all, check_gives_own
from catalog.access.model import ApiKey, IssuedKey
from catalog.batches import check_text
from catalog.changes import Change
from catalog.errors import NotFoundError, VitrineError
from catalog.principal import OWN_SERVICES, Principal

#: Of a rotation: so long the key before works on, unless it is said.
OVERLAP_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDraft:
    """A key that is wanted.

    Attributes:
        principal: who acts with it; None: the service of its name, made if there is none.
        owner: who answers for it, and with whom it ends; None: nobody.
        scopes: none: it may do what its principal may.
    """

    name: str
    scopes: Sequence[str] = ()
    principal: uuid.UUID | None = None
    owner: uuid.UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResult:
    """What became of one of a batch: as it is now, or why it was refused."""

    key: ApiKey | None = None
    error: VitrineError | None = None


async def create_own_key(change: Change, draft: KeyDraft, *, giver: Giver) -> IssuedKey:
    """Make a key that may do no more than whoever makes it.

    Raises:
        InvalidInputError, ConflictError: as `create_key`.
        NotFoundError: nobody in use has an id that is named.
        ExceedsOwnRightsError: it may do more, or would do all that somebody else is given later;
            nothing is kept of it.
    """
    check_text(draft.name, field="name")
    issued = await create_key(
        change,
        name=draft.name,
        scopes=draft.scopes,
        principal=await _in_use(change, draft.principal, "principal"),
        owner=await _in_use(change, draft.owner, "owner"),
        expires_at=draft.expires_at,
    )
    if not issued.key.scopes and issued.key.principal.id != change.actor.id:
        check_gives_all(giver, field="scopes")
    check_gives_own(giver, issued.key.assignments, field="scopes")
    return issued


async def rotate_own_key(
    change: Change,
    key_id: uuid.UUID,
    *,
    overlap: timedelta,
    may_change: Callable[[ApiKey], bool],
    giver: Giver,
) -> IssuedKey:
    """Make the next key of the same name; whoever does it may do all that the key may.

    Raises:
        InvalidInputError: the overlap is less than nothing.
        NotFoundError: no such key is in use, or it is not theirs to change.
        ExceedsOwnRightsError: it may do more, or, being somebody else's, would do all that they are
            given later; nothing is changed.
    """
    found = await store.find_by_id(change.conn, key_id)
    if found is None or not may_change(found) or found.revoked_at or found.replaced_at:
        raise NotFoundError("no API key in use has this id", field="id")
    issued = await rotate_key(change, name=found.name, overlap=overlap, key_id=key_id)
    if not issued.key.scopes and not _is_of(found, change.actor.id):
        check_gives_all(giver, field="id")
    check_gives_own(giver, issued.key.assignments, field="id")
    return issued


async def end_keys(
    change: Change,
    ids: Sequence[uuid.UUID],
    *,
    may_change: Callable[[ApiKey], bool],
    giver: Giver,
) -> list[KeyResult]:
    """End keys, each with those that it replaced; one result each, in their order.

    A key of somebody else that may do more than whoever ends it is refused.
    """
    results: list[KeyResult] = []
    for each in ids:
        try:
            await _check_may_end(change, each, may_change=may_change, giver=giver)
        except VitrineError as error:
            results.append(KeyResult(error=error))
            continue
        await record_ends(change, await store.end(change.conn, each))
        results.append(KeyResult(key=await store.find_by_id(change.conn, each)))
    return results


async def _check_may_end(
    change: Change, key: uuid.UUID, *, may_change: Callable[[ApiKey], bool], giver: Giver
) -> None:
    """Refuse to end a key.

    Raises:
        NotFoundError: there is none, or it is not theirs to change.
        ExceedsOwnRightsError: it is somebody else's, and may do more.
    """
    found = await store.find_by_id(change.conn, key)
    if found is None or not may_change(found):
        raise NotFoundError("there is no API key with this id", field="ids")
    if not _is_of(found, change.actor.id):
        check_gives_own(giver, found.assignments, field="ids")


def _is_of(key: ApiKey, principal: uuid.UUID) -> bool:
    return principal in {key.principal.id, key.owner}


async def _in_use(change: Change, principal: uuid.UUID | None, field: str) -> Principal | None:
    if principal is None:
        return None
    found = await people_store.find_whole(change.conn, [principal])
    if not found or found[0].ended_at is not None or principal in OWN_SERVICES:
        raise NotFoundError("nobody in use has this id", field=field)
    return found[0]
