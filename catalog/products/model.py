"""Frozen values of products and of the structure that they fit, and records that change them.

In a record None means: left out, keep what is stored. An empty text clears a field that may be
absent. Lists and mappings are whole, but for values, which are stated one by one.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from catalog.channels.model import Scopes
from catalog.errors import ConflictError, VitrineError
from catalog.members import Stated

AttributeType = Literal[
    "text",
    "rich_text",
    "number",
    "decimal",
    "boolean",
    "date",
    "select",
    "multiselect",
    "measurement",
    "price",
    "term",
    "product",
    "table",
    "asset",
]
ProductKind = Literal["MODEL", "VARIANT", "SIMPLE"]

#: Locale to text.
Label = Mapping[str, str]


class GtinError(VitrineError):
    """A GTIN has another length than 8, 12, 13 or 14 digits, or its check digit is wrong."""

    code = "GTIN_INVALID"


class AxisTakenError(ConflictError):
    """A sibling has the same values on the axes already."""

    code = "AXIS_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One choice of a select or multiselect attribute; its position is its place in the list."""

    code: str
    label: Label = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """What a value may be.

    Attributes:
        localizable: every value names a locale; otherwise none does.
        scopable: a value may name a channel, and then beats the one that names none.
        market_scoped: a value may name a market, and then beats the one that names none.
        unit: that measurements are compared in; each may be given in another of its dimension.
        validation: `min_length`, `max_length`, `pattern` (texts), `min`, `max` (numbers, dates,
            measurements in the attribute's unit), `decimals` (the most of a number; of a price in
            place of those of its currency), `columns`, `max_rows` (tables).
    """

    code: str
    attribute_type: AttributeType
    label: Label = field(default_factory=dict[str, str])
    localizable: bool = False
    scopable: bool = False
    market_scoped: bool = False
    unit: str | None = None
    validation: Mapping[str, Any] = field(default_factory=dict[str, Any])
    group: str | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyVariant:
    """One way in which products of a family vary: the attribute codes of each level."""

    code: str
    axes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Which attributes products have, which of them a channel requires, how products vary."""

    code: str
    label: Label = field(default_factory=dict[str, str])
    attributes: tuple[str, ...] = ()
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    variants: tuple[FamilyVariant, ...] = ()

    def axes_of(self, variant: str | None) -> tuple[tuple[str, ...], ...]:
        """Return the axes of one of the family's variants, level by level; () for none."""
        return next((each.axes for each in self.variants if each.code == variant), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A node of a tree; a root has no parent and names its tree."""

    code: str
    parent: str | None = None
    label: Label = field(default_factory=dict[str, str])
    position: int = 0


class ValueKey(NamedTuple):
    """What a product has at most one value for."""

    attribute: str
    locale: str | None
    market: str | None
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The draft of a product.

    Attributes:
        wrong_gtin: what was given last as its GTIN and is none.
        family_variant: of models only.
        updated_at: of the last change; None: it is not stored yet.
        values: its own, without inherited ones.
    """

    id: uuid.UUID
    public_id: str
    sku: str
    gtin: str | None
    wrong_gtin: str | None = None
    kind: ProductKind
    family: str
    family_variant: str | None
    parent: uuid.UUID | None
    revision: int
    updated_at: datetime | None = None
    categories: frozenset[str] = frozenset()
    values: Mapping[ValueKey, Any] = field(default_factory=dict[ValueKey, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeRecord:
    """An attribute of the bulk format."""

    code: str
    attribute_type: AttributeType | None = None
    label: Label | None = None
    localizable: bool | None = None
    scopable: bool | None = None
    market_scoped: bool | None = None
    unit: str | None = None
    validation: Mapping[str, Any] | None = None
    group: str | None = None
    options: tuple[Option, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRecord:
    """A family of the bulk format."""

    code: str
    label: Label | None = None
    attributes: tuple[str, ...] | None = None
    required: Mapping[str, tuple[str, ...]] | None = None
    variants: tuple[FamilyVariant, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRecord:
    """A category of the bulk format."""

    code: str
    parent: str | None = None
    label: Label | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRecord:
    """One value of a product in the bulk format.

    Attributes:
        data: None takes the value away; of a price, None in place of an amount takes the currency.
    """

    attribute: str
    data: Any
    locale: str | None = None
    market: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRecord:
    """A product of the bulk format; `parent` is a sku.

    Attributes:
        values: the others stay.
        replace_values: `values` are the whole set instead.
        strict_gtin: a wrong GTIN costs the product; else it is kept aside for a person.
    """

    sku: str
    kind: ProductKind | None = None
    family: str | None = None
    family_variant: str | None = None
    parent: str | None = None
    gtin: str | None = None
    categories: Stated[str] = None
    values: tuple[ValueRecord, ...] | None = None
    replace_values: bool = False
    strict_gtin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """What the records of a batch may name, as far as they name it."""

    attributes: Mapping[str, Attribute]
    families: Mapping[str, Family]
    categories: frozenset[str]
    scopes: Scopes
    options: Mapping[str, frozenset[str]]
