"""Changes of who may do what: roles given and taken, and roles of a house's own."""

from typing import Annotated
from uuid import UUID

import strawberry

from api.documents.bounds import ROWS
from api.documents.declared import STORED, RowEach
from api.request.scene import Info
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_input,
    graphql_mutation,
    graphql_type,
)
from api.schema.payloads import MutationError, mutation_error
from api.schema.principal_mutations import giver_of
from api.schema.principal_queries import Role, own_role
from api.schema.principals import Principal, principals_of
from api.schema.product_mutations import check_rows
from api.schema.tasks import principal_id
from catalog.access import role_giving
from catalog.access.roles import Action
from catalog.access.rules import DIMENSIONS
from catalog.batches import check_text
from catalog.errors import VitrineError
from catalog.graph.role_places import narrowing_to

_PrincipalId = Annotated[strawberry.ID, argument("Of the person or service.")]
_RoleCode = Annotated[str, argument("Code of the role.")]


@graphql_input
class WhereInput:
    """Where a role shall hold; what is left out or empty is everywhere."""

    markets: list[str] | None = strawberry.field(description="Codes.", default=None)
    channels: list[str] | None = strawberry.field(description="Codes.", default=None)
    locales: list[str] | None = strawberry.field(description="Codes.", default=None)
    families: list[str] | None = strawberry.field(description="Codes.", default=None)
    categories: list[str] | None = strawberry.field(
        description="Codes; with all below them.", default=None
    )
    fields: list[str] | None = strawberry.field(description="Codes of attributes.", default=None)

    def codes(self) -> dict[str, frozenset[str]]:
        """Return what is said, by dimension."""
        found = {each: frozenset[str](getattr(self, each) or ()) for each in DIMENSIONS}
        for name, codes in found.items():
            for each in codes:
                check_text(each, field=name)
        return found


@graphql_input
class RoleInput:
    """A role of your own, whole."""

    code: str = strawberry.field(
        description="Of a-z, 0-9 and _; not of a role that every house has."
    )
    label: str = strawberry.field(description="For people to read.")
    actions: list[str] = strawberry.field(
        description="All that it allows, by code; each of them you may do yourself."
    )


@graphql_type
class PrincipalPayload:
    """Somebody after a change, or what went wrong."""

    principal: Principal | None = strawberry.field(
        description="As they are now; null: it was refused."
    )
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class RoleRow:
    """What became of one role."""

    role: Role | None = strawberry.field(description="As it is now; null: it was refused.")
    errors: list[MutationError] = strawberry.field(
        description="Why it was refused.", metadata=STORED.metadata
    )


@graphql_type
class RolesPayload:
    """One result for each role, in their order."""

    results: list[RoleRow] = strawberry.field(description="Good ones do not wait for bad.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class RoleMutations:
    """Changes of who may do what; nobody gives more than they have."""

    @graphql_mutation
    @allowed(Action.PEOPLE_MANAGE)
    async def give_role(
        self,
        info: Info,
        principal: _PrincipalId,
        role: _RoleCode,
        where: Annotated[WhereInput | None, argument("There alone; by default everywhere.")] = None,
    ) -> PrincipalPayload:
        """Give somebody a role, which holds within a second; roles add up."""
        try:
            async with info.context.change() as change:
                check_text(role, field="role")
                theirs = _id(principal)
                named = {} if where is None else where.codes()
                there = await narrowing_to(change.conn, named)
                found = await role_giving.give_own_role(
                    change, theirs, role, there, giver=giver_of(info)
                )
                (shown,) = await principals_of(info, change.conn, [found])
        except VitrineError as error:
            return PrincipalPayload(principal=None, errors=[mutation_error(error)])
        return PrincipalPayload(principal=shown, errors=[])

    @graphql_mutation
    @allowed(Action.PEOPLE_MANAGE)
    async def take_role(
        self, info: Info, principal: _PrincipalId, role: _RoleCode
    ) -> PrincipalPayload:
        """Take a role from somebody wherever they have it, within a second."""
        try:
            async with info.context.change() as change:
                check_text(role, field="role")
                found = await role_giving.take_role_back(
                    change, _id(principal), role, giver=giver_of(info)
                )
                (shown,) = await principals_of(info, change.conn, [found])
        except VitrineError as error:
            return PrincipalPayload(principal=None, errors=[mutation_error(error)])
        return PrincipalPayload(principal=shown, errors=[])

    @field_with(rows=RowEach("input"))
    @allowed(Action.PEOPLE_MANAGE)
    async def put_roles(
        self,
        info: Info,
        input: Annotated[list[RoleInput], argument("Which.", ROWS)],  # noqa: A002 - its name
    ) -> RolesPayload:
        """Add roles of your own, or change what they allow, for all who have them."""
        records = [
            role_giving.RoleRecord(
                code=each.code, name=each.label, actions=frozenset[str](each.actions)
            )
            for each in input
        ]
        try:
            check_rows(input, "input")
            async with info.context.change() as change:
                results = await role_giving.put_roles(change, records, giver=giver_of(info))
        except VitrineError as error:
            return RolesPayload(results=[], errors=[mutation_error(error)])
        rows = [
            RoleRow(
                role=None if each.role is None else own_role(each.role),
                errors=[] if each.error is None else [mutation_error(each.error)],
            )
            for each in results
        ]
        return RolesPayload(results=rows, errors=[])


def _id(text: str) -> UUID:
    found = principal_id(text, "principal")
    assert found is not None  # noqa: S101 - the argument is not nullable
    return found
