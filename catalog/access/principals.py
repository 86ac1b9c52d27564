"""Making and ending principals: people and services."""

import uuid
from collections.abc import Iterable

from catalog.access import principal_store as store
from catalog.access.model import api_key_subject
from catalog.access.sessions import end_sessions_of
from catalog.changes import Change
from catalog.clock import utc_now
from catalog.db import Connection
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.principal import OWN_SERVICES, Kind, Principal, principal_subject

LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the brackets


def check_name(name: str) -> None:
    """Refuse a name that people could not read.

    Raises:
        InvalidInputError: it is empty, too long, or has what cannot be printed.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"a name has 1 to {LONGEST_NAME} characters", field="name")


def check_email(email: str | None) -> None:
    """Refuse an address that cannot be one; None: there is none.

    Raises:
        InvalidInputError: it is not written as one, or too long.
    """
    if email is not None and not _is_email(email):
        raise InvalidInputError("an address is written name@host", field="email")


async def create_person(change: Change, *, name: str, email: str | None = None) -> Principal:
    """Make a person, who may do nothing until they have a role.

    Raises:
        InvalidInputError: the name or the address cannot be one.
        ConflictError: somebody in use has this address.
    """
    check_email(email)
    return await _create(change, "person", name, email)


async def create_service(change: Change, *, name: str) -> Principal:
    """Make a service, which may do nothing until it has a role or a key.

    Raises:
        InvalidInputError: the name cannot be one.
        ConflictError: a service in use has this name.
    """
    return await _create(change, "service", name, None)


async def end_principal(change: Change, principal: uuid.UUID) -> Principal:
    """End a principal with their sessions, links and keys, and the keys that they own, at once.

    Whoever presents one of those is refused within a second. The row stays: what they did names it.

    Raises:
        NotFoundError: nobody in use has this id.
        ConflictError: it is a service of Vitrine itself.
    """
    if principal in OWN_SERVICES:
        raise ConflictError(f"{OWN_SERVICES[principal].name} is a service of Vitrine", field="id")
    ended = await store.end(change.conn, principal)
    if ended is None:
        raise NotFoundError("nobody in use has this id", field="id")
    keys = await store.revoke_keys_of(change.conn, principal)
    await end_sessions_of(change, principal)
    await change.record(
        Event(
            type="principal.ended",
            subject=f"principal/{principal}",
            version=2,
            subjects=(principal_subject(principal), *map(api_key_subject, keys)),
            data={"keys_revoked": [str(key) for key in keys]},
        )
    )
    return ended


async def find(conn: Connection, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Principal]:
    """Return principals by id, ended ones too; who is not known is left out."""
    return {each.id: each for each in await store.find(conn, list(ids))}


async def find_named(conn: Connection, who: str) -> Principal:
    """Return who is in use and has an id, an address, or, of exactly one, a name.

    What has the form of an id or an address is never taken for a name.

    Raises:
        NotFoundError: nobody has.
        ConflictError: several people have this name.
    """
    found = await store.find_named(conn, who)
    if not found:
        raise NotFoundError(f"nobody in use is {who!r}", field="principal")
    if len(found) > 1:
        raise ConflictError(f"several are named {who!r}: give the id", field="principal")
    return found[0]


async def _create(change: Change, kind: Kind, name: str, email: str | None) -> Principal:
    check_name(name)
    made = Principal(id=new_id(), kind=kind, name=name, email=email, created_at=utc_now())
    await store.insert(change.conn, made)
    await change.record(
        Event(
            type="principal.created",
            subject=f"principal/{made.id}",
            version=1,
            data={"kind": kind},  # no name: the log outlives a person who is to be forgotten
        )
    )
    return made


def _is_email(text: str) -> bool:
    name, at, host = text.rpartition("@")
    is_plain = text.isprintable() and not any(map(str.isspace, text))
    return bool(name and at and host) and is_plain and len(text) <= LONGEST_EMAIL
