"""What a change of a family does to its products, before it is made. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.completeness.rules import missing_attributes
from catalog.products.model import Attribute, Family
from catalog.products.rules import mark_of
from catalog.products.values import ValueScope

#: The most skus that are named of the products that something happens to.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LostValues:
    """Values that no product shows any more, since its family does not have the attribute.

    Attributes:
        products: how many have such values; an inherited one counts at the model.
        skus: of the first of them.
    """

    attribute: str
    values: int
    products: int
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledPattern:
    """Which values products have, their models' included: all that have the same count as one.

    Attributes:
        filled: attribute, locale and channel of each.
        skus: of the first of them.
    """

    filled: frozenset[tuple[str, str | None, str | None]]
    products: int
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewlyIncomplete:
    """Products that a channel publishes now and would refuse.

    Attributes:
        attributes: that they would lack.
    """

    channel: str
    attributes: tuple[str, ...]
    products: int
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMember:
    """A product below a model that varies in some way.

    Attributes:
        depth: 1 right below the model on top.
        parent: the sku of the model above.
        values: on old and new axes, by attribute.
    """

    sku: str
    kind: str
    parent: str
    depth: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisClash:
    """Siblings that could not be told apart any more.

    Attributes:
        model: the sku that they are below.
    """

    model: str
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedVariant:
    """What other axes of a family variant would do.

    Attributes:
        lacking: products without a value for an axis of their level.
        misplaced: products at a level that there would not be, or that had to be another kind.
    """

    code: str
    clashes: tuple[AxisClash, ...]
    lacking: tuple[str, ...]
    misplaced: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyConsequences:
    """What a change of a family does; a variant is told of only where something happens.

    Attributes:
        products: of the family.
    """

    products: int = 0
    lost: tuple[LostValues, ...] = ()
    incomplete: tuple[NewlyIncomplete, ...] = ()
    variants: tuple[ChangedVariant, ...] = ()


def newly_required(before: Family, after: Family) -> frozenset[str]:
    """Return the attributes that some channel would require and does not now."""
    return frozenset(
        code
        for channel, codes in after.required.items()
        for code in codes
        if code not in before.required.get(channel, ())
    )


def newly_incomplete(
    before: Family,
    after: Family,
    attributes: Mapping[str, Attribute],
    channels: Mapping[str, Mapping[str, Sequence[str]]],
    patterns: Iterable[FilledPattern],
) -> list[NewlyIncomplete]:
    """Return what each channel would refuse that it takes now, by channel and what is lacking.

    Args:
        before: the family as it is.
        after: as it would be.
        attributes: by code.
        channels: of each its locales with their fallback chains.
        patterns: of the products that are sold, with the values of all attributes that either
            requires.
    """
    localizable = frozenset(code for code, each in attributes.items() if each.localizable)
    found: dict[tuple[str, tuple[str, ...]], list[FilledPattern]] = {}
    for pattern in patterns:
        for channel, locales in channels.items():
            required = after.required.get(channel, ())
            had = before.required.get(channel, ())
            values = {
                ValueScope(attribute, locale, None): True
                for attribute, locale, of in pattern.filled
                if of in {None, channel}
            }
            if missing_attributes(had, localizable, values, locales):
                continue
            missing = missing_attributes(required, localizable, values, locales)
            if missing:
                lacks = tuple(sorted({each.attribute for each in missing}))
                found.setdefault((channel, lacks), []).append(pattern)
    return [
        NewlyIncomplete(
            channel=channel,
            attributes=lacks,
            products=sum(each.products for each in those),
            skus=_named(sku for each in those for sku in each.skus),
        )
        for (channel, lacks), those in sorted(found.items())
    ]


def changed_variants(before: Family, after: Family) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return the new axes of the stored variants whose axes would change; () for one that ends."""
    return {
        each.code: after.axes_of(each.code)
        for each in before.variants
        if after.axes_of(each.code) != each.axes
    }


def changed_variant(
    code: str, axes: Sequence[Sequence[str]], members: Iterable[LineMember]
) -> ChangedVariant:
    """Return what other axes do to the products that vary by them.

    Args:
        code: of the family variant.
        axes: of each level, as they would be.
        members: all products below models that vary by it.
    """
    siblings: dict[tuple[str, object], list[str]] = {}
    lacking: list[str] = []
    misplaced: list[str] = []
    for each in sorted(members, key=lambda member: member.sku):
        is_right = each.depth == len(axes) if each.kind == "VARIANT" else each.depth < len(axes)
        if not is_right:
            misplaced.append(each.sku)
            continue
        own = axes[each.depth - 1]
        if any(axis not in each.values for axis in own):
            lacking.append(each.sku)
            continue
        mark = mark_of(each.values[axis] for axis in own)
        siblings.setdefault((each.parent, mark), []).append(each.sku)
    return ChangedVariant(
        code=code,
        clashes=tuple(
            AxisClash(model=model, skus=tuple(skus))
            for (model, _), skus in siblings.items()
            if len(skus) > 1
        ),
        lacking=tuple(lacking),
        misplaced=tuple(misplaced),
    )


def _named(skus: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(skus)[:MOST_NAMED])
