"""People and groups as an identity provider keeps them here by SCIM (RFC 7644).

A user is a person: who is created is one, who is set inactive or deleted is ended, with sessions,
links and keys, in the very transaction; who is set active again is in use again, unless they were
ended here. Whoever has roles here is not taken over, and keeps the address that they log in by:
what the provider may do is less than what an administrator may.
"""

import uuid
from dataclasses import dataclass, replace
from typing import Final

from catalog.access import principal_store
from catalog.access import scim_store as store
from catalog.access.model import hash_of, new_secret
from catalog.access.principals import create_person, create_service, end_principal
from catalog.access.scim_store import ScimDraft, ScimResource, ScimType
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import ConflictError, NotFoundError, UnauthenticatedError
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.principal import Principal, principal_subject

#: Lets scanners for leaked secrets recognise a token.
PREFIX: Final = "vts_"
#: Tokens that work at a time: a new one and that which it replaces.
MAX_TOKENS: Final = 2
SERVICE: Final = "scim"


class VersionError(ConflictError):
    """The resource is another by now than whoever changes it has read."""

    code = "VERSION_DIFFERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedPerson:
    """What a user's resource says of the person.

    Attributes:
        is_active: None: it does not say.
    """

    name: str
    email: str | None
    is_active: bool | None


async def create_user(change: Change, draft: ScimDraft, person: DescribedPerson) -> ScimResource:
    """Store a user; a person of the same address whom nobody provisions yet becomes it.

    Raises:
        ConflictError: the name or the address is another's, or of a person who has roles here.
        InvalidInputError: the name or the address cannot be one.
    """
    known = None
    if person.email is not None:
        known = await store.unclaimed_person(change.conn, person.email)
    if known is not None and await store.holds_roles(change.conn, known):
        raise ConflictError(
            "the person with this address has roles here and is not taken over: link them by hand, "
            "by `vitrine user link`",
            field="emails",
        )
    if known is None:
        known = (await create_person(change, name=person.name, email=person.email)).id
    created = await store.insert(change.conn, known, draft)
    await _follow(change, known, person)
    await _record(change, created, "created")
    return created


async def create_group(change: Change, draft: ScimDraft) -> ScimResource:
    """Store a group."""
    created = await store.insert(change.conn, new_id(), draft)
    await _record(change, created, "created")
    return created


async def update_resource(
    change: Change,
    resource_id: uuid.UUID,
    draft: ScimDraft,
    *,
    person: DescribedPerson | None,
    expected: int | None,
) -> ScimResource:
    """Store the new state of a resource.

    Args:
        change: the transaction.
        resource_id: of it.
        draft: its new state.
        person: what it says of the person; None: it is a group.
        expected: the version that it still has to have; None: any.

    Raises:
        NotFoundError: there is none.
        VersionError: it has another version.
        ConflictError: the name or the address is another's, or the address would be another of a
            person who has roles here.
    """
    former = await _locked(change, resource_id, draft.type, expected)
    if person is not None:
        was_active = former.document.get("active", True) is True
        is_resumed = not was_active and person.is_active is True
        await _follow(change, resource_id, person, is_resumed=is_resumed)
        if not (former.is_in_use or is_resumed):
            # true: ended here; false: by the provider, and null if it says no more of it
            active = was_active or person.is_active
            draft = replace(draft, document={**draft.document, "active": active})
    updated = await store.update(change.conn, resource_id, draft)
    await _record(change, updated, "updated")
    return updated


async def delete_resource(
    change: Change, resource_id: uuid.UUID, kind: ScimType, *, expected: int | None
) -> None:
    """Remove a resource; the person that a user was is ended.

    Raises:
        NotFoundError: there is none.
        VersionError: it has another version.
    """
    deleted = await _locked(change, resource_id, kind, expected)
    await store.delete(change.conn, resource_id)
    if kind == "User" and await store.is_in_use(change.conn, resource_id):
        await end_principal(change, resource_id)
    await _record(change, deleted, "deleted")


async def create_token(change: Change) -> str:
    """Return a new token of the identity provider; of those before it the newest works on."""
    found = await principal_store.find_service(change.conn, SERVICE)
    service = found or await create_service(change, name=SERVICE)
    secret = new_secret(PREFIX)
    await store.insert_token(change.conn, hash_of(secret), service.id)
    await store.end_tokens(change.conn, but_the_newest=MAX_TOKENS)
    await change.record(
        Event(type="scim_token.created", subject=f"principal/{service.id}", version=1)
    )
    return secret


async def end_tokens(change: Change) -> int:
    """End all tokens; return how many worked until now."""
    ended = await store.end_tokens(change.conn, but_the_newest=0)
    if ended:
        await change.record(Event(type="scim_token.ended", subject="scim_token/all", version=1))
    return ended


async def recognise_token(conn: Connection, secret: str) -> Principal:
    """Return who comes with a token.

    Raises:
        UnauthenticatedError: nobody does.
    """
    principal = await store.principal_of_token(conn, hash_of(secret))
    if principal is None:
        raise UnauthenticatedError("this token does not exist or has ended")
    return principal


async def _locked(
    change: Change, resource_id: uuid.UUID, kind: ScimType, expected: int | None
) -> ScimResource:
    found = await store.find(change.conn, resource_id, kind, to_change=True)
    if found is None:
        raise NotFoundError(f"there is no {kind} {resource_id}", field="id")
    if expected is not None and found.version != expected:
        raise VersionError(f"the version is {found.version}: read it again", field="version")
    return found


async def _follow(
    change: Change, person: uuid.UUID, said: DescribedPerson, *, is_resumed: bool = False
) -> None:
    """Make of a person what the resource says of them.

    Raises:
        ConflictError: the address is another's, or would be another of somebody who has roles.
    """
    conn = change.conn
    if not await store.has_address(conn, person, said.email) and await store.holds_roles(
        conn, person
    ):
        raise ConflictError(
            "this person has roles here and keeps the address: take the roles away first, or link "
            "them by hand, by `vitrine user link`",
            field="emails",
        )
    if said.is_active is False and await store.is_in_use(conn, person):
        await end_principal(change, person)
    is_described = await principal_store.describe(
        conn, person, name=said.name, email=said.email, field="emails"
    )
    is_resumed = is_resumed and await principal_store.resume(conn, person, field="emails")
    if is_described or is_resumed:
        await change.record(
            Event(
                type="principal.resumed" if is_resumed else "principal.described",
                subject=f"principal/{person}",
                version=2,
                subjects=(principal_subject(person),),
            )
        )


async def _record(change: Change, resource: ScimResource, did: str) -> None:
    noun = f"scim_{resource.type.lower()}"
    await change.record(
        Event(type=f"{noun}.{did}", subject=f"{noun}/{resource.id}", version=resource.version)
    )
