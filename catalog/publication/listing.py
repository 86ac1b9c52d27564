"""How a published product stands in lists: its name to sort by, its facets, its markets. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from catalog.products.values import Scope, resolve
from catalog.publication.model import Document, Listing, Publication, Shelf
from catalog.publication.rules import text_of

#: Stands in `markets` for readers who name no market.
NO_MARKET = ""

_FACET_TYPES = {"select", "multiselect", "boolean", "number", "term"}
_MAX_SORT_LENGTH = 200  # a B-tree takes 2,700 bytes


def listings_of(publication: Publication, shelf: Shelf) -> list[Listing]:
    """Return one listing for each locale, or one for each set of markets that see the same."""
    document = publication.document
    values = _values_of(document)
    facet_codes = [each["code"] for each in document["attributes"] if each["type"] in _FACET_TYPES]
    codes = {code for category in document["categories"] for code in category["path"]}
    categories = tuple(sorted(codes))
    is_by_market = any(
        scope.market is not None and scope.attribute in {"name", *facet_codes} for scope in values
    )
    listings: list[Listing] = []
    for locale, locales in shelf.locales.items():
        seen: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for market, markets in _markets(shelf, is_by_market=is_by_market).items():
            name = resolve(values, "name", locales, markets)
            sort_name = sort_key(name if isinstance(name, str) else publication.sku)
            facets = _facets(facet_codes, values, locales, markets)
            seen.setdefault((sort_name, facets), []).append(market)
        listings += [
            Listing(
                publication=publication,
                locale=locale,
                markets=None if len(seen) == 1 else tuple(sorted(markets)),
                sort_name=sort_name,
                categories=categories,
                facets=facets,
            )
            for (sort_name, facets), markets in seen.items()
        ]
    return listings


def sort_key(name: str) -> str:
    """Return a name in a form that sorts as people expect: without case and accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(each for each in plain if not unicodedata.combining(each))[:_MAX_SORT_LENGTH]


def _values_of(document: Document) -> dict[Scope, Any]:
    return {
        Scope(attribute["code"], value["locale"], value["market"]): value["data"]
        for attribute in document["attributes"]
        for value in attribute["values"]
    }


def _markets(shelf: Shelf, *, is_by_market: bool) -> Mapping[str, tuple[str, ...]]:
    return {NO_MARKET: (), **(shelf.markets if is_by_market else {})}


def _facets(
    codes: Iterable[str],
    values: Mapping[Scope, Any],
    locales: Sequence[str],
    markets: Sequence[str],
) -> tuple[str, ...]:
    facets: list[str] = []
    for code in codes:
        data = resolve(values, code, locales, markets)
        if isinstance(data, list):
            facets += [f"{code}={each}" for each in cast("list[str]", data)]
        elif data is not None:
            facets.append(f"{code}={text_of(data)}")
    return tuple(facets)
