"""What a change of grants or restrictions would darken, asked before it is made."""

from enum import Enum
from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, graphql_enum, graphql_field, graphql_type
from api.schema.going_dark import GoingDarkPlace, dark_place
from api.schema.media import Asset, asset_of
from api.schema.payloads import MutationError, mutation_error
from api.schema.rights import GrantInputs, RestrictionInputs, term_inputs
from catalog.access.roles import Action
from catalog.errors import InvalidInputError, VitrineError
from catalog.graph.rehearsal import TermsToRehearse, rehearse_terms
from catalog.rights.holder_kinds import ASSET, COLLECTION, LICENCE
from catalog.rights.model import TermKind


@graphql_enum
class TermsHolder(Enum):
    """What grants and restrictions are stated for.

    Attributes:
        ASSET: One asset.
        LICENCE: A licence, and so all its assets.
        COLLECTION: A collection, and so all its assets.
    """

    ASSET = "asset"
    LICENCE = "licence"
    COLLECTION = "collection"


_KINDS = {each.name: each for each in (ASSET, LICENCE, COLLECTION)}


@graphql_type
class LostAsset:
    """An asset that would go dark somewhere at once."""

    asset: Asset = strawberry.field(description="As it is now.")
    places: list[GoingDarkPlace] = strawberry.field(
        description="Where it would.", metadata=STORED.metadata
    )


@graphql_type
class TermsRehearsal:
    """What stated terms would do; nothing is changed."""

    goes_dark: list[LostAsset] = strawberry.field(
        description="Of the first 100 assets by code, those that would lose a place at once.",
        metadata=STORED.metadata,
    )
    looked_at: int = strawberry.field(description="How many assets were looked at.")
    asset_count: int = strawberry.field(description="How many the terms would hold for.")
    errors: list[MutationError] = strawberry.field(
        description="Why the terms would be refused.", metadata=STORED.metadata
    )


@graphql_type
class RehearsalQueries:
    """Reads of what would be."""

    @graphql_field
    @allowed(Action.RIGHTS_CHANGE, Action.CONTENT_READ)
    async def rehearse_terms(
        self,
        info: Info,
        holder: Annotated[TermsHolder, argument("What they are stated for.")],
        id: Annotated[strawberry.ID, argument("Its id, or its code.")],  # noqa: A002 - the argument's name
        grants: GrantInputs | None = None,
        restrictions: RestrictionInputs | None = None,
    ) -> TermsRehearsal | None:
        """Return what would go dark at once by new grants, or by new restrictions; none is set.

        Raises:
            InvalidInputError: both were given, or neither.
        """
        state = info.context
        if (grants is None) == (restrictions is None):
            raise InvalidInputError("state `grants` or `restrictions`", field="grants")
        await state.minter_of(info)
        reference = await state.reference()
        stated = TermsToRehearse(
            kind=_KINDS[holder.value],
            key=id,
            terms=TermKind.RESTRICTIONS if grants is None else TermKind.GRANTS,
            wanted=term_inputs(grants or restrictions or ()),
        )
        try:
            async with state.services.pool.acquire() as conn:
                found = await rehearse_terms(conn, reference, stated)
        except VitrineError as error:
            return TermsRehearsal(
                goes_dark=[], looked_at=0, asset_count=0, errors=[mutation_error(error)]
            )
        scene = state.staged({})
        return TermsRehearsal(
            goes_dark=[
                LostAsset(
                    asset=asset_of(each.asset, scene),
                    places=[dark_place(place) for place in each.places],
                )
                for each in found.goes_dark
            ],
            looked_at=found.looked_at,
            asset_count=found.assets,
            errors=[],
        )
