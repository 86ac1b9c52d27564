"""Changes of a licence's terms: for everything that rests on it, in one transaction."""

from typing import Annotated

import strawberry

from api.documents.bounds import TERMS
from api.request.scene import Info
from api.schema.changing import AwaitDark, Command, change_rights
from api.schema.described import argument, graphql_mutation, graphql_type
from api.schema.licences import Licence, licence_of
from api.schema.payloads import DarkAt, MutationError
from api.schema.rights import GrantInput, RestrictionInput, grant_terms, restriction_terms
from catalog.graph.licences import find_licence
from catalog.licences import commands

_LicenceId = Annotated[strawberry.ID, argument("Of the licence; its code will do as well.")]
_Revision = Annotated[
    int | None, argument("Refuse with CONFLICT unless the licence is at this revision.")
]


@graphql_type
class LicencePayload:
    """The licence after a change, or what went wrong."""

    licence: Licence | None = strawberry.field(description="As it is now; null: it was refused.")
    dark_at: DarkAt | None = strawberry.field(description="Where `awaitDark` was asked for.")
    errors: list[MutationError] = strawberry.field(description="Empty: it was done.")


@graphql_type
class LicenceMutations:
    """Changes of licences; all need the scope `manage.rights`."""

    @graphql_mutation
    async def set_licence_grants(
        self,
        info: Info,
        licence_id: _LicenceId,
        grants: Annotated[list[GrantInput], argument("The full new set.", TERMS)],
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> LicencePayload:
        """Make these the grants of a licence; what is missing ends now, for all its assets.

        Grants of assets and collections which only name the licence as their document are theirs to
        change: see `setGrants` and `setCollectionGrants`.
        """
        return await _change(
            info,
            licence_id,
            lambda change: commands.set_licence_grants(
                change, licence_id, grant_terms(grants), expected_revision=expected_revision
            ),
            await_dark=await_dark,
        )

    @graphql_mutation
    async def set_licence_restrictions(
        self,
        info: Info,
        licence_id: _LicenceId,
        restrictions: Annotated[list[RestrictionInput], argument("The full new set.", TERMS)],
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> LicencePayload:
        """Make these the restrictions of a licence; what is missing ends now.

        Grants of assets and collections which only name the licence as their document are theirs to
        change: see `setGrants` and `setCollectionGrants`.
        """
        terms = restriction_terms(restrictions)
        return await _change(
            info,
            licence_id,
            lambda change: commands.set_licence_restrictions(
                change, licence_id, terms, expected_revision=expected_revision
            ),
            await_dark=await_dark,
        )


async def _change(
    info: Info, licence_id: str, command: Command, *, await_dark: bool
) -> LicencePayload:
    outcome = await change_rights(info.context, command, await_dark=await_dark)
    licence = None
    if not outcome.errors:
        async with info.context.services.pool.acquire() as conn:
            found = await find_licence(conn, licence_id)
        licence = None if found is None else licence_of(found)
    return LicencePayload(licence=licence, dark_at=outcome.dark_at, errors=outcome.errors)
