"""Pages of products: filters, orders, connections."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import strawberry

from api.documents.bounds import Bound as Argument
from api.documents.declared import PAGE, FieldDeclaration, Needs, PageSizeError
from api.schema.descriptions import graphql_enum, graphql_input, graphql_type
from api.schema.nodes import PageInfo
from api.schema.product import Product, ProductEdge, ProductKind
from catalog.errors import InvalidInputError
from catalog.graph.filter_codes import NamedCodes
from catalog.graph.listing import Filter, OrderField, PageBound, PageRequest, decode_cursor

_CONDITIONS = Argument(most=50)
#: As many as a page holds.
_KEYS = Argument(refused_as=PageSizeError)


@graphql_input
class AttributeFilter:
    """A condition on one attribute: it has one of these values."""

    code: str = strawberry.field(description="Of the attribute.")
    values: list[str] = strawberry.field(
        description="Option codes, numbers as text such as `1.5`, or `true` and `false`."
    )


@graphql_input
class ProductFilter:
    """Conditions that hold together; what is left out holds for all."""

    categories: list[str] | None = strawberry.field(
        description="In one of these, or below.", default=None
    )
    family: list[str] | None = strawberry.field(description="Of one of these.", default=None)
    kind: list[ProductKind] | None = strawberry.field(
        description="By default simple products and the topmost models: one card each.",
        default=None,
    )
    attributes: list[AttributeFilter] | None = strawberry.field(
        description="All of these conditions.", default=None, metadata=_CONDITIONS.metadata
    )
    models: list[str] | None = strawberry.field(
        description="Variants of one of these, by sku.", default=None
    )
    skus: list[str] | None = strawberry.field(
        description="One of these; of any kind, unless `kind` says which.",
        default=None,
        metadata=_KEYS.metadata,
    )
    ids: list[strawberry.ID] | None = strawberry.field(
        description="One of these; of any kind, unless `kind` says which.",
        default=None,
        metadata=_KEYS.metadata,
    )
    gtins: list[str] | None = strawberry.field(
        description="With one of these, with leading zeros or without; of any kind, unless `kind` "
        "says which.",
        default=None,
        metadata=_KEYS.metadata,
    )

    def codes(self) -> NamedCodes:
        """Return the codes that have to be some that there are."""
        return NamedCodes(
            attributes=[each.code for each in self.attributes or ()],
            families=self.family or (),
            categories=self.categories or (),
            values=[(each.code, each.values) for each in self.attributes or ()],
        )

    def to_domain(self) -> Filter:
        """Translate for the domain."""
        return Filter(
            categories=_optional(self.categories),
            families=_optional(self.family),
            kinds=None if self.kind is None else tuple(each.value for each in self.kind),
            facets=tuple(
                tuple(f"{each.code}={value}" for value in each.values)
                for each in self.attributes or []
            ),
            models=_optional(self.models),
            skus=_optional(self.skus),
            ids=_optional(self.ids),
            gtins=_optional(self.gtins),
        )


@graphql_enum
class ProductOrderField(Enum):
    """What products are sorted by.

    Attributes:
        NAME: As people read it.
        SKU: The natural key.
        PUBLISHED_AT: When it was last published on the channel.
    """

    NAME = OrderField.NAME
    SKU = OrderField.SKU
    PUBLISHED_AT = OrderField.PUBLISHED_AT


@graphql_enum
class Direction(Enum):
    """Which end comes first.

    Attributes:
        ASC: From the smallest on, or the oldest.
        DESC: From the largest on, or the newest.
    """

    ASC = False
    DESC = True


@graphql_input
class ProductOrder:
    """The order of a list; ties are broken, so pages never overlap."""

    field: ProductOrderField = strawberry.field(
        description="What is compared.", default=ProductOrderField.NAME
    )
    direction: Direction = strawberry.field(
        description="Which end comes first.", default=Direction.ASC
    )


@graphql_type
class ProductConnection:
    """A page of products (Relay cursor connections)."""

    edges: list[ProductEdge] = strawberry.field(
        description="The items of this page, each with its cursor.",
        metadata=FieldDeclaration(needs=Needs(edges=True)).metadata,
    )
    nodes: list[Product] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")
    total_count: int | None = strawberry.field(
        description="Of the whole list; counted only where it is selected.",
        metadata=FieldDeclaration(needs=Needs(total=True)).metadata,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageArguments:
    """The arguments of a connection, as they were given."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None


def page_of(window: PageArguments, order: ProductOrder, *, with_total: bool) -> PageRequest:
    """Check the arguments of a connection.

    Raises:
        InvalidInputError: sizes out of bounds, both ends at once, or a cursor of another list.
    """
    if window.first is not None and window.last is not None:
        raise InvalidInputError("`first` and `last` exclude each other", field="last")
    field = order.field.value
    size = window.first if window.last is None else window.last
    return PageRequest(
        size=PAGE.size(size, "first" if window.last is None else "last"),
        order=field,
        is_descending=order.direction.value,
        after=_bound(field, window.after, "after"),
        before=_bound(field, window.before, "before"),
        is_backward=window.last is not None,
        with_total=with_total,
    )


def _bound(order: OrderField, cursor: str | None, name: str) -> PageBound | None:
    return None if cursor is None else decode_cursor(order, cursor, field=name)


def _optional(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
