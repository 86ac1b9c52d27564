"""Which combinations of options a model has: for a product page, and for those who keep it."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, graphql_field, graphql_type
from api.schema.money import Money
from catalog.access.roles import Action
from catalog.graph import variant_matrix as graph


@graphql_type
class VariantCombination:
    """A variant that is visible here, by its options."""

    sku: str = strawberry.field(description="Of the variant.")
    values: list[str | None] = strawberry.field(
        description="Codes on the axes, in the order of `options`; null: it has none there."
    )
    price: Money | None = strawberry.field(
        description="In the currency of the context's market; null: it is not sold there."
    )


@graphql_type
class CombinationPublication:
    """Where a combination is published, now or from an instant on."""

    channel: str = strawberry.field(description="Its code.")
    version: int = strawberry.field(description="Of the publication.")
    visible_from: datetime = strawberry.field(description="From when on.")
    visible_until: datetime | None = strawberry.field(
        description="Until when; null: until it is taken back."
    )
    markets: list[str] = strawberry.field(
        description="Codes of those in whose currency it states a price; of what has none, all."
    )


@graphql_type
class KeptCombination:
    """A variant as it is kept, by its options."""

    sku: str = strawberry.field(description="Of the variant.")
    values: list[str | None] = strawberry.field(
        description="Codes on the axes, in their order; null: it has none yet."
    )
    publications: list[CombinationPublication] = strawberry.field(
        description="By channel; empty: it is published nowhere.", metadata=STORED.metadata
    )


@graphql_type
class VariantMatrix:
    """The combinations that a model has, published or not."""

    model: str = strawberry.field(description="The sku of the model on top.")
    axes: list[str] = strawberry.field(description="Codes of its attributes, level by level.")
    combinations: list[KeptCombination] = strawberry.field(
        description="By sku, at most 1,000; what is not among them does not exist.",
        metadata=STORED.metadata,
    )
    total_count: int = strawberry.field(description="How many there are.")


@graphql_type
class VariantMatrixQueries:
    """Reads of what a model varies in, as it is kept."""

    @graphql_field
    @allowed(Action.PRODUCTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def variant_matrix(
        self,
        info: Info,
        sku: Annotated[str, argument("Of a model, or of anything below it.")],
    ) -> VariantMatrix | None:
        """Return which combinations of options exist, and where each is published.

        A role that is narrowed sees what lies within, and of it publications on its channels.
        """
        state = info.context
        state.require(Action.PRODUCTS_READ, None)
        reference = await state.reference()
        async with state.services.pool.acquire() as conn:
            found = await graph.load_matrix(conn, reference, sku, within=state.kept_within())
        if found is None:
            return None
        return VariantMatrix(
            model=found.model,
            axes=list(found.axes),
            combinations=[_combination(each) for each in found.combinations],
            total_count=found.count,
        )


def _combination(combination: graph.Combination) -> KeptCombination:
    return KeptCombination(
        sku=combination.sku,
        values=list(combination.values),
        publications=[
            CombinationPublication(
                channel=each.channel,
                version=each.version,
                visible_from=each.visible_from,
                visible_until=each.visible_until,
                markets=list(each.markets),
            )
            for each in combination.publications
        ],
    )
