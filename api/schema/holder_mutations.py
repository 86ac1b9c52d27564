"""Changes of what licences and collections permit and forbid: for all their assets at once."""

from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.change_outcome import AwaitDark, ChangeOutcome, Command, change_rights
from api.schema.collections import Collection, collection_of
from api.schema.descriptions import allowed, argument, graphql_mutation, graphql_type
from api.schema.licences import Licence, licence_of
from api.schema.payloads import DarkAt, MutationError
from api.schema.rights import GrantInputs, RestrictionInputs, to_set
from catalog.access.roles import Action
from catalog.graph import holders as graph
from catalog.rights.holder_kinds import COLLECTION, LICENCE
from catalog.rights.model import TermKind

_LicenceId = Annotated[strawberry.ID, argument("Of the licence; its code will do as well.")]
_Revision = Annotated[
    int | None, argument("Refuse with CONFLICT unless the licence is at this revision.")
]
_Code = Annotated[str, argument("The code of the collection.")]


@graphql_type
class LicencePayload:
    """The licence after a change, or what went wrong."""

    licence: Licence | None = strawberry.field(description="As it is now; null: it was refused.")
    dark_at: DarkAt | None = strawberry.field(description="Where `awaitDark` was asked for.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class CollectionPayload:
    """The collection after a change, or what went wrong."""

    collection: Collection | None = strawberry.field(
        description="As it is now; null: it was refused."
    )
    dark_at: DarkAt | None = strawberry.field(description="Where `awaitDark` was asked for.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class HolderMutations:
    """Changes of licences and collections."""

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def set_licence_grants(
        self,
        info: Info,
        licence_id: _LicenceId,
        grants: GrantInputs,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> LicencePayload:
        """Make these the grants of a licence; what is missing ends now, for all its assets.

        Grants of assets and collections which only name the licence as their document are theirs to
        change: see `setGrants` and `setCollectionGrants`.
        """
        command = to_set(LICENCE, licence_id, TermKind.GRANTS, grants, expected_revision)
        return await _change_licence(info, licence_id, command, await_dark=await_dark)

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def set_licence_restrictions(
        self,
        info: Info,
        licence_id: _LicenceId,
        restrictions: RestrictionInputs,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> LicencePayload:
        """Make these the restrictions of a licence; what is missing ends now.

        Grants of assets and collections which only name the licence as their document are theirs to
        change: see `setGrants` and `setCollectionGrants`.
        """
        command = to_set(
            LICENCE, licence_id, TermKind.RESTRICTIONS, restrictions, expected_revision
        )
        return await _change_licence(info, licence_id, command, await_dark=await_dark)

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def set_collection_grants(
        self,
        info: Info,
        collection: _Code,
        grants: GrantInputs,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> CollectionPayload:
        """Make these the grants of a collection; what is missing ends now, for all its assets."""
        command = to_set(COLLECTION, collection, TermKind.GRANTS, grants)
        return await _change_collection(info, collection, command, await_dark=await_dark)

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def set_collection_restrictions(
        self,
        info: Info,
        collection: _Code,
        restrictions: RestrictionInputs,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> CollectionPayload:
        """Make these the restrictions of a collection; what is missing ends now."""
        command = to_set(COLLECTION, collection, TermKind.RESTRICTIONS, restrictions)
        return await _change_collection(info, collection, command, await_dark=await_dark)


async def _change_licence(
    info: Info, key: str, command: Command, *, await_dark: bool
) -> LicencePayload:
    outcome, found = await _change(info, graph.Licence, key, command, await_dark=await_dark)
    licence = None if found is None else licence_of(found)
    return LicencePayload(licence=licence, dark_at=outcome.dark_at, errors=outcome.errors)


async def _change_collection(
    info: Info, key: str, command: Command, *, await_dark: bool
) -> CollectionPayload:
    outcome, found = await _change(info, graph.Collection, key, command, await_dark=await_dark)
    collection = None if found is None else collection_of(found)
    return CollectionPayload(collection=collection, dark_at=outcome.dark_at, errors=outcome.errors)


async def _change(
    info: Info, listed: type[graph.Listed], key: str, command: Command, *, await_dark: bool
) -> tuple[ChangeOutcome, graph.Listed | None]:
    """Change the terms of a holder, and read it again where that was not refused."""
    outcome = await change_rights(info.context, command, await_dark=await_dark)
    if outcome.errors:
        return outcome, None
    async with info.context.services.pool.acquire() as conn:
        return outcome, await graph.find_holder(conn, listed, key)
