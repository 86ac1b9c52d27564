"""Managing people and services: put, ended and resumed by somebody who may do so, in batches.

What an operator does alone, and an identity provider by SCIM, is in `principals.py` and `scim.py`.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from catalog.access import people_store, principal_store
from catalog.access import principals as one
from catalog.access.giving import Giver, check_gives_all, check_not_the_last, check_reaches
from catalog.access.principals import end_principal
from catalog.batches import check_text
from catalog.changes import Change
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, VitrineError
from catalog.events.model import Event
from catalog.principal import OWN_SERVICES, Kind, Principal, principal_subject

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalRecord:
    """What is said of a person or a service; None leaves it as it is.

    Attributes:
        id: of somebody who is to be changed; None: who has the address or, of a service, the name,
            else somebody new.
        email: of a person; an empty text clears it.
    """

    id: uuid.UUID | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalResult:
    """What became of one of a batch: as they are now, or why they were refused."""

    principal: Principal | None = None
    error: VitrineError | None = None


async def put_people(
    change: Change, records: Iterable[PrincipalRecord], *, giver: Giver = None
) -> list[PrincipalResult]:
    """Make people, or change their names and addresses; one result each, in their order."""
    return await _each(change, records, lambda each: put_principal(change, "person", each, giver))


async def put_services(
    change: Change, records: Iterable[PrincipalRecord], *, giver: Giver = None
) -> list[PrincipalResult]:
    """Make services, or change their names; one result each, in their order."""
    return await _each(change, records, lambda each: put_principal(change, "service", each, giver))


async def end_principals(
    change: Change, ids: Iterable[uuid.UUID], *, giver: Giver = None
) -> list[PrincipalResult]:
    """End people and services with their sessions and keys; but for the last administrator."""

    async def end(principal: uuid.UUID) -> Principal:
        await check_reaches(change.conn, giver, principal, field="ids")
        await check_not_the_last(change.conn, principal, field="ids")
        return await end_principal(change, principal)

    return await _each(change, ids, end)


async def resume_principals(
    change: Change, ids: Iterable[uuid.UUID], *, giver: Giver = None
) -> list[PrincipalResult]:
    """Let people and services be in use again, with their roles; their keys stay ended."""
    return await _each(change, ids, lambda each: _resume(change, each, giver))


async def put_principal(
    change: Change, kind: Kind, record: PrincipalRecord, giver: Giver
) -> Principal:
    """Make somebody, or change them, and return them as they are now.

    Raises:
        InvalidInputError: the name or the address cannot be one, or there is none.
        NotFoundError: nobody in use has the id.
        ConflictError: the name or address is another's, or an identity provider keeps the person.
        ExceedsOwnRightsError: they may do more than whoever changes them; or they would log in by
            another address, and whoever changes it is no administrator.
    """
    for name, text in (("name", record.name), ("email", record.email)):
        check_text(text or "", field=name)
    known = await _known(change, kind, record)
    if known is None:
        if record.name is None:
            raise InvalidInputError(f"give the {kind} a name", field="name")
        if kind == "service":
            return await one.create_service(change, name=record.name)
        return await one.create_person(change, name=record.name, email=record.email or None)
    name = known.name if record.name is None else record.name
    email = known.email if record.email is None else record.email or None
    if (name, email) == (known.name, known.email):
        return known
    one.check_name(name)
    one.check_email(email)
    await _check_is_theirs(change, known.id, giver)
    if email != known.email and known.id != change.actor.id:
        check_gives_all(giver, field="email")
    unique = "name" if kind == "service" else "email"
    await principal_store.describe(change.conn, known.id, name=name, email=email, field=unique)
    await _record(change, known.id, "principal.described")
    return await _whole(change, known.id)


async def _known(change: Change, kind: Kind, record: PrincipalRecord) -> Principal | None:
    """Return whom a record is of; None: nobody yet.

    Raises:
        NotFoundError: nobody of this kind in use has the id.
    """
    if record.id is not None:
        found = await people_store.find_whole(change.conn, [record.id])
        if not found or found[0].kind != kind or found[0].ended_at is not None:
            raise NotFoundError(f"no {kind} in use has this id", field="id")
        return found[0]
    if kind == "service":
        return await principal_store.find_service(change.conn, record.name or "")
    if not record.email or "@" not in record.email:
        return None
    found = await principal_store.find_named(change.conn, record.email)
    return found[0] if found else None


async def _check_is_theirs(change: Change, principal: uuid.UUID, giver: Giver) -> None:
    if principal in OWN_SERVICES:
        raise ConflictError(f"{OWN_SERVICES[principal].name} is a service of Vitrine", field="id")
    await check_reaches(change.conn, giver, principal, field="id")
    if await people_store.provider_says_active(change.conn, principal) is not None:
        raise ConflictError(
            "your identity provider keeps this person: change them there", field="id"
        )


async def _resume(change: Change, principal: uuid.UUID, giver: Giver) -> Principal:
    """Let somebody be in use again.

    Raises:
        NotFoundError: nobody has this id.
        ConflictError: the name or address is somebody else's by now, or it was an identity provider
            who ended them.
        ExceedsOwnRightsError: their roles are more than whoever resumes them has.
    """
    found = await people_store.find_whole(change.conn, [principal])
    if not found:
        raise NotFoundError("nobody has this id", field="ids")
    if found[0].ended_at is None:
        return found[0]
    await check_reaches(change.conn, giver, principal, field="ids")
    if await people_store.provider_says_active(change.conn, principal) is False:
        raise ConflictError(
            "your identity provider has ended this person: set them active there", field="ids"
        )
    await principal_store.resume(change.conn, principal, field="ids")
    await _record(change, principal, "principal.resumed")
    return await _whole(change, principal)


async def _whole(change: Change, principal: uuid.UUID) -> Principal:
    (found,) = await people_store.find_whole(change.conn, [principal])
    return found


async def _record(change: Change, principal: uuid.UUID, event_type: str) -> None:
    await change.record(
        Event(
            type=event_type,
            subject=f"principal/{principal}",
            version=2,
            subjects=(principal_subject(principal),),
        )
    )


async def _each(
    change: Change, asked: Iterable[T], command: Callable[[T], Awaitable[Principal]]
) -> list[PrincipalResult]:
    """Do something with each; what is refused does not hold up the others."""
    results: list[PrincipalResult] = []
    for each in asked:
        try:
            async with change.conn.transaction():
                results.append(PrincipalResult(principal=await command(each)))
        except VitrineError as error:
            results.append(PrincipalResult(error=error))
    return results
