"""Roles given, taken and put by somebody, who gives no more than they have."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.access import people_store, role_store
from catalog.access.assignments import give_role, put_role, role_to_give, take_role
from catalog.access.giving import (
    ADMINISTRATOR,
    Giver,
    check_gives_own,
    check_not_the_last,
    check_reaches,
)
from catalog.access.roles import Action
from catalog.access.rules import Assignment, Narrowing
from catalog.batches import check_text
from catalog.changes import Change
from catalog.errors import ConflictError, NotFoundError, VitrineError
from catalog.principal import OWN_SERVICES, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRecord:
    """A role of a house's own: all that it allows, and what people read of it."""

    code: str
    name: str
    actions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleResult:
    """What became of a role of a batch: as it is now, or why it was refused."""

    role: role_store.OwnRole | None = None
    error: VitrineError | None = None


async def give_own_role(
    change: Change, principal: uuid.UUID, role: str, where: Narrowing, *, giver: Giver
) -> Principal:
    """Give somebody a role that allows no more than the giver may do.

    Raises:
        NotFoundError: nobody in use has the id.
        ConflictError: it is a service of Vitrine itself.
        UnknownNameError: there is no such role.
        ExceedsOwnRightsError: it allows more.
    """
    found = await _in_use(change, principal)
    check_gives_own(giver, [await role_to_give(change.conn, role, where)], field="role")
    await give_role(change, principal, role, where)
    return found


async def take_role_back(
    change: Change, principal: uuid.UUID, role: str, *, giver: Giver
) -> Principal:
    """Take a role from somebody wherever they have it.

    Raises:
        NotFoundError: nobody in use has the id, or they have not got it.
        ExceedsOwnRightsError: they may do more than whoever takes it.
        LastAdministratorError: nobody else is one.
    """
    found = await _in_use(change, principal)
    await check_reaches(change.conn, giver, principal, field="principal")
    if role == ADMINISTRATOR:
        await check_not_the_last(change.conn, principal, field="principal")
    await take_role(change, principal, role)
    return found


async def put_roles(
    change: Change, records: Iterable[RoleRecord], *, giver: Giver = None
) -> list[RoleResult]:
    """Add roles of a house's own, or change what they allow; one result each, in their order."""
    results: list[RoleResult] = []
    for each in records:
        try:
            async with change.conn.transaction():
                results.append(RoleResult(role=await put_own_role(change, each, giver)))
        except VitrineError as error:
            results.append(RoleResult(error=error))
    return results


async def put_own_role(change: Change, record: RoleRecord, giver: Giver) -> role_store.OwnRole:
    """Add a role of a house's own, or change it, and return it as it is now.

    Raises:
        InvalidInputError, ConflictError: as `put_role`.
        ExceedsOwnRightsError: it allows, or has allowed, more than the giver may do.
    """
    for name, text in (("code", record.code), ("name", record.name)):
        check_text(text, field=name)
    wanted = frozenset(each for each in Action if each in record.actions)
    former = (await role_store.own_roles(change.conn)).get(record.code)
    before = frozenset[Action]() if former is None else former.actions
    given = Assignment(role=record.code, actions=wanted | before)
    check_gives_own(giver, [given], field="actions")
    await put_role(change, code=record.code, name=record.name, actions=record.actions)
    return role_store.OwnRole(record.code, record.name, wanted)


async def _in_use(change: Change, principal: uuid.UUID) -> Principal:
    if principal in OWN_SERVICES:
        raise ConflictError(
            f"{OWN_SERVICES[principal].name} is a service of Vitrine", field="principal"
        )
    found = await people_store.find_whole(change.conn, [principal])
    if not found or found[0].ended_at is not None:
        raise NotFoundError("nobody in use has this id", field="principal")
    return found[0]
