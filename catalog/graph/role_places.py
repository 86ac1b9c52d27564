"""What a role is narrowed to has to exist: by a slip of the pen it would hold nowhere."""

from collections.abc import Mapping

from catalog.access.rules import DIMENSIONS, EVERY, Narrowing
from catalog.db import Connection
from catalog.errors import UnknownNameError
from catalog.graph.reference import load_reference
from catalog.products import structure_store


async def narrowing_to(conn: Connection, named: Mapping[str, frozenset[str]]) -> Narrowing:
    """Return the narrowing to codes.

    Args:
        conn: to the primary.
        named: codes by dimension, such as `markets`; of one that is left out, or empty, all.

    Raises:
        UnknownNameError: there is no such code.
    """
    codes = {each: named.get(each, frozenset[str]()) for each in DIMENSIONS}
    reference = await load_reference(conn)
    known = {
        "markets": reference.markets,
        "channels": reference.channels,
        "locales": reference.locales,
        "families": await structure_store.find_families(conn, [*codes["families"]]),
        "categories": await structure_store.find_categories_above(conn, codes["categories"]),
        "fields": await structure_store.find_attributes(conn, [*codes["fields"]]),
    }
    for dimension, wanted in codes.items():
        for code in sorted(wanted - {*known[dimension]}):
            raise UnknownNameError(
                f"{dimension}: there is no {code!r}", field=dimension, named=((dimension, code),)
            )
    return Narrowing(**{each: wanted or frozenset({EVERY}) for each, wanted in codes.items()})
