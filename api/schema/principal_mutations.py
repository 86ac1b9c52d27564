"""Changes of people and services: made, changed, ended, resumed, logged in and out."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from api.documents.bounds import ROWS
from api.documents.declared import STORED, RowEach
from api.identity.site import NoLoginError, login_url
from api.request.scene import Info, RequestState
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_input,
    graphql_mutation,
    graphql_type,
)
from api.schema.payloads import MutationError, mutation_error
from api.schema.principals import Principal, principals_of
from api.schema.product_mutations import check_rows
from api.schema.tasks import principal_id
from catalog.access import people
from catalog.access.giving import Giver, check_gives_all, check_reaches
from catalog.access.roles import Action
from catalog.access.sessions import LINK_MINUTES, create_login_link, end_sessions_of
from catalog.changes import Change
from catalog.errors import InvalidInputError, VitrineError

#: Rows of a call.
MOST_ROWS = ROWS.most
_Ids = Annotated[list[strawberry.ID], argument("Of people and services.", ROWS)]
_PrincipalId = Annotated[strawberry.ID, argument("Of the person.")]
_Each: TypeAlias = Callable[[Change], Awaitable[Sequence[people.PrincipalResult]]]


@graphql_input
class PersonInput:
    """A person who shall be known, or as they shall be."""

    id: strawberry.ID | None = strawberry.field(
        description="Of somebody to change; null: who has the address, else somebody new.",
        default=None,
    )
    name: str | None = strawberry.field(
        description="For people to read; left out or null: as it is.", default=None
    )
    email: str | None = strawberry.field(
        description="Their login name, and unique; left out: as it is; null: none.",
        default=strawberry.UNSET,
    )


@graphql_input
class ServiceInput:
    """A service that shall be known, or as it shall be."""

    id: strawberry.ID | None = strawberry.field(
        description="Of one to change; null: the one of this name, else a new one.", default=None
    )
    name: str = strawberry.field(description="For people to read, and unique.")


@graphql_type
class PrincipalRow:
    """What became of one of a call."""

    principal: Principal | None = strawberry.field(description="As they are now; null: refused.")
    errors: list[MutationError] = strawberry.field(
        description="Why it was refused.", metadata=STORED.metadata
    )


@graphql_type
class PrincipalsPayload:
    """One result for each, in their order."""

    results: list[PrincipalRow] = strawberry.field(description="Good ones do not wait for bad.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class EndSessionsPayload:
    """How many browsers were logged out, or what went wrong."""

    ended: int = strawberry.field(description="Sessions that were in use; links end as well.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class LoginLinkPayload:
    """A link that logs somebody in, shown this once, or what went wrong."""

    url: str | None = strawberry.field(
        description="Whoever opens it first is that person: hand it over safely."
    )
    expires_at: datetime | None = strawberry.field(description="Until when it can be opened.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was made.", metadata=STORED.metadata
    )


@graphql_type
class PrincipalMutations:
    """Changes of people and services, which may be repeated."""

    @field_with(rows=RowEach("input"))
    @allowed(Action.PEOPLE_MANAGE)
    async def put_people(
        self,
        info: Info,
        input: Annotated[list[PersonInput], argument("Who.", ROWS)],  # noqa: A002 - its name
    ) -> PrincipalsPayload:
        """Make people, who may do nothing until they have a role, or change them."""

        def record(each: PersonInput) -> people.PrincipalRecord:
            email = None if each.email is strawberry.UNSET else each.email or ""
            return people.PrincipalRecord(
                id=principal_id(each.id, "id"), name=each.name, email=email
            )

        def put(change: Change) -> Awaitable[Sequence[people.PrincipalResult]]:
            return people.put_people(change, map(record, input), giver=giver_of(info))

        return await _each(info, input, "input", put)

    @field_with(rows=RowEach("input"))
    @allowed(Action.PEOPLE_MANAGE)
    async def put_services(
        self,
        info: Info,
        input: Annotated[list[ServiceInput], argument("Which.", ROWS)],  # noqa: A002 - its name
    ) -> PrincipalsPayload:
        """Make services, which may do nothing until they have a role or a key, or change them."""

        def record(each: ServiceInput) -> people.PrincipalRecord:
            return people.PrincipalRecord(id=principal_id(each.id, "id"), name=each.name)

        def put(change: Change) -> Awaitable[Sequence[people.PrincipalResult]]:
            return people.put_services(change, map(record, input), giver=giver_of(info))

        return await _each(info, input, "input", put)

    @field_with(rows=RowEach("ids"))
    @allowed(Action.PEOPLE_MANAGE)
    async def end_principals(self, info: Info, ids: _Ids) -> PrincipalsPayload:
        """End people and services with their sessions and keys, within a second."""
        return await _each(
            info,
            ids,
            "ids",
            lambda change: people.end_principals(change, _read(ids), giver=giver_of(info)),
        )

    @field_with(rows=RowEach("ids"))
    @allowed(Action.PEOPLE_MANAGE)
    async def resume_principals(self, info: Info, ids: _Ids) -> PrincipalsPayload:
        """Let people and services be in use again, with their roles; their keys stay ended."""
        return await _each(
            info,
            ids,
            "ids",
            lambda change: people.resume_principals(change, _read(ids), giver=giver_of(info)),
        )

    @graphql_mutation
    @allowed(Action.PEOPLE_MANAGE)
    async def end_sessions(self, info: Info, principal: _PrincipalId) -> EndSessionsPayload:
        """Log a person out everywhere."""
        try:
            async with info.context.change() as change:
                theirs = _one(principal)
                await check_reaches(change.conn, giver_of(info), theirs, field="principal")
                ended = await end_sessions_of(change, theirs)
        except VitrineError as error:
            return EndSessionsPayload(ended=0, errors=[mutation_error(error)])
        return EndSessionsPayload(ended=ended, errors=[])

    @graphql_mutation
    @allowed(Action.PEOPLE_MANAGE)
    async def create_login_link(self, info: Info, principal: _PrincipalId) -> LoginLinkPayload:
        """Make a link that logs a person in, once; the audit says who made it."""
        state = info.context
        try:
            theirs = _one(principal)
            if theirs != state.principal.id:
                check_gives_all(giver_of(info), field="principal")
            base = _login_base(state)
            async with state.change() as change:
                await check_reaches(change.conn, giver_of(info), theirs, field="principal")
                secret = await create_login_link(change, theirs)
        except VitrineError as error:
            return LoginLinkPayload(url=None, expires_at=None, errors=[mutation_error(error)])
        return LoginLinkPayload(
            url=login_url(base, secret),
            expires_at=state.now + timedelta(minutes=LINK_MINUTES),
            errors=[],
        )


def giver_of(info: Info) -> Giver:
    """Return what whoever asks may do, and so give."""
    key = info.context.key
    return () if key is None else key.assignments


def _login_base(state: RequestState) -> str:
    """Return the address under which people log in.

    Raises:
        NoLoginError: nobody can log in by a link.
    """
    settings = state.services.settings
    if not settings.local_login:
        raise NoLoginError("links log nobody in while VITRINE_LOCAL_LOGIN is `false`")
    if settings.api_base is None:
        raise NoLoginError("nobody can log in: set VITRINE_API_BASE to the address of this api")
    return settings.api_base


def _one(text: str) -> UUID:
    found = principal_id(text, "principal")
    assert found is not None  # noqa: S101 - the argument is not nullable
    return found


def _read(ids: Sequence[str]) -> list[UUID]:
    """Read ids; one of two that are the same costs no more than a look.

    Raises:
        InvalidInputError: one is none.
    """
    try:
        return [UUID(each) for each in ids]
    except ValueError as error:
        raise InvalidInputError("`ids` are those of people and services", field="ids") from error


async def _each(
    info: Info, asked: Sequence[object], argument_name: str, command: _Each
) -> PrincipalsPayload:
    try:
        check_rows(asked, argument_name)
        async with info.context.change() as change:
            results = await command(change)
            shown = [each.principal for each in results if each.principal is not None]
            made = iter(await principals_of(info, change.conn, shown))
    except VitrineError as error:
        return PrincipalsPayload(results=[], errors=[mutation_error(error)])
    rows = [
        PrincipalRow(
            principal=None if each.principal is None else next(made),
            errors=[] if each.error is None else [mutation_error(each.error)],
        )
        for each in results
    ]
    return PrincipalsPayload(results=rows, errors=[])
