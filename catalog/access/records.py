"""Roles of a house's own, people and services as records of the bulk format.

They give nobody a role. Whoever imports a file as work may put no more than over the graph; an
operator at the command line may put all.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.access import people_store, principal_store, role_store
from catalog.access.assignments import roles_of
from catalog.access.giving import Giver
from catalog.access.people import PrincipalRecord, put_principal
from catalog.access.role_giving import RoleRecord, put_own_role
from catalog.access.roles import Action
from catalog.access.rules import EVERYWHERE, may
from catalog.batches import BatchResult, Rejection
from catalog.changes import Change
from catalog.errors import ForbiddenError, InvalidInputError, VitrineError
from catalog.principal import OWN_SERVICES, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRoleRecord:
    """A role of a house's own; what is None stays as it is.

    Attributes:
        actions: all that it allows.
    """

    code: str
    name: str | None = None
    actions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """A person by their address."""

    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """A service by its name."""

    name: str


async def put_own_roles(change: Change, records: Sequence[OwnRoleRecord]) -> BatchResult:
    """Add roles of a house's own, or change them."""

    async def put(record: OwnRoleRecord, giver: Giver) -> str:
        former = (await role_store.own_roles(change.conn)).get(record.code)
        name = record.name or (former and former.name)
        if name is None:
            raise InvalidInputError("give 'name': a new record needs it", field="name")
        kept = frozenset[str]() if former is None else frozenset(map(str, former.actions))
        actions = kept if record.actions is None else frozenset(record.actions)
        whole = RoleRecord(code=record.code, name=name, actions=actions)
        return _outcome(former, await put_own_role(change, whole, giver))

    return await _each(change, records, put)


async def put_person_records(change: Change, records: Sequence[PersonRecord]) -> BatchResult:
    """Make people, or change their names."""
    return await _each(
        change,
        records,
        lambda each, giver: _put(
            change, "person", PrincipalRecord(name=each.name, email=each.email), giver
        ),
    )


async def put_service_records(change: Change, records: Sequence[ServiceRecord]) -> BatchResult:
    """Make services."""
    return await _each(
        change,
        records,
        lambda each, giver: _put(change, "service", PrincipalRecord(name=each.name), giver),
    )


async def _put(change: Change, kind: Kind, record: PrincipalRecord, giver: Giver) -> str:
    if kind == "service":
        found = await principal_store.find_service(change.conn, record.name or "")
    else:
        found = next(iter(await principal_store.find_named(change.conn, record.email or "")), None)
    former = None if found is None else (await people_store.find_whole(change.conn, [found.id]))[0]
    return _outcome(former, await put_principal(change, kind, record, giver))


def _outcome(former: object | None, now: object) -> str:
    return "created" if former is None else "unchanged" if former == now else "updated"


async def _each(
    change: Change, records: Sequence[Any], put: Callable[[Any, Giver], Awaitable[str]]
) -> BatchResult:
    """Put each; one that is refused costs only itself."""
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    rejections: list[Rejection] = []
    for index, record in enumerate(records):
        try:
            giver = await _giver(change)
            async with change.conn.transaction():
                outcome = await put(record, giver)
        except VitrineError as error:
            rejections.append(Rejection.of(index, error))
        else:
            counts[outcome] += 1
    return BatchResult(
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        rejections=tuple(rejections),
    )


async def _giver(change: Change) -> Giver:
    """Return what whoever imports may give.

    Raises:
        ForbiddenError: they do not manage people.
    """
    if change.actor.id in OWN_SERVICES:
        return None
    roles = await roles_of(change.conn, change.actor.id)
    if not may(roles, Action.PEOPLE_MANAGE, EVERYWHERE):
        raise ForbiddenError(f"{change.actor.name!r} has no role that allows `people.manage`")
    return roles
