"""Siblings that look alike: variants of one model with the same colour, whatever their sizes.

A family whose colours are sub-models hangs their pictures there. Where colour and size are axes of
one level, nothing stands between model and variant: what hangs on one red variant shows them all.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from catalog.db import Connection
from catalog.graph.context import ReadContext
from catalog.graph.products import PublishedProduct

#: The most siblings of a variant that are looked at for its pictures, in the order of options.
MOST_ALIKE: Final = 100

ALIKE_SQL = """
SELECT model.id AS model, p.product, p.options ->> model.axis AS value
FROM unnest($3::uuid[], $4::text[]) AS model(id, axis)
JOIN publication AS p ON p.ancestors @> ARRAY[model.id] AND p.channel = $1
    AND p.ended_at IS NULL AND p.kind = 'VARIANT'
    AND p.visible_from <= $2 AND (p.visible_until IS NULL OR p.visible_until > $2)
ORDER BY p.option_order, p.sku
"""


async def find_alike(
    conn: Connection, context: ReadContext, products: Sequence[PublishedProduct]
) -> dict[uuid.UUID, tuple[uuid.UUID, ...]]:
    """Return the siblings that look like each variant that is shown, in the order of options.

    In one statement, and in none where no model has several axes on its only level.

    Args:
        conn: by which the products were read.
        context: its channel and instant.
        products: that are shown, with their variants.
    """
    axes = _axes_of(products)
    if not axes:
        return {}
    rows = await conn.fetch(
        ALIKE_SQL, context.channel.code, context.now, list(axes), list(axes.values())
    )
    groups = groups_of((row["model"], row["product"], row["value"]) for row in rows)
    return {each.id: groups[each.id] for each in _variants(products) if each.id in groups}


def groups_of(
    variants: Iterable[tuple[uuid.UUID, uuid.UUID, str | None]],
) -> dict[uuid.UUID, tuple[uuid.UUID, ...]]:
    """Return the first that look alike, by each of all that do, itself among them.

    Args:
        variants: the model, the variant, and its value on the axis that pictures go by.
    """
    groups: dict[tuple[uuid.UUID, str], list[uuid.UUID]] = {}
    for model, variant, value in variants:
        if value is not None:
            groups.setdefault((model, value), []).append(variant)
    found: dict[uuid.UUID, tuple[uuid.UUID, ...]] = {}
    for group in groups.values():
        found |= dict.fromkeys(group, tuple(group[:MOST_ALIKE]))
    return found


def _axes_of(products: Iterable[PublishedProduct]) -> Mapping[uuid.UUID, str]:
    """Return the axis that pictures go by, the first, of each model whose only level has more."""
    axes: dict[uuid.UUID, str] = {}
    for each in products:
        levels = each.document.get("axes", ())
        if len(levels) == 1 and len(levels[0]) > 1:
            model = each.ancestors[0] if each.kind == "VARIANT" else each.id
            if each.kind == "VARIANT" or each.variants:
                axes[model] = levels[0][0]
    return axes


def _variants(products: Iterable[PublishedProduct]) -> Iterable[PublishedProduct]:
    for each in products:
        yield from (one for one in (each, *each.variants) if one.kind == "VARIANT")
