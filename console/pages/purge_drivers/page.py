"""Purge drivers: whether each CDN is asked, and what it still has to forget; it renews itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.purge_drivers.purge_drivers_graphql import (
    PURGE_DRIVERS,
    PurgeDriversPurgeDrivers,
)


@dataclass(frozen=True, slots=True)
class ShownDrivers:
    """What the page shows."""

    drivers: Sequence[PurgeDriversPurgeDrivers]


async def _show(visit: Visit) -> Response:
    shown = ShownDrivers(visit.there((await visit.ask(PURGE_DRIVERS))["purgeDrivers"]))
    is_part = visit.request.headers.get("hx-request") == "true"
    return visit.render("drivers.html" if is_part else "purge_drivers.html", shown)


PAGE: Final = Page(
    path="/purge-drivers",
    folder=Path(__file__).parent,
    view=_show,
    section=Section.DELIVERY,
    needs=(Action.SYSTEM_WATCH,),
)
