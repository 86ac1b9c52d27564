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
        self.read: Final[Memo[Any]] = Memo(8)


#: A product and the version of its publication on the channel that is read.
Version: TypeAlias = tuple[uuid.UUID, int]

_READ = prometheus_client.Counter(
    "vitrine_published_documents_read", "Documents of publications read from the database."
)

DOCUMENTS_SQL = """
SELECT p.product, p.version, p.document::text AS text
FROM unnest($2::uuid[], $3::int[]) AS wanted (product, version)
JOIN publication AS p
  ON p.product = wanted.product AND p.channel = $1 AND p.version = wanted.version
"""


class PublishedDocuments:
    """Keeps the documents that were read last.

    Args:
        max_bytes: of their JSON; parsed they take several times as much.
    """

    def __init__(self, max_bytes: int) -> None:
        self._kept: RecentlyUsed[tuple[str, Version], Document] = RecentlyUsed(max_bytes)

    async def get(
        self, conn: Connection, channel: str, versions: Sequence[Version]
    ) -> dict[Version, Document]:
        """Return documents, in one statement for all that are not kept. Nobody may change them."""
        found: dict[Version, Document] = {}
        missing: list[Version] = []
        for version in versions:
            document = self._kept.get((channel, version))
            if document is None:
                missing.append(version)
            else:
                found[version] = document
        if missing:
            rows = await conn.fetch(
                DOCUMENTS_SQL, channel, [each for each, _ in missing], [n for _, n in missing]
            )
            for row in rows:
                version = row["product"], row["version"]
                found[version] = Document(orjson.loads(row["text"]))
                self._kept.put((channel, version), found[version], weight=len(row["text"]))
            _READ.inc(len(rows))
        return found
