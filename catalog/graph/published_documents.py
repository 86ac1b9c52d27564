"""The documents of publications, parsed once: a version of one never changes."""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter
from sys import intern
from typing import Any, Final, TypeAlias

import orjson
import prometheus_client

from catalog.db import Connection
from catalog.memory.kept import Kept
from catalog.memory.memo import Memo

#: Of memory, about, besides its text: of a document, and of what it has.
_DOCUMENT_BYTES, _ATTRIBUTE_BYTES, _VALUE_BYTES, _OPTION_BYTES = 1_700, 450, 270, 100
#: Of an attribute as it is read in a context, and of an option that it has there.
_READ_BYTES, _OPTION_READ_BYTES = 320, 250
#: Attributes and options of which documents hold the same labels: 20 MiB, about, at the most.
MOST_COMMON = 40_000


class PublishedDocument(dict[str, Any]):
    """What `catalog/publication` froze. Nobody may change it.

    Args:
        stored: parsed.
        text_bytes: of its JSON.

    Attributes:
        read: its attributes, as they are read in a context.
    """

    __slots__ = ("__weakref__", "_stored_bytes", "read")

    def __init__(self, stored: Mapping[str, Any], text_bytes: int) -> None:
        super().__init__(stored)
        self._stored_bytes = (
            _DOCUMENT_BYTES + text_bytes + sum(map(_weight_of, stored["attributes"]))
        )
        self.read: Final[Memo[Any]] = Memo(4, _weight_of_read)

    @property
    def weight(self) -> int:
        """Return the bytes that it takes with all that was read of it, about."""
        return self._stored_bytes + self.read.weight


def _weight_of(attribute: Mapping[str, Any]) -> int:
    options, values = attribute["options"], attribute["values"]
    return _ATTRIBUTE_BYTES + _OPTION_BYTES * len(options) + _VALUE_BYTES * len(values)


def _weight_of_read(attributes: Sequence[Any]) -> int:
    return sum(
        _READ_BYTES + _OPTION_READ_BYTES * (len(each.options) + len(each.columns))
        for each in attributes
    )


#: A product and the version of its publication on the channel that is read.
Version: TypeAlias = tuple[uuid.UUID, int]
#: A channel, a version of a publication there, and whether it is an outline of its document.
_Key: TypeAlias = tuple[str, Version, bool]

_READ = prometheus_client.Counter(
    "vitrine_published_documents_read", "Documents of publications read from the database."
)
_BYTES = prometheus_client.Gauge(
    "vitrine_published_documents_bytes",
    "What is kept of documents of publications, about, up to its bound.",
)

DOCUMENTS_SQL = """
SELECT p.product, p.version, NOT wanted.is_whole AS is_outline, CASE WHEN wanted.is_whole
    THEN p.document::text
    ELSE jsonb_build_object(
        'gtin', p.document -> 'gtin', 'options', p.document -> 'options',
        'attributes', jsonb_path_query_array(
            p.document, '$.attributes[*] ? (@.code == "name" || @.code == "price")'))::text
    END AS text
FROM unnest($2::uuid[], $3::int[], $4::bool[]) AS wanted (product, version, is_whole)
JOIN publication AS p
  ON p.product = wanted.product AND p.channel = $1 AND p.version = wanted.version
"""


class PublishedDocuments:
    """Keeps the documents and outlines that were read last.

    Args:
        max_bytes: about; 0: nothing is kept.
        is_measured: whether metrics tell of it.
    """

    def __init__(self, max_bytes: int, *, is_measured: bool = True) -> None:
        self.kept: Kept[_Key, PublishedDocument] = Kept(max_bytes, weigh=attrgetter("weight"))
        self.common = SharedAttributeData(MOST_COMMON if max_bytes else 0)
        if is_measured:
            _BYTES.set_function(lambda: self.kept.weight)

    async def get(
        self,
        conn: Connection,
        channel: str,
        whole: Sequence[Version],
        outlined: Sequence[Version] = (),
    ) -> dict[Version, PublishedDocument]:
        """Return documents, in one statement for all that are not kept. Nobody may change them.

        Args:
            conn: to the primary.
            channel: of the publications.
            whole: the versions whose documents are needed.
            outlined: versions of which an outline is enough: `gtin`, `options`, and of the
                `attributes` name and price. None of `whole` is among them.
        """
        wanted = [(channel, version, False) for version in whole]
        wanted += [(channel, version, True) for version in outlined]
        found = await self.kept.many(wanted, partial(self._read, conn, channel))
        return {version: document for (_, version, _), document in found.items()}

    async def _read(
        self, conn: Connection, channel: str, missing: Sequence[_Key]
    ) -> dict[_Key, PublishedDocument]:
        rows = await conn.fetch(
            DOCUMENTS_SQL,
            channel,
            [product for _, (product, _), _ in missing],
            [number for _, (_, number), _ in missing],
            [not is_outline for _, _, is_outline in missing],
        )
        found: dict[_Key, PublishedDocument] = {}
        for row in rows:
            text = row["text"]
            stored = self.common.of(orjson.loads(text))
            text_bytes = len(text) if text.isascii() else 2 * len(text)
            key = channel, (row["product"], row["version"]), row["is_outline"]
            found[key] = PublishedDocument(stored, text_bytes)
        _READ.inc(len(rows))
        return found


class SharedAttributeData:
    """What is said of attributes in most documents alike: kept once for all of them.

    Args:
        most: attributes and options; beyond it what was used longest ago is forgotten.
    """

    def __init__(self, most: int) -> None:
        self.kept: Kept[tuple[str, str], object] = Kept(most)

    def of(self, stored: dict[str, Any]) -> dict[str, Any]:
        """Return the document with what was found in others in place of its own."""
        for each in stored["attributes"]:
            code = each["code"] = intern(each["code"])
            each["type"] = intern(each["type"])
            each["label"] = self._same(code, "label", each["label"])
            options = each["options"]
            for option, described in options.items():
                options[option] = self._same(code, f"option {option}", described)
            for value in each["values"]:
                if value["locale"] is not None:
                    value["locale"] = intern(value["locale"])
        return stored

    def _same(self, code: str, part: str, said: object) -> object:
        known = self.kept.get((code, part))
        if known == said:
            return known
        self.kept.put((code, part), said)
        return said
