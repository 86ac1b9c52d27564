"""Connections that reads of products go by: to what is published, or to drafts in a preview."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from api.request.scene import RequestState
from catalog.db import Connection
from catalog.graph.listing import Filter
from catalog.graph.published_documents import PublishedDocuments
from catalog.publication.preview import drafts_frozen
from catalog.publication.preview_store import DraftsWanted

#: Documents of drafts are kept nowhere.
_NEVER_KEPT: Final = PublishedDocuments(0, is_measured=False)


@dataclass(frozen=True, slots=True)
class ProductReading:
    """Where products are read from.

    Attributes:
        conn: to the primary.
        documents: by which their documents are read.
    """

    conn: Connection
    documents: PublishedDocuments


@asynccontextmanager
async def open_reading(state: RequestState, wanted: DraftsWanted) -> AsyncGenerator[ProductReading]:
    """Open a connection that shows what is published or, in a preview, drafts.

    Args:
        state: of the request, whose context is settled.
        wanted: the drafts that may be shown.

    Raises:
        PreviewTooWideError: a list is about too many of them.
    """
    services = state.services
    async with services.pool.acquire() as conn:
        if not state.context.is_preview:
            yield ProductReading(conn, services.published)
            return
        async with drafts_frozen(
            conn,
            state.context.channel.code,
            wanted,
            at=state.context.now,
            actor=state.principal.id,
        ) as refused:
            state.refused_drafts.update({each.sku: each for each in refused})
            yield ProductReading(conn, _NEVER_KEPT)


def drafts_of(where: Filter) -> DraftsWanted:
    """Return which drafts a list with a filter may show."""
    if where.skus is not None or where.ids is not None or where.models is not None:
        return DraftsWanted(skus=[*(where.skus or ()), *(where.models or ())], ids=where.ids)
    return DraftsWanted(families=where.families, categories=where.categories)
