"""When a change of rights was obeyed: measured, and renewed until every cache has confirmed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Visit
from console.pages.media.changes_graphql import WithdrawAssetWithdrawAssetDarkAt as DarkAt
from console.pages.media.folder import FOLDER
from console.pages.media.proof_graphql import (
    DARKNESS,
    LAST_DARKNESS,
    DarknessPurgeProgress,
)

_MS: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Darkness:
    """How long it took until a change was obeyed.

    Attributes:
        changed: when it was made.
        gateways_ms: from the change until every gateway obeyed it.
        edges_ms: until every cache had confirmed its purge; None: not yet, or none has to.
        progress: of the purge; None: nothing has to be purged, or nobody asks.
        is_followed: whether somebody asks how the purge goes on.
        address: of the part that renews itself.
    """

    changed: datetime
    gateways_ms: int
    edges_ms: int | None
    progress: DarknessPurgeProgress | None
    is_followed: bool
    address: str

    @property
    def is_settled(self) -> bool:
        """Return whether nothing more will be known."""
        return self.edges_ms is not None or self.progress is None or self.progress["isDone"]


@dataclass(frozen=True, slots=True)
class ShownDarkness:
    """What the part shows."""

    dark: Darkness | None


def measured_query(dark: DarkAt | None) -> str:
    """Return what an address says of a change that was just made, with its `?`."""
    if dark is None:
        return ""
    return "?" + urlencode({name: value for name, value in dark.items() if value is not None})


async def darkness_of(visit: Visit, asset: str | None = None) -> Darkness | None:
    """Return how the change stands that the address tells of, else the last one of the asset.

    None: neither is known.

    Args:
        visit: of the page.
        asset: that was changed; None: several were, and nobody asks how each is purged.
    """
    progress, is_followed = None, asset is not None and visit.may(Action.RIGHTS_READ)
    known: Mapping[str, Any] = visit.request.query_params
    if is_followed and not {"changed", "gateways"} & {*known}:
        known = (await visit.ask(LAST_DARKNESS, id=asset))["lastDarkness"] or {}
    changed, gateways, edges = (_read(known.get(name)) for name in ("changed", "gateways", "edges"))
    if changed is None or gateways is None:
        return None
    if is_followed:
        progress = (await visit.ask(DARKNESS, id=asset))["purgeProgress"]
        edges = edges or _read(progress["darkAt"] if progress else None)
    told = {"changed": changed.isoformat(), "gateways": gateways.isoformat()}
    return Darkness(
        changed=changed,
        gateways_ms=_ms(gateways - changed),
        edges_ms=None if edges is None else _ms(edges - changed),
        progress=progress,
        is_followed=is_followed,
        address=f"/console/assets/{asset}/darkness?{urlencode(told)}",
    )


async def show_darkness(visit: Visit) -> Response:
    """Show how far a change is obeyed by now."""
    return visit.render("dark.html", ShownDarkness(await darkness_of(visit, visit.path("id"))))


def _read(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _ms(taken: timedelta) -> int:
    return max(round(taken / _MS), 0)


DARKNESS_PART: Final = Page(path="/assets/{id}/darkness", folder=FOLDER, view=show_darkness)
