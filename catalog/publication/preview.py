"""Drafts as publishing would freeze them: they are published, read, and rolled back."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from catalog.db import Connection
from catalog.errors import InvalidInputError
from catalog.publication import preview_store
from catalog.publication.commands import plan_of
from catalog.publication.model import RequestedWindow
from catalog.publication.plan import Plan
from catalog.publication.preview_store import DraftsWanted
from catalog.publication.writing import write

#: Products of a list whose drafts a preview freezes.
MOST_DRAFTS: Final = 500


class PreviewTooWideError(InvalidInputError):
    """More drafts changed than a preview of a list freezes at once."""

    code = "PREVIEW_TOO_WIDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDraft:
    """A draft that would not be published; a preview shows what is published of it."""

    sku: str
    code: str
    message: str


@asynccontextmanager
async def drafts_frozen(
    conn: Connection, channel: str, wanted: DraftsWanted, *, at: datetime, actor: uuid.UUID
) -> AsyncGenerator[tuple[RefusedDraft, ...]]:
    """Publish drafts in a transaction that is always rolled back; inside it reads show them.

    By the very statements of publishing, so that what is read is what publishing would freeze.
    Nobody is told. Times stay as publishing would have them: what is scheduled is seen by reading
    at an instant to come. Whoever publishes the same products meanwhile waits until the read ends.

    Args:
        conn: outside of a transaction, for these reads alone. Nothing that is read may be kept.
        channel: the code.
        wanted: which drafts.
        at: the instant that is read at.
        actor: who looks.

    Raises:
        NotFoundError: there is no such channel.
        PreviewTooWideError: a list is about more than `MOST_DRAFTS` products.
    """
    transaction = conn.transaction()
    await transaction.start()
    try:
        named: set[str] = set()
        if wanted.is_list:
            skus = await _changed(conn, channel, wanted)
        else:
            found = await preview_store.find_named(conn, wanted)
            skus = list(found)
            named = {sku for sku, is_named in found.items() if is_named}
        shown = named if wanted.shows_taken_back else set[str]()
        plan = await plan_of(conn, skus, channel, RequestedWindow())
        plan.sources = replace(plan.sources, now=min(plan.sources.now, at))
        plan.taken_back -= {plan.tree.by_sku[sku].id for sku in shown}
        plan.publish(skus)
        if plan.changed:
            await write(conn, plan.changed, plan.sources, actor)
        yield _refused(plan)
    finally:
        await transaction.rollback()


async def _changed(conn: Connection, channel: str, wanted: DraftsWanted) -> list[str]:
    skus, products = await preview_store.find_changed(conn, channel, wanted, MOST_DRAFTS)
    if products > MOST_DRAFTS:
        raise PreviewTooWideError(
            f"{products:,} products are to be published on {channel}, and a preview shows at most "
            f"{MOST_DRAFTS} of a list: filter by skus, a family or a category",
            field="filter",
        )
    return skus


def _refused(plan: Plan) -> tuple[RefusedDraft, ...]:
    return tuple(
        RefusedDraft(sku=plan.tree.by_id[each].sku, code=error.code, message=error.message)
        for each, error in plan.refused.items()
    )
