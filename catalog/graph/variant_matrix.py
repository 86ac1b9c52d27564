"""Which combinations of options a model has as they are kept, and where each is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final

from catalog.access.rules import Narrowing
from catalog.db import Connection
from catalog.graph.product_places import LIES_WITHIN, ON_ITS_CHANNELS, written_places
from catalog.graph.reference import Reference
from catalog.products.structure_store import find_families
from catalog.publication.rules import text_of
from catalog.statement_values import StatementValues

#: A model with more variants is browsed by `catalogueProducts`.
MOST_COMBINATIONS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationPublication:
    """Where a combination is published, now or from an instant on.

    Attributes:
        markets: codes of those in whose currency it states a price; of what has no prices, all.
    """

    channel: str
    version: int
    visible_from: datetime
    visible_until: datetime | None
    markets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """A variant by its options.

    Attributes:
        values: on the axes, in their order; None: it has none yet.
    """

    sku: str
    values: tuple[str | None, ...]
    publications: tuple[CombinationPublication, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantMatrix:
    """The combinations that a model has, by sku, and how many there are."""

    model: str
    axes: tuple[str, ...]
    combinations: tuple[Combination, ...]
    count: int


_TOP = """
WITH RECURSIVE line AS (
    SELECT id, parent FROM product WHERE sku = $1 AND kind <> 'SIMPLE'
    UNION ALL
    SELECT p.id, p.parent FROM line JOIN product AS p ON p.id = line.parent
)
SELECT p.id, p.sku, p.family, p.family_variant FROM line JOIN product AS p ON p.id = line.id
WHERE p.parent IS NULL AND {within}
"""
# A variant has what the models above it state for their level of axes.
_COMBINATIONS = """
WITH RECURSIVE below AS (
    SELECT id, sku, kind, family, parent, ARRAY[id] AS line FROM product WHERE id = $1
    UNION ALL
    SELECT p.id, p.sku, p.kind, p.family, p.parent, p.id || below.line
    FROM below JOIN product AS p ON p.parent = below.id
)
SELECT p.sku, count(*) OVER () AS count, (
    SELECT coalesce(jsonb_object_agg(v.attribute, v.data), '{{}}') FROM product_value AS v
    WHERE v.owner = ANY (p.line) AND v.attribute = ANY ($2)
      AND v.locale IS NULL AND v.market IS NULL AND v.channel IS NULL
) AS values, (
    SELECT jsonb_agg(jsonb_build_array(channel, version, visible_from, visible_until,
        jsonb_path_query_array(document, '$.attributes[*] ? (@.type == "price")')) ORDER BY channel)
    FROM publication WHERE product = p.id AND ended_at IS NULL
      AND (visible_until IS NULL OR visible_until > now()) AND {there}
) AS publications
FROM below AS p WHERE p.kind = 'VARIANT' ORDER BY p.sku LIMIT $3
"""


async def load_matrix(
    conn: Connection,
    reference: Reference,
    sku: str,
    *,
    within: Sequence[Narrowing] | None,
    most: int = MOST_COMBINATIONS,
) -> VariantMatrix | None:
    """Return the combinations of the model on top of a product; None: there is no such model.

    Args:
        conn: to the primary.
        reference: all markets.
        sku: of the model, or of anything below it.
        within: where whoever asks may see products, one of these; None: everywhere. Publications
            are those on the channels of what the product lies within.
        most: combinations that are returned.
    """
    values = StatementValues(sku)
    lies_within = _lies_within(within, values)
    top = await conn.fetchrow(_TOP.format(within=lies_within), *values.all)
    if top is None:
        return None
    family = (await find_families(conn, [top["family"]]))[top["family"]]
    axes = tuple(chain.from_iterable(family.axes_of(top["family_variant"])))
    values = StatementValues(top["id"], list(axes), most)
    there = _lies_within(within, values, more=ON_ITS_CHANNELS)
    rows = await conn.fetch(_COMBINATIONS.format(there=there), *values.all)
    return VariantMatrix(
        model=top["sku"],
        axes=axes,
        combinations=tuple(
            Combination(
                sku=row["sku"],
                values=tuple(
                    text_of(row["values"][axis]) if axis in row["values"] else None for axis in axes
                ),
                publications=tuple(
                    _publication(each, reference) for each in row["publications"] or ()
                ),
            )
            for row in rows
        ),
        count=rows[0]["count"] if rows else 0,
    )


def _lies_within(
    within: Sequence[Narrowing] | None, values: StatementValues, *, more: str = ""
) -> str:
    if within is None:
        return "true"
    return LIES_WITHIN.format(places=values.add("{}", written_places(within)), more=more)


def _publication(row: Sequence[Any], reference: Reference) -> CombinationPublication:
    channel, version, begins, ends, prices = row
    return CombinationPublication(
        channel=channel,
        version=version,
        visible_from=datetime.fromisoformat(begins),
        visible_until=None if ends is None else datetime.fromisoformat(ends),
        markets=tuple(code for code in reference.markets if sold_in(code, prices, reference)),
    )


def sold_in(market: str, prices: Sequence[Mapping[str, Any]], reference: Reference) -> bool:
    """Return whether a market has a price in its currency, its own or that of a market above it.

    Args:
        market: the code.
        prices: the attributes of the type `price` of a document; without any, everything is sold.
        reference: all markets.
    """
    currency = reference.markets[market].currency
    if not prices:
        return True
    by_market = {each["market"]: each["data"] for price in prices for each in price["values"]}
    nearest = next(
        (code for code in (*reference.market_chain(market), None) if code in by_market), ""
    )
    return nearest != "" and currency in by_market[nearest]
