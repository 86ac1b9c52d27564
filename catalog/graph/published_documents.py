"""The documents of publications, parsed once: a version of one never changes."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import orjson
import prometheus_client

from catalog.db import Connection
from catalog.memory import Memo, RecentlyUsed


class Document(dict[str, Any]):
    """What `catalog/publication` froze. Nobody may change it.

    Attributes:
        read: its attributes, as they are read in a context.
    """

    __slots__ = ("__weakref__", "read")

    def __init__(self, stored: Mapping[str, Any]) -> None:
        super().__init__(stored)
        self.read: Final[Memo[Any]] = Memo(4)


#: A product and the version of its publication on the channel that is read.
Version: TypeAlias = tuple[uuid.UUID, int]

_READ = prometheus_client.Counter(
    "vitrine_published_documents_read", "Documents of publications read from the database."
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
        max_bytes: of their JSON; parsed they take several times as much.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept: RecentlyUsed[tuple[str, Version, bool], Document] = RecentlyUsed(max_bytes)

    async def get(
        self,
        conn: Connection,
        channel: str,
        whole: Sequence[Version],
        outlined: Sequence[Version] = (),
    ) -> dict[Version, Document]:
        """Return documents, in one statement for all that are not kept. Nobody may change them.

        Args:
            conn: to the primary.
            channel: of the publications.
            whole: the versions whose documents are needed.
            outlined: versions of which an outline is enough: `gtin`, `options`, and of the
                `attributes` name and price. None of `whole` is among them.
        """
        found: dict[Version, Document] = {}
        missing: list[tuple[Version, bool]] = []
        for versions, is_outline in ((whole, False), (outlined, True)):
            for version in versions:
                document = self._kept.get((channel, version, is_outline))
                if document is None:
                    missing.append((version, is_outline))
                else:
                    found[version] = document
        if missing:
            found.update(await self._read(conn, channel, missing))
        return found

    async def _read(
        self, conn: Connection, channel: str, missing: Sequence[tuple[Version, bool]]
    ) -> dict[Version, Document]:
        rows = await conn.fetch(
            DOCUMENTS_SQL,
            channel,
            [product for (product, _), _ in missing],
            [number for (_, number), _ in missing],
            [not is_outline for _, is_outline in missing],
        )
        found: dict[Version, Document] = {}
        for row in rows:
            version = row["product"], row["version"]
            found[version] = Document(orjson.loads(row["text"]))
            key = channel, version, row["is_outline"]
            self._kept.put(key, found[version], weight=len(row["text"]))
        _READ.inc(len(rows))
        return found
