"""Reads of people and services, of roles and what they allow, of API keys, and of oneself."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED, FieldDeclaration, Needs
from api.request.scene import Info, RequestState
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_field,
    graphql_input,
    graphql_type,
)
from api.schema.key_queries import KeyQueries
from api.schema.nodes import PageInfo, page_info
from api.schema.principals import (
    GivenRole,
    LoginSession,
    Principal,
    PrincipalKind,
    PrincipalState,
    given_role,
    login_session,
    principal_of,
    principals_of,
)
from api.schema.tasks import id_in
from catalog.access import people_store, role_store, session_store
from catalog.access.people_store import PrincipalFilter
from catalog.access.roles import MEANINGS, NARROWABLE, ROLES, SCOPES, Action
from catalog.access.rules import DIMENSIONS
from catalog.batches import check_text
from catalog.errors import UnknownNameError
from catalog.graph.cursors import read_cursor, write_cursor

_PRINCIPALS = "PRINCIPALS"
_First = Annotated[int | None, argument(PAGE.described("At most so many, from the start"))]
_After = Annotated[str | None, argument("Begin behind this cursor.", CURSOR)]

_MayDo = Annotated[
    str | None,
    argument(
        "Only those in use who may do this, such as `rights.change`, by a role or by a scope of a "
        "key; takes `people.manage`."
    ),
]


@graphql_input
class PlaceInput:
    """Somewhere; what is left out is anywhere."""

    market: str | None = strawberry.field(description="Code of a market.", default=None)
    channel: str | None = strawberry.field(description="Code of a channel.", default=None)
    locale: str | None = strawberry.field(description="Code of a locale.", default=None)
    family: str | None = strawberry.field(description="Code of a family.", default=None)
    category: str | None = strawberry.field(description="Code of a category.", default=None)
    field: str | None = strawberry.field(description="Code of an attribute.", default=None)

    def codes(self) -> dict[str, str]:
        """Return what is said, by dimension."""
        stated = (self.market, self.channel, self.locale, self.family, self.category, self.field)
        named = {name: each for name, each in zip(DIMENSIONS, stated, strict=True) if each}
        for name, each in named.items():
            check_text(each, field=name)
        return named


@graphql_type
class PrincipalEdge:
    """Somebody on a page."""

    node: Principal = strawberry.field(description="The person or service.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class PrincipalConnection:
    """A page of people and services by name (Relay cursor connections)."""

    edges: list[PrincipalEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[Principal] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")


@graphql_type
class Role:
    """A set of actions that people and services are given, or that an API key has as a scope."""

    code: str = strawberry.field(description="Its natural key.")
    label: str = strawberry.field(description="For people to read.")
    actions: list[str] = strawberry.field(
        description="What it allows, by code; `actions` says what each means.",
        metadata=STORED.metadata,
    )
    is_own: bool = strawberry.field(description="Whether it is one of your own, made here.")
    is_scope: bool = strawberry.field(description="Whether it is a scope of API keys.")
    can_be_given: bool = strawberry.field(description="Whether somebody can be given it.")


@graphql_type
class ActionMeaning:
    """Something that can be allowed."""

    code: str = strawberry.field(description="Such as `rights.change`.")
    allows: str = strawberry.field(description="What of, for people to read.")
    is_narrowable: bool = strawberry.field(
        description="Whether a role that is narrowed has it there; else it takes one that is not."
    )


@graphql_type
class Me:
    """Whoever asks, as they are known by what they sent."""

    id: strawberry.ID = strawberry.field(description="Of the person or service.")
    name: str = strawberry.field(description="For people to read.")
    kind: PrincipalKind = strawberry.field(description="A person or a service.")
    email: str | None = strawberry.field(description="Of a person.")
    roles: list[GivenRole] = strawberry.field(
        description="What they may do with what they sent; an API key with scopes has these alone.",
        metadata=STORED.metadata,
    )
    actions: list[str] = strawberry.field(
        description="All that these allow, somewhere at least.", metadata=STORED.metadata
    )
    sessions: list[LoginSession] | None = strawberry.field(
        description="Where they are logged in, the newest first.",
        metadata=FieldDeclaration(rows=STORED.rows, needs=Needs(logins=True)).metadata,
    )


@graphql_type
class PrincipalQueries(KeyQueries):
    """Reads of people, services, roles and keys."""

    @graphql_field
    @allowed()
    async def me(self, info: Info) -> Me | None:
        """Return whoever asks; null: nobody knows who that is."""
        state = info.context
        if state.key is None:
            return None
        principal, assignments = state.principal, state.key.assignments
        logins = []
        if state.needs(info).logins:
            idle = state.services.settings.session_times.idle
            async with state.services.pool.acquire() as conn:
                logins = await session_store.list_sessions(conn, [principal.id], idle=idle)
        return Me(
            id=strawberry.ID(str(principal.id)),
            name=principal.name,
            kind=PrincipalKind(principal.kind),
            email=principal.email,
            roles=[given_role(each) for each in assignments],
            actions=[
                each.value for each in Action if any(each in one.actions for one in assignments)
            ],
            sessions=[login_session(state, each) for each in logins],
        )

    @graphql_field
    @allowed(Action.PEOPLE_READ)
    async def principal(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Its id.")],  # noqa: A002 - the argument's name
    ) -> Principal | None:
        """Return a person or a service."""
        try:
            wanted = UUID(id)
        except ValueError:
            return None
        async with info.context.services.pool.acquire() as conn:
            return await principal_of(info, conn, wanted)

    @field_with(rows=PAGE)
    @allowed(Action.PEOPLE_READ)
    async def principals(  # noqa: PLR0913, PLR0917 - the filters, and the arguments of a connection
        self,
        info: Info,
        kind: Annotated[PrincipalKind | None, argument("Only those.")] = None,
        state: Annotated[
            PrincipalState | None, argument("By default those in use; null: all.")
        ] = PrincipalState.IN_USE,
        search: Annotated[
            str | None, argument("A part of the name or, with `people.manage`, of the address.")
        ] = None,
        role: Annotated[
            str | None, argument("Only those who have this role; takes `people.manage`.")
        ] = None,
        may_do: _MayDo = None,
        within: Annotated[
            PlaceInput | None, argument("With `mayDo`: there; by default somewhere at least.")
        ] = None,
        first: _First = None,
        after: _After = None,
    ) -> PrincipalConnection | None:
        """Return people and services by name: who there is, and who may do what."""
        size, asked = PAGE.size(first), info.context
        wanted = _checked(
            asked,
            PrincipalFilter(
                kind=None if kind is None else kind.value,
                is_in_use=None if state is None else state is PrincipalState.IN_USE,
                search=search,
                with_email=asked.may(Action.PEOPLE_MANAGE),
                role=role,
                ability=_ability(may_do, within),
                after=None if after is None else _read_principal(after),
            ),
        )
        async with asked.services.pool.acquire() as conn:
            found = await people_store.look_through(conn, wanted, size=size + 1)
            nodes = await principals_of(info, conn, found[:size])
        edges = [
            PrincipalEdge(node=each, cursor=write_cursor(_PRINCIPALS, each.name, str(each.id)))
            for each in nodes
        ]
        return PrincipalConnection(
            edges=edges,
            nodes=nodes,
            page_info=page_info(edges, has_next=len(found) > size, has_previous=after is not None),
        )

    @field_with(rows=STORED.rows)
    @allowed(Action.PEOPLE_READ)
    async def roles(self, info: Info) -> list[Role] | None:
        """Return the roles of every house, your own, and the scopes of API keys."""
        async with info.context.services.pool.acquire() as conn:
            own = await role_store.own_roles(conn)
        of_every_house = [
            _role(code, each.name, each.actions, can_be_given=code != "anonymous")
            for code, each in ROLES.items()
        ]
        return [
            *of_every_house,
            *(own_role(each) for each in own.values()),
            *(
                _role(code, each.name, each.actions, is_scope=True, can_be_given=False)
                for code, each in SCOPES.items()
            ),
        ]

    @field_with(rows=STORED.rows)
    @allowed(Action.PEOPLE_READ)
    async def actions(self, info: Info) -> list[ActionMeaning] | None:  # noqa: ARG002 - of the door
        """Return all that can be allowed."""
        return [
            ActionMeaning(code=each.value, allows=meaning, is_narrowable=each in NARROWABLE)
            for each, meaning in MEANINGS.items()
        ]


def _checked(
    asked: RequestState, wanted: people_store.PrincipalFilter
) -> people_store.PrincipalFilter:
    """Refuse to say who has which rights, but to whoever manages them.

    Raises:
        ForbiddenError: they do not.
        InvalidInputError: a text holds NUL.
    """
    if not (wanted.role is None and wanted.ability is None):
        asked.require(Action.PEOPLE_MANAGE)
    for name, text in (("search", wanted.search), ("role", wanted.role)):
        check_text(text or "", field=name)
    return wanted


def _ability(may_do: str | None, within: PlaceInput | None) -> people_store.Ability | None:
    """Read what somebody has to be able to do.

    Raises:
        UnknownNameError: there is no such action.
    """
    if may_do is None:
        return None
    if may_do not in {*Action}:
        raise UnknownNameError(
            f"there is no action {may_do!r}: `actions` lists them",
            field="mayDo",
            named=(("action", may_do),),
        )
    codes = {} if within is None else within.codes()
    return people_store.Ability(action=Action(may_do), codes=codes)


def own_role(stored: role_store.OwnRole) -> Role:
    """Make a `Role` of one of a house's own."""
    return _role(stored.code, stored.name, stored.actions, is_own=True)


def _role(
    code: str,
    label: str,
    actions: frozenset[Action],
    *,
    is_own: bool = False,
    is_scope: bool = False,
    can_be_given: bool = True,
) -> Role:
    return Role(
        code=code,
        label=label,
        actions=sorted(actions),
        is_own=is_own,
        is_scope=is_scope,
        can_be_given=can_be_given,
    )


def _read_principal(cursor: str) -> tuple[str, UUID]:
    name, last = read_cursor(_PRINCIPALS, cursor, count=2, field="after")
    return name, id_in(last)
