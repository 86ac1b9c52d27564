"""`vitrine user` and `vitrine role`: people, services, and what they may do."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from catalog.access import assignments, principal_store, principals, role_store
from catalog.access.roles import ROLES, Action, roles_table
from catalog.access.rules import DIMENSIONS, EVERY, Assignment
from catalog.changes import Change
from catalog.graph.role_places import narrowing_to
from vitrine.database import in_change
from vitrine.settings import Settings

_out = Console(soft_wrap=True)


def create_user(name: str, /, *, email: str | None = None, service: bool = False) -> None:
    """Make a person, or a service, and print their id. They may do nothing yet.

    `vitrine user give NAME ROLE` gives them a role, `vitrine user login-link NAME` logs a person
    in, and `vitrine key api create KEY --as NAME` makes a service a key.

    Args:
        name: for people to read; of a service it is unique.
        email: of a person; their login name, and unique.
        service: it is no person.
    """

    async def create(change: Change, _: Settings) -> str:
        if service:
            return str((await principals.create_service(change, name=name)).id)
        return str((await principals.create_person(change, name=name, email=email)).id)

    _out.print(in_change(create), highlight=False)


def list_users() -> None:
    """List all people and services with their roles, ended ones too."""

    async def load(change: Change, _: Settings) -> Table:
        every = await principal_store.list_all(change.conn)
        roles = await role_store.find_assignments(change.conn, [each.id for each in every])
        table = Table("name", "kind", "email", "roles", "ended", "id")
        for each in every:
            table.add_row(
                each.name,
                each.kind,
                each.email or "",
                ", ".join(_shown(role) for role in roles.get(each.id, ())),
                f"{each.ended_at:%Y-%m-%d %H:%M}" if each.ended_at else "",
                str(each.id),
            )
        return table

    _out.print(in_change(load))


def end_user(who: str, /) -> None:
    """End a person or a service: sessions and keys end with them, within a second.

    What they did still names them. A key of a service that they own ends too: give it another owner
    first, by rotating it with `--owner`.

    Args:
        who: an id, an email, or a name that only one has.
    """

    async def end(change: Change, _: Settings) -> str:
        found = await principals.find_named(change.conn, who)
        return (await principals.end_principal(change, found.id)).name

    _out.print(f"{in_change(end)} is ended.")


def give_role(  # noqa: PLR0913 - one for each dimension
    who: str,
    role: str,
    /,
    *,
    market: tuple[str, ...] = (),
    channel: tuple[str, ...] = (),
    locale: tuple[str, ...] = (),
    family: tuple[str, ...] = (),
    category: tuple[str, ...] = (),
    field: Annotated[tuple[str, ...], Parameter(name="--field")] = (),
) -> None:
    """Give somebody a role, everywhere or narrowed; it holds within a second.

    `vitrine user give ada@shop.example publisher --channel d2c --family lamps` lets her publish
    lamps on that channel and nothing else. Roles add up, and are never combined across each other.

    Args:
        who: an id, an email, or a name that only one has.
        role: of `vitrine role list`.
        market: codes; by default everywhere.
        channel: the same.
        locale: the same.
        family: the same.
        category: the same; everything below it is in it.
        field: codes of attributes.
    """
    codes = (market, channel, locale, family, category, field)

    async def give(change: Change, _: Settings) -> None:
        found = await principals.find_named(change.conn, who)
        named = dict(zip(DIMENSIONS, map(frozenset, codes), strict=True))
        where = await narrowing_to(change.conn, named)
        await assignments.give_role(change, found.id, role, where)

    in_change(give)
    _out.print(f"{who} has the role {role}.", highlight=False)


def take_role(who: str, role: str, /) -> None:
    """Take a role away from somebody, wherever they have it; it holds within a second.

    Args:
        who: an id, an email, or a name that only one has.
        role: its code.
    """

    async def take(change: Change, _: Settings) -> None:
        found = await principals.find_named(change.conn, who)
        await assignments.take_role(change, found.id, role)

    in_change(take)
    _out.print(f"{who} has the role {role} no longer.", highlight=False)


def list_roles() -> None:
    """Print the table of roles and actions in Markdown, and the roles of your own."""

    async def load(change: Change, _: Settings) -> list[role_store.OwnRole]:
        return list((await role_store.own_roles(change.conn)).values())

    _out.print(roles_table(), highlight=False, markup=False)
    for each in in_change(load):
        _out.print(f"{each.code} ({each.name}): {', '.join(sorted(each.actions))}", highlight=False)


def put_role(code: str, name: str, /, *actions: Action) -> None:
    """Add a role of your own, or change what it allows, for all who have it.

    Args:
        code: of a-z, 0-9 and _; not of a role that every house has.
        name: for people to read.
        actions: all that it allows.
    """
    in_change(lambda change, _: assignments.put_role(change, code=code, name=name, actions=actions))
    _out.print(f"{code} allows {', '.join(sorted(actions)) or 'nothing'}.", highlight=False)


def _shown(role: Assignment) -> str:
    narrowed = (
        f"{name}={'+'.join(sorted(getattr(role.where, name)))}"
        for name in DIMENSIONS
        if EVERY not in getattr(role.where, name)
    )
    shown = " ".join((role.role, *narrowed))
    return shown if role.role in ROLES or role.actions else f"{shown} (allows nothing)"
