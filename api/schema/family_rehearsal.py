"""What a change of a family would do to its products, asked before it is made."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_input, graphql_type
from catalog.access.roles import Action
from catalog.completeness import family_changes as changes
from catalog.completeness.rehearsal import rehearse_family
from catalog.products.model import FamilyRecord, FamilyVariant


@graphql_input
class FamilyRequirementInput:
    """What a channel shall require."""

    channel: str = strawberry.field(description="Its code.")
    attributes: list[str] = strawberry.field(description="Codes of attributes of the family.")


@graphql_input
class FamilyVariantInput:
    """A way in which products shall vary."""

    code: str = strawberry.field(description="Natural key.")
    axes: list[list[str]] = strawberry.field(description="Codes of attributes, level by level.")


@graphql_input
class FamilyChangeInput:
    """What a family shall be; what is left out stays, what is given is whole."""

    code: str = strawberry.field(description="Natural key.")
    attributes: list[str] | None = strawberry.field(description="Codes.", default=None)
    required: list[FamilyRequirementInput] | None = strawberry.field(
        description="By channel.", default=None
    )
    variants: list[FamilyVariantInput] | None = strawberry.field(
        description="How its products vary.", default=None
    )

    def record(self) -> FamilyRecord:
        """Return it as a record."""
        return FamilyRecord(
            code=self.code,
            attributes=None if self.attributes is None else tuple(self.attributes),
            required=None
            if self.required is None
            else {each.channel: tuple(each.attributes) for each in self.required},
            variants=None
            if self.variants is None
            else tuple(
                FamilyVariant(code=each.code, axes=tuple(tuple(level) for level in each.axes))
                for each in self.variants
            ),
        )


@graphql_type
class LostValues:
    """Values of an attribute that the family would have no more: they stay, and nothing shows them.

    They are there again once the family has the attribute again.
    """

    attribute: str = strawberry.field(description="Its code.")
    value_count: int = strawberry.field(description="How many values.")
    product_count: int = strawberry.field(
        description="How many products have them themselves, models included."
    )
    skus: list[str] = strawberry.field(description="Of the first 10 of these.")


@graphql_type
class NewlyIncomplete:
    """Products that a channel takes now, and would refuse."""

    channel: str = strawberry.field(description="Its code.")
    attributes: list[str] = strawberry.field(description="That they would lack there.")
    product_count: int = strawberry.field(description="How many.")
    skus: list[str] = strawberry.field(description="Of the first 10 of these.")


@graphql_type
class AxisClash:
    """Products below one model that could not be told apart."""

    model: str = strawberry.field(description="The sku of the model.")
    skus: list[str] = strawberry.field(description="That would have the same values on the axes.")


@graphql_type
class ChangedVariant:
    """What other axes would do to the products that vary by them."""

    code: str = strawberry.field(description="Of the family variant.")
    clashes: list[AxisClash] = strawberry.field(
        description="Siblings with the same values.", metadata=STORED.metadata
    )
    lacking: list[str] = strawberry.field(description="Skus without a value for an axis.")
    misplaced: list[str] = strawberry.field(
        description="Skus at a level that there would not be, or that had to be of another kind."
    )


@graphql_type
class FamilyConsequences:
    """What a change of a family would do; nothing is changed."""

    product_count: int = strawberry.field(description="Of the family; 0: it is new.")
    lost: list[LostValues] = strawberry.field(
        description="Values that nothing would show.", metadata=STORED.metadata
    )
    incomplete: list[NewlyIncomplete] = strawberry.field(
        description="By channel and what is lacking.", metadata=STORED.metadata
    )
    variants: list[ChangedVariant] = strawberry.field(
        description="Family variants whose axes would be others.", metadata=STORED.metadata
    )


@graphql_type
class FamilyRehearsalQueries:
    """Reads of what a change of a family would do."""

    @field_with(weight=50)
    @allowed(Action.PRODUCTS_READ)
    async def rehearse_family(
        self, info: Info, family: Annotated[FamilyChangeInput, argument("As it shall be.")]
    ) -> FamilyConsequences | None:
        """Return what products would lose, lack or clash by if a family were so; none is set.

        Whether it would be refused is not asked.
        """
        async with info.context.services.pool.acquire() as conn:
            found = await rehearse_family(conn, family.record())
        return family_consequences(found)


def family_consequences(found: changes.FamilyConsequences) -> FamilyConsequences:
    """Make `FamilyConsequences`."""
    return FamilyConsequences(
        product_count=found.products,
        lost=[
            LostValues(
                attribute=each.attribute,
                value_count=each.values,
                product_count=each.products,
                skus=list(each.skus),
            )
            for each in found.lost
        ],
        incomplete=[
            NewlyIncomplete(
                channel=each.channel,
                attributes=list(each.attributes),
                product_count=each.products,
                skus=list(each.skus),
            )
            for each in found.incomplete
        ],
        variants=_variants(found.variants),
    )


def _variants(changed: Sequence[changes.ChangedVariant]) -> list[ChangedVariant]:
    return [
        ChangedVariant(
            code=each.code,
            clashes=[AxisClash(model=one.model, skus=list(one.skus)) for one in each.clashes],
            lacking=list(each.lacking),
            misplaced=list(each.misplaced),
        )
        for each in changed
    ]
