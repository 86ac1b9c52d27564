"""Families and attributes: the templates of products, for those who keep the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from catalog.access.roles import Action
from catalog.access.rules import EVERY
from catalog.graph.context import ReadContext
from catalog.graph.values import label_of
from catalog.products import model
from catalog.products.group_store import AttributeGroup, find_groups
from catalog.products.structure_store import (
    attribute_codes,
    family_codes,
    find_attributes,
    find_families,
)

_Codes = Annotated[list[str] | None, argument("Only these; by default all.")]


@graphql_type
class LabelText:
    """What people read, in a locale."""

    locale: str = strawberry.field(description="BCP 47, such as `de-DE`.")
    text: str = strawberry.field(description="In that locale.")


@graphql_type
class OptionDefinition:
    """A choice of an attribute."""

    code: str = strawberry.field(description="As values have it.")
    label: str = strawberry.field(description="As people read it; without a label its code.")
    labels: list[LabelText] = strawberry.field(
        description="In every locale.", metadata=STORED.metadata
    )


@graphql_type
class AttributeDefinition:
    """An attribute that products may have."""

    code: str = strawberry.field(description="Natural key, such as `material`.")
    type: str = strawberry.field(description="`text`, `number`, `select` and so on.")
    label: str = strawberry.field(description="As people read it; without a label its code.")
    labels: list[LabelText] = strawberry.field(
        description="In every locale.", metadata=STORED.metadata
    )
    group: str | None = strawberry.field(description="Where product pages put it.")
    localizable: bool = strawberry.field(description="Whether each value is of a locale.")
    scopable: bool = strawberry.field(description="Whether a value may be of one channel.")
    market_scoped: bool = strawberry.field(description="Whether a value may be of one market.")
    unit: str | None = strawberry.field(description="That amounts are usually given in.")
    validation: JSON = strawberry.field(description="What values have to hold to, by rule.")
    options: list[OptionDefinition] = strawberry.field(
        description="Its choices, in their order.", metadata=STORED.metadata
    )


@graphql_type
class FamilyAttributeGroup:
    """Attributes of a family that product pages show together."""

    code: str | None = strawberry.field(description="The group; null: of those without one.")
    label: str | None = strawberry.field(description="As people read it; without a label its code.")
    attributes: list[AttributeDefinition] = strawberry.field(
        description="In the family's order.", metadata=STORED.metadata
    )


@graphql_type
class FamilyRequirement:
    """What a channel requires of the products of a family."""

    channel: str = strawberry.field(description="Its code.")
    attributes: list[str] = strawberry.field(description="Codes; each needs a value there.")


@graphql_type
class FamilyVariantDefinition:
    """A way in which products of a family vary."""

    code: str = strawberry.field(description="Natural key.")
    axes: list[list[str]] = strawberry.field(
        description="Codes of attributes, level by level: what is right below the model, then what "
        "is below that."
    )


@graphql_type
class Family:
    """A template: which attributes products have, what channels require, how they vary."""

    code: str = strawberry.field(description="Natural key.")
    label: str = strawberry.field(description="As people read it; without a label its code.")
    labels: list[LabelText] = strawberry.field(
        description="In every locale.", metadata=STORED.metadata
    )
    groups: list[FamilyAttributeGroup] = strawberry.field(
        description="Its attributes by group, in the order of groups; what is in none is last.",
        metadata=STORED.metadata,
    )
    required: list[FamilyRequirement] = strawberry.field(
        description="By channel.", metadata=STORED.metadata
    )
    variants: list[FamilyVariantDefinition] = strawberry.field(
        description="How its products vary.", metadata=STORED.metadata
    )


@graphql_type
class FamilyQueries:
    """Reads of the templates of products."""

    @field_with(rows=STORED.rows)
    @allowed(Action.PRODUCTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def families(self, info: Info, codes: _Codes = None) -> list[Family] | None:
        """Return families by code; a role that is narrowed to families sees those."""
        state = info.context
        state.require(Action.PRODUCTS_READ, None)
        context = (await state.minter_of(info)).context
        within = state.kept_within()
        async with state.services.pool.acquire() as conn:
            wanted = await family_codes(conn) if codes is None else codes
            found = await find_families(conn, wanted)
            shown = [
                found[code]
                for code in wanted
                if code in found
                and (within is None or any({EVERY, code} & each.families for each in within))
            ]
            named = {code for family in shown for code in family.attributes}
            attributes = await find_attributes(conn, [*named])
            groups = await find_groups(conn)
        return [_family(each, attributes, groups, context) for each in shown]

    @field_with(rows=STORED.rows)
    @allowed(Action.PRODUCTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def attributes(
        self, info: Info, codes: _Codes = None
    ) -> list[AttributeDefinition] | None:
        """Return attributes by code."""
        state = info.context
        state.require(Action.PRODUCTS_READ, None)
        context = (await state.minter_of(info)).context
        async with state.services.pool.acquire() as conn:
            wanted = await attribute_codes(conn) if codes is None else codes
            found = await find_attributes(conn, wanted)
        return [attribute_definition(found[code], context) for code in wanted if code in found]


def _family(
    family: model.Family,
    attributes: Mapping[str, model.Attribute],
    known: Mapping[str, AttributeGroup],
    context: ReadContext,
) -> Family:
    groups: dict[str | None, list[AttributeDefinition]] = {}
    for code in family.attributes:
        made = attribute_definition(attributes[code], context)
        groups.setdefault(made.group, []).append(made)
    return Family(
        code=family.code,
        label=label_of(family.label, context) or family.code,
        labels=_labels(family.label),
        groups=[
            FamilyAttributeGroup(
                code=code,
                label=_group_label(code, known, context),
                attributes=groups[code],
            )
            for code in sorted(groups, key=lambda code: _place_of(code, known))
        ],
        required=[
            FamilyRequirement(channel=channel, attributes=list(codes))
            for channel, codes in sorted(family.required.items())
        ],
        variants=[
            FamilyVariantDefinition(code=each.code, axes=_lists(each.axes))
            for each in family.variants
        ],
    )


def _group_label(
    code: str | None, known: Mapping[str, AttributeGroup], context: ReadContext
) -> str | None:
    group = None if code is None else known.get(code)
    return (label_of(group.label, context) if group is not None else None) or code


def _place_of(code: str | None, known: Mapping[str, AttributeGroup]) -> tuple[bool, bool, int]:
    """Return where a group stands: those with a record, those without, what is in none."""
    group = None if code is None else known.get(code)
    return code is None, group is None, 0 if group is None else group.position


def attribute_definition(attribute: model.Attribute, context: ReadContext) -> AttributeDefinition:
    """Make an `AttributeDefinition`."""
    return AttributeDefinition(
        code=attribute.code,
        type=attribute.attribute_type,
        label=label_of(attribute.label, context) or attribute.code,
        labels=_labels(attribute.label),
        group=attribute.group or None,
        localizable=attribute.localizable,
        scopable=attribute.scopable,
        market_scoped=attribute.market_scoped,
        unit=attribute.unit or None,
        validation=_json(attribute.validation),
        options=[
            OptionDefinition(
                code=each.code,
                label=label_of(each.label, context) or each.code,
                labels=_labels(each.label),
            )
            for each in attribute.options
        ],
    )


def _labels(labels: Mapping[str, str]) -> list[LabelText]:
    return [LabelText(locale=locale, text=text) for locale, text in sorted(labels.items())]


def _lists(levels: Iterable[Sequence[str]]) -> list[list[str]]:
    return [[*level] for level in levels]


def _json(validation: Mapping[str, Any]) -> JSON:
    return JSON({**validation})
