"""What is live on each channel, as records that make it live again."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from catalog.channels.store import find_channels
from catalog.clock import is_never
from catalog.db import Connection
from catalog.export import store
from catalog.publication.frozen import LivePublication, live_publications
from catalog.rights.model import Window

DOCUMENT, PUBLICATION = "published_document", "publication"
#: Where what is live says something else than its draft, its document is a record.
PUBLISHED = (DOCUMENT, PUBLICATION)
_SKUS_A_RECORD = 500
_TREES_AT_ONCE = 30  # some 400 documents


async def published(conn: Connection, type_name: str) -> AsyncGenerator[dict[str, Any]]:
    """Yield the records of `PUBLISHED`, channel by channel; in a transaction."""
    write = _documents if type_name == DOCUMENT else _publications
    for channel in sorted(await find_channels(conn)):
        async for record in write(conn, channel):
            yield record


async def _documents(conn: Connection, channel: str) -> AsyncGenerator[dict[str, Any]]:
    async for each in _live(conn, channel):
        if not each.is_as_draft:
            yield {
                "channel": channel,
                "sku": each.sku,
                "document": each.document,
                **_stated_window(each.window),
            }


async def _publications(conn: Connection, channel: str) -> AsyncGenerator[dict[str, Any]]:
    """Yield what publishes products that are live as their drafts are, by window.

    Each is named, since what is below a model need not be live with it.
    """
    by_window: dict[tuple[datetime, datetime], list[tuple[int, str]]] = {}
    async for each in _live(conn, channel):
        if each.is_as_draft:
            window = (each.window.start, each.window.end)
            by_window.setdefault(window, []).append((each.depth, each.sku))
    for start, end in sorted(by_window):
        # models come before what is below them
        live = sorted(by_window[start, end])
        for place in range(0, len(live), _SKUS_A_RECORD):
            yield {
                "channel": channel,
                "skus": [sku for _, sku in live[place : place + _SKUS_A_RECORD]],
                "with_below": False,
                **_stated_window(Window(start=start, end=end)),
            }


async def _live(conn: Connection, channel: str) -> AsyncGenerator[LivePublication]:
    for skus in await store.find_live_trees(conn, channel, _TREES_AT_ONCE):
        for each in await live_publications(conn, channel, skus):
            yield each


def _stated_window(window: Window) -> dict[str, str]:
    end = {} if is_never(window.end) else {"visible_until": _instant(window.end)}
    return {"visible_from": _instant(window.start), **end}


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
