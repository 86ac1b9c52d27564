"""Changes of a collection's terms: for every asset in it, in one transaction."""

from typing import Annotated

import strawberry

from api.documents.bounds import TERMS
from api.request.scene import Info
from api.schema.changing import AwaitDark, Command, change_rights
from api.schema.collections import Collection, collection_of
from api.schema.described import argument, graphql_mutation, graphql_type
from api.schema.payloads import DarkAt, MutationError
from api.schema.rights import GrantInput, RestrictionInput, grant_terms, restriction_terms
from catalog.graph.collections import find_collection
from catalog.licences import collection_commands as commands

_Code = Annotated[str, argument("The code of the collection.")]


@graphql_type
class CollectionPayload:
    """The collection after a change, or what went wrong."""

    collection: Collection | None = strawberry.field(
        description="As it is now; null: it was refused."
    )
    dark_at: DarkAt | None = strawberry.field(description="Where `awaitDark` was asked for.")
    errors: list[MutationError] = strawberry.field(description="Empty: it was done.")


@graphql_type
class CollectionMutations:
    """Changes of collections; all need the scope `manage.rights`."""

    @graphql_mutation
    async def set_collection_grants(
        self,
        info: Info,
        collection: _Code,
        grants: Annotated[list[GrantInput], argument("The full new set.", TERMS)],
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> CollectionPayload:
        """Make these the grants of a collection; what is missing ends now, for all its assets."""
        return await _change(
            info,
            collection,
            lambda change: commands.set_collection_grants(change, collection, grant_terms(grants)),
            await_dark=await_dark,
        )

    @graphql_mutation
    async def set_collection_restrictions(
        self,
        info: Info,
        collection: _Code,
        restrictions: Annotated[list[RestrictionInput], argument("The full new set.", TERMS)],
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> CollectionPayload:
        """Make these the restrictions of a collection; what is missing ends now."""
        terms = restriction_terms(restrictions)
        return await _change(
            info,
            collection,
            lambda change: commands.set_collection_restrictions(change, collection, terms),
            await_dark=await_dark,
        )


async def _change(
    info: Info, code: str, command: Command, *, await_dark: bool
) -> CollectionPayload:
    outcome = await change_rights(info.context, command, await_dark=await_dark)
    collection = None
    if not outcome.errors:
        async with info.context.services.pool.acquire() as conn:
            found = await find_collection(conn, code)
        collection = None if found is None else collection_of(found)
    return CollectionPayload(collection=collection, dark_at=outcome.dark_at, errors=outcome.errors)
