"""What a product costs. Its price is its attribute `price`, as its name is the attribute `name`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import strawberry

from api.schema.attributes import find_attribute, read_value
from api.schema.descriptions import graphql_type
from api.schema.money import Money, money
from catalog.graph.context import ReadContext
from catalog.graph.products import PublishedProduct

PRICE = "price"


@graphql_type
class PriceRange:
    """From the least to the most that a product costs; the same twice where it has one price."""

    min: Money = strawberry.field(description="The lowest price.")
    max: Money = strawberry.field(description="The highest price.")


def price_of(document: Mapping[str, Any], context: ReadContext) -> Money | None:
    """Return the price in the market's currency; None: there is none."""
    stored = find_attribute(document, PRICE)
    reading = read_value(stored, context) if stored and stored["type"] == PRICE else None
    if reading is None or reading.unit is None:
        return None
    return money(reading.value, reading.unit)


def price_range_of(published: PublishedProduct, context: ReadContext) -> PriceRange | None:
    """Return what a product costs, a model as its visible variants do; None: it has no price."""
    prices = sorted(_prices(published, context), key=lambda price: Decimal(price.amount))
    return PriceRange(min=prices[0], max=prices[-1]) if prices else None


def _prices(published: PublishedProduct, context: ReadContext) -> Iterator[Money]:
    """Yield the price of each variant, or of what is sold as it is.

    The document of a variant holds what it inherits from its models.
    """
    for each in published.variants if published.kind == "MODEL" else (published,):
        price = price_of(each.document, context)
        if price is not None:
            yield price
