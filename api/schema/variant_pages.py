"""Pages of a model's variants: their cursors, and how many variants they are loaded with."""

from collections.abc import Mapping
from typing import Any

from api.documents.declared import Needs, PageSize, PageSizeError
from catalog.errors import InvalidInputError
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor

VARIANTS = PageSize(default=20)
#: That a model is read with.
MOST_VARIANTS = 1_000
_LIST = "VARIANTS"
_MOST_DIGITS = 9


def variant_cursor(place: int, sku: str) -> str:
    """Write the cursor of a variant: its place among those of its model, from 1 on, and its sku."""
    return write_cursor(_LIST, str(place), sku)


def read_variant_cursor(cursor: str) -> tuple[int, str]:
    """Read what `variant_cursor` wrote.

    Raises:
        InvalidCursorError: it is anything else.
        PageSizeError: more variants come before than are read with their model.
    """
    place, sku = read_cursor(_LIST, cursor, count=2, field="after")
    if not (place.isdecimal() and len(place) <= _MOST_DIGITS):
        raise InvalidCursorError(field="after")
    if int(place) > MOST_VARIANTS - PageSize.largest:
        raise PageSizeError(
            f"a model is read with its first {MOST_VARIANTS:,} variants; browse more by "
            "`products(filter: {models: […]})`",
            field="after",
        )
    return int(place), sku


def needs_of_page(arguments: Mapping[str, Any]) -> Needs:
    """Return what a page of variants needs: all that come before it, too."""
    after: str | None = arguments["after"]
    try:
        before = read_variant_cursor(after)[0] if after is not None else 0
    except InvalidInputError:  # refused by the resolver
        before = 0
    return Needs(variants=min(before + VARIANTS.counted(arguments["first"]), MOST_VARIANTS))
