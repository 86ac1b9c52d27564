"""Giving roles to principals and taking them away; roles of a house's own."""

import re
import uuid
from collections.abc import Callable, Iterable

from catalog.access import role_store as store
from catalog.access.model import Identification
from catalog.access.roles import ROLES, SCOPES, Action
from catalog.access.rules import DIMENSIONS, EVERY, NOT_NARROWED, Assignment, Narrowing
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, UnknownNameError
from catalog.events.model import Event
from catalog.principal import principal_subject
from catalog.subjects import Subject

_CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")


def role_subject(code: str) -> Subject:
    """Name a role of a house's own in the event log."""
    return Subject(f"role:{code}")


def subjects_of(
    known: Identification | None, *, named_by: Callable[[uuid.UUID], Subject] | None = None
) -> tuple[Subject, ...]:
    """Return what the access of whoever is known by something rests on in the event log.

    Args:
        known: a key, a session, a token; None: it was none, which is not kept.
        named_by: names a credential of this kind by its id; None: the log does not.
    """
    if known is None:
        return ()
    itself = () if named_by is None else (named_by(known.id),)
    roles = (role_subject(each.role) for each in known.assignments)
    return *itself, principal_subject(known.principal.id), *roles


async def give_role(
    change: Change, principal: uuid.UUID, role: str, where: Narrowing = NOT_NARROWED
) -> None:
    """Give a principal a role, narrowed or everywhere; it holds within a second.

    Raises:
        UnknownNameError: there is no such role; `anonymous` is nobody's.
    """
    await role_to_give(change.conn, role, where)
    if await store.give(change.conn, principal, role, where, by=change.actor.id):
        narrowed = {each: sorted(getattr(where, each)) for each in DIMENSIONS}
        places = {each: codes for each, codes in narrowed.items() if codes != [EVERY]}
        await _record(change, principal, given=role, **({"where": places} if places else {}))


async def role_to_give(conn: Connection, role: str, where: Narrowing = NOT_NARROWED) -> Assignment:
    """Return a role as somebody would have it.

    Raises:
        UnknownNameError: there is no such role; `anonymous` is nobody's.
    """
    known = {**ROLES, **await store.own_roles(conn)}
    if role == "anonymous" or role not in known:
        raise UnknownNameError(
            f"there is no role {role!r} to give", field="role", named=(("role", role),)
        )
    return Assignment(role=role, actions=known[role].actions, where=where)


async def take_role(change: Change, principal: uuid.UUID, role: str) -> None:
    """Take a role away from a principal wherever they have it; it holds within a second.

    Raises:
        NotFoundError: they have not got it.
    """
    if not await store.take(change.conn, principal, role, by=change.actor.id):
        raise NotFoundError(f"they have no role {role!r}", field="role")
    await _record(change, principal, taken=role)


async def roles_of(conn: Connection, principal: uuid.UUID) -> tuple[Assignment, ...]:
    """Return the roles of a principal as they are now."""
    return (await store.find_assignments(conn, [principal])).get(principal, ())


async def put_role(change: Change, *, code: str, name: str, actions: Iterable[str]) -> None:
    """Add a role of the house's own, or change it; whoever has it may do so within a second.

    Raises:
        InvalidInputError: the code, the name or an action cannot be one.
        ConflictError: the code is that of a role that every house has.
    """
    if code in ROLES or code in SCOPES:
        raise ConflictError(f"{code!r} is a role of every house: take another code", field="code")
    if not _CODE.fullmatch(code):
        raise InvalidInputError("a code is of a-z, 0-9 and _, at most 63", field="code")
    if not name.strip() or not name.isprintable():
        raise InvalidInputError("a role has a name to read", field="name")
    wanted = frozenset(actions)
    if not wanted <= {*Action}:
        known = ", ".join(Action)
        raise InvalidInputError(f"actions are of: {known}", field="actions")
    role = store.OwnRole(code, name, frozenset(map(Action, wanted)))
    former = (await store.own_roles(change.conn)).get(code)
    revision = await store.put_role(change.conn, role)
    if revision is not None:
        await change.record(
            Event(
                type="role.put",
                subject=f"role/{code}",
                version=revision,
                subjects=(role_subject(code),),
                data={"actions": sorted(wanted)},
                before=None if former is None else former._asdict(),
                after=role._asdict(),
            )
        )


async def _record(change: Change, principal: uuid.UUID, **what: object) -> None:
    await change.record(
        Event(
            type="principal.roles_changed",
            subject=f"principal/{principal}",
            version=1,
            subjects=(principal_subject(principal),),
            data=what,
        )
    )
