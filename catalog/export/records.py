"""Everything that a house holds as lines of the bulk format, read as it is at one instant."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.bulk.records import RECORD_TYPES
from catalog.db import Pool
from catalog.errors import InvalidInputError
from catalog.export import store
from catalog.export.originals import Original, original_of
from catalog.export.publications import PUBLISHED, published

#: What a house holds, by the names of the bulk format, in the order in which an import applies it.
EXPORTED_TYPES = tuple(
    each.name for each in RECORD_TYPES if each.name in store.STATEMENTS or each.name in PUBLISHED
)

_OF_A_KIND = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """What was written.

    Attributes:
        counts: records by type.
        originals: how many files stand beside them.
    """

    counts: Counter[str]
    originals: int = 0


def known_types(types: Collection[str] | None) -> list[str]:
    """Return these types in the order in which they are written; None: all of them.

    Raises:
        InvalidInputError: there is no such type.
    """
    named = EXPORTED_TYPES if types is None else types
    unknown = sorted(set(named).difference(EXPORTED_TYPES))
    if unknown:
        raise InvalidInputError(
            f"{', '.join(unknown)}: choose of {', '.join(EXPORTED_TYPES)}", field="types"
        )
    return [each for each in EXPORTED_TYPES if each in named]


async def export_records(
    pool: Pool,
    write: Callable[[bytes], object],
    *,
    types: Collection[str] = EXPORTED_TYPES,
    keep_original: Callable[[Original], Awaitable[str]] | None = None,
) -> ExportResult:
    """Write records, line by line, in the order in which an import applies them.

    The same catalogue gives the same bytes: keys are sorted, instants are absolute, and nothing
    stands in them that another house would give another value, such as ids.

    Args:
        pool: of the database; one session is used, and sees one instant.
        write: takes a line with its end.
        types: names of `EXPORTED_TYPES`.
        keep_original: keeps the bytes of an asset and returns the path that its record names;
            None: the records name no files.

    Raises:
        InvalidInputError: there is no such type.
    """
    wanted = known_types(types)
    counts = Counter[str]()
    originals = set[str]()
    async with pool.acquire() as conn, store.one_instant(conn):
        for name in wanted:
            source = published if name in PUBLISHED else store.records_of
            async with aclosing(source(conn, name)) as records:
                async for stored in records:
                    record = _stated(stored)
                    original = original_of(record)
                    if original is not None and keep_original is not None:
                        record["file"] = await keep_original(original)
                        originals.add(original.sha256)
                    write(orjson.dumps({"type": name, **record}, option=_OF_A_KIND))
                    counts[name] += 1
    return ExportResult(counts=counts, originals=len(originals))


def _stated(stored: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says: what is empty in it says nothing of a house that is new."""
    return {key: value for key, value in stored.items() if value is not None}
