"""People and services in the graph: named beside ids, and whole for those who manage them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

import strawberry

from api.documents.declared import STORED, FieldDeclaration, Needs
from api.request.scene import Info, RequestState
from api.schema.descriptions import allowed, field_with, graphql_enum, graphql_field, graphql_type
from catalog.access import people_store, principal_store, role_store, session_store, store
from catalog.access.model import ApiKey as StoredKey
from catalog.access.model import KeyState
from catalog.access.roles import Action
from catalog.access.rules import EVERY, Assignment
from catalog.access.session_model import Login, Session
from catalog.db import Connection
from catalog.principal import OWN_SERVICES
from catalog.principal import Principal as StoredPrincipal

#: Of a field that names whom an id beside it is of.
NAMED = FieldDeclaration(needs=Needs(names=True))
_ROLES = Needs(roles_given=True)
_LOGINS = Needs(logins=True)
_KEYS = Needs(api_keys=True)


@graphql_enum
class PrincipalKind(Enum):
    """What somebody is.

    Attributes:
        PERSON: A person, who logs in.
        SERVICE: Whatever is no person; it comes with API keys, or with tokens of a provider.
    """

    PERSON = "person"
    SERVICE = "service"


@graphql_enum
class PrincipalState(Enum):
    """Whether anything can be done in somebody's name.

    Attributes:
        IN_USE: It can.
        ENDED: They were ended; what they did still names them.
    """

    IN_USE = "in_use"
    ENDED = "ended"


@graphql_enum
class ApiKeyState(Enum):
    """How far an API key is.

    Attributes:
        IN_USE: It works.
        REPLACED: Another took its name; it works on until it expires.
        EXPIRED: Its time is over.
        ENDED: Somebody ended it.
    """

    IN_USE = KeyState.IN_USE
    REPLACED = KeyState.REPLACED
    EXPIRED = KeyState.EXPIRED
    ENDED = KeyState.ENDED


@graphql_enum
class LoginWay(Enum):
    """How a person logged in.

    Attributes:
        LINK: By a link that works once.
        PASSWORD: By password, and one-time code where there is one.
        OIDC: At the identity provider.
    """

    LINK = Login.LINK
    PASSWORD = Login.PASSWORD
    OIDC = Login.OIDC


@graphql_type
class NamedPrincipal:
    """A person or a service, as far as everybody sees who may see names."""

    id: strawberry.ID = strawberry.field(description="A UUID, never given to another.")
    name: str = strawberry.field(description="For people to read.")
    kind: PrincipalKind = strawberry.field(description="A person or a service.")
    state: PrincipalState = strawberry.field(description="Whether they are in use.")


@graphql_type
class GivenRole:
    """A role as somebody has it, and where; of what is null it holds everywhere."""

    role: str = strawberry.field(description="Its code; `roles` has what it is called.")
    actions: list[str] = strawberry.field(
        description="What it allows, by code.", metadata=STORED.metadata
    )
    markets: list[str] | None = strawberry.field(
        description="There alone, by code.", metadata=STORED.metadata
    )
    channels: list[str] | None = strawberry.field(description="The same.", metadata=STORED.metadata)
    locales: list[str] | None = strawberry.field(description="The same.", metadata=STORED.metadata)
    families: list[str] | None = strawberry.field(description="The same.", metadata=STORED.metadata)
    categories: list[str] | None = strawberry.field(
        description="The same, with all below them.", metadata=STORED.metadata
    )
    fields: list[str] | None = strawberry.field(
        description="Attributes: the same.", metadata=STORED.metadata
    )
    given_by: NamedPrincipal | None = strawberry.field(
        description="Who gave it; null: it comes with the key."
    )
    given_at: datetime | None = strawberry.field(description="When; null: it comes with the key.")


@graphql_type
class LoginSession:
    """A browser in which a person is logged in."""

    id: strawberry.ID = strawberry.field(description="As the audit names it.")
    begun_at: datetime = strawberry.field(description="When they logged in.")
    used_at: datetime = strawberry.field(description="When it was used last, to the minute.")
    ends_at: datetime = strawberry.field(description="When it ends, however much it is used.")
    by: LoginWay = strawberry.field(description="How they logged in.")
    address: str | None = strawberry.field(description="IP address at the login.")
    is_current: bool = strawberry.field(description="Whether this very request comes by it.")


@graphql_type
class ApiKey:
    """An API key; its secret is not stored and cannot be shown."""

    id: strawberry.ID = strawberry.field(description="As the audit names it.")
    name: str = strawberry.field(description="For people to read.")
    principal: NamedPrincipal = strawberry.field(description="Who acts with it.")
    owner: NamedPrincipal | None = strawberry.field(
        description="Who answers for it, and with whom it ends; null: nobody was named."
    )
    state: ApiKeyState = strawberry.field(description="How far it is.")
    scopes: list[str] = strawberry.field(
        description="What it may do; empty: what its principal may.", metadata=STORED.metadata
    )
    allows: list[GivenRole] = strawberry.field(
        description="The same as roles, each with its actions.", metadata=STORED.metadata
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it ends; null: never.")
    last_used_at: datetime | None = strawberry.field(
        description="To the minute; null: it was not used yet."
    )
    ended_at: datetime | None = strawberry.field(description="When somebody ended it.")
    replaced_at: datetime | None = strawberry.field(description="When another took its name.")
    successor: strawberry.ID | None = strawberry.field(description="The other.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """What was loaded for those who are shown, each by their ids."""

    roles: Mapping[uuid.UUID, Sequence[role_store.GivenRole]] = field(
        default_factory=dict[uuid.UUID, Sequence[role_store.GivenRole]]
    )
    sessions: Sequence[Session] = ()
    keys: Sequence[StoredKey] = ()
    names: Mapping[uuid.UUID | None, NamedPrincipal] = field(
        default_factory=dict[uuid.UUID | None, NamedPrincipal]
    )


@graphql_type
class Principal:
    """A person or a service, with what they may do and how they come in."""

    asked: strawberry.Private[RequestState]
    stored: strawberry.Private[StoredPrincipal]
    loaded: strawberry.Private[_Loaded]
    id: strawberry.ID = strawberry.field(description="A UUID, never given to another.")
    name: str = strawberry.field(description="For people to read.")
    kind: PrincipalKind = strawberry.field(description="A person or a service.")
    state: PrincipalState = strawberry.field(description="Whether they are in use.")
    is_own_service: bool = strawberry.field(
        description="Whether it is a part of Vitrine, which nobody changes."
    )
    created_at: datetime | None = strawberry.field(description="Since when they are known.")
    ended_at: datetime | None = strawberry.field(description="When they were ended.")

    @graphql_field
    @allowed(Action.PEOPLE_MANAGE, asks_itself=True)
    def email(self) -> str | None:
        """Return the address of a person."""
        self.asked.require(Action.PEOPLE_MANAGE)
        return self.stored.email

    @graphql_field
    @allowed(Action.PEOPLE_MANAGE, asks_itself=True)
    def last_login_at(self) -> datetime | None:
        """Return when a person logged in last; null: they have not yet."""
        self.asked.require(Action.PEOPLE_MANAGE)
        return self.stored.last_login_at

    @field_with(rows=STORED.rows, needs=_ROLES)
    @allowed(Action.PEOPLE_MANAGE, asks_itself=True)
    def roles(self) -> list[GivenRole] | None:
        """Return the roles that they have, and where."""
        self.asked.require(Action.PEOPLE_MANAGE)
        return [
            given_role(each.assignment, each, self.loaded.names)
            for each in self.loaded.roles.get(self.stored.id, ())
        ]

    @field_with(rows=STORED.rows, needs=_LOGINS)
    @allowed(Action.PEOPLE_MANAGE, asks_itself=True)
    def sessions(self) -> list[LoginSession] | None:
        """Return where a person is logged in, the newest first."""
        self.asked.require(Action.PEOPLE_MANAGE)
        theirs = (one for one in self.loaded.sessions if one.principal.id == self.stored.id)
        return [login_session(self.asked, each) for each in theirs]

    @field_with(rows=STORED.rows, needs=_KEYS)
    @allowed(Action.KEYS_MANAGE, asks_itself=True)
    def api_keys(self) -> list[ApiKey] | None:
        """Return the API keys in use with which they act, or which they own, the newest first."""
        self.asked.require(Action.KEYS_MANAGE)
        return [
            api_key(self.asked, each, self.loaded.names)
            for each in self.loaded.keys
            if self.stored.id in {each.principal.id, each.owner}
        ]


async def names_of(
    info: Info, conn: Connection, ids: Iterable[uuid.UUID | None]
) -> dict[uuid.UUID | None, NamedPrincipal]:
    """Return the names of principals by their ids, where they are selected and may be seen.

    Whoever may not see names finds null beside each id.
    """
    state = info.context
    if not (state.needs(info).names and state.may(Action.PEOPLE_READ)):
        return {}
    return await _names(conn, ids)


async def _names(
    conn: Connection, ids: Iterable[uuid.UUID | None]
) -> dict[uuid.UUID | None, NamedPrincipal]:
    wanted = {each for each in ids if each is not None}
    found = await principal_store.find(conn, [*wanted]) if wanted else []
    return {each.id: named(each) for each in found}


def named(stored: StoredPrincipal) -> NamedPrincipal:
    """Make a `NamedPrincipal`."""
    return NamedPrincipal(
        id=strawberry.ID(str(stored.id)),
        name=stored.name,
        kind=PrincipalKind(stored.kind),
        state=PrincipalState.IN_USE if stored.ended_at is None else PrincipalState.ENDED,
    )


async def principals_of(
    info: Info, conn: Connection, found: Sequence[StoredPrincipal]
) -> list[Principal]:
    """Make a `Principal` of each, with what is selected of them and may be seen."""
    state, ids = info.context, [each.id for each in found]
    needs = state.needs(info)
    roles: Mapping[uuid.UUID, Sequence[role_store.GivenRole]] = {}
    logins: Sequence[Session] = ()
    keys: Sequence[StoredKey] = ()
    if ids and state.may(Action.PEOPLE_MANAGE):
        if needs.roles_given:
            roles = await role_store.find_given(conn, ids)
        if needs.logins:
            idle = state.services.settings.session_times.idle
            logins = await session_store.list_sessions(conn, ids, idle=idle)
    if ids and needs.api_keys and state.may(Action.KEYS_MANAGE):
        keys = await store.keys_of(conn, ids)
    givers = (each.given_by for given in roles.values() for each in given)
    names = await _names(conn, [*givers, *(each.owner for each in keys)])
    loaded = _Loaded(roles=roles, sessions=logins, keys=keys, names=names)
    return [
        Principal(
            asked=state,
            stored=each,
            loaded=loaded,
            id=strawberry.ID(str(each.id)),
            name=each.name,
            kind=PrincipalKind(each.kind),
            state=PrincipalState.IN_USE if each.ended_at is None else PrincipalState.ENDED,
            is_own_service=each.id in OWN_SERVICES,
            created_at=each.created_at,
            ended_at=each.ended_at,
        )
        for each in found
    ]


async def keys_of(info: Info, conn: Connection, keys: Sequence[StoredKey]) -> list[ApiKey]:
    """Make an `ApiKey` of each, with the names of their owners."""
    names = await _names(conn, [each.owner for each in keys])
    return [api_key(info.context, each, names) for each in keys]


async def principal_of(info: Info, conn: Connection, found: uuid.UUID) -> Principal | None:
    """Make a `Principal` by its id; None: there is none."""
    stored = await people_store.find_whole(conn, [found])
    return next(iter(await principals_of(info, conn, stored)), None)


def api_key(
    state: RequestState, stored: StoredKey, names: Mapping[uuid.UUID | None, NamedPrincipal]
) -> ApiKey:
    """Make an `ApiKey`."""
    successor = stored.replaced_by
    return ApiKey(
        id=strawberry.ID(str(stored.id)),
        name=stored.name,
        principal=named(stored.principal),
        owner=None if stored.owner is None else names.get(stored.owner),
        state=ApiKeyState(stored.state_at(state.now)),
        scopes=sorted(stored.scopes),
        allows=[given_role(each) for each in stored.assignments],
        created_at=stored.created_at,
        expires_at=stored.expires_at,
        last_used_at=stored.last_used_at,
        ended_at=stored.revoked_at,
        replaced_at=stored.replaced_at,
        successor=None if successor is None else strawberry.ID(str(successor)),
    )


def given_role(
    assignment: Assignment,
    given: role_store.GivenRole | None = None,
    names: Mapping[uuid.UUID | None, NamedPrincipal] | None = None,
) -> GivenRole:
    """Make a `GivenRole`."""
    where = assignment.where
    return GivenRole(
        role=assignment.role,
        actions=sorted(assignment.actions),
        markets=_codes(where.markets),
        channels=_codes(where.channels),
        locales=_codes(where.locales),
        families=_codes(where.families),
        categories=_codes(where.categories),
        fields=_codes(where.fields),
        given_by=None if given is None else (names or {}).get(given.given_by),
        given_at=None if given is None else given.given_at,
    )


def login_session(state: RequestState, session: Session) -> LoginSession:
    """Make a `LoginSession`."""
    return LoginSession(
        id=strawberry.ID(str(session.id)),
        begun_at=session.begun_at,
        used_at=session.used_at,
        ends_at=session.ends_at,
        by=LoginWay(session.login),
        address=session.address,
        is_current=state.key is not None and state.key.id == session.id,
    )


def _codes(codes: frozenset[str]) -> list[str] | None:
    return None if EVERY in codes else sorted(codes)
