"""Health: how processes, database, store and queues stand; it renews itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.health.health_graphql import HEALTH, HealthHealth

_KINDS: Final = ("API", "GATEWAY", "PURGER", "RELAY")
#: A purge that waits longer is late.
_LATE_S: Final = 60


@dataclass(frozen=True, slots=True)
class ShownHealth:
    """What the page shows.

    Attributes:
        missing: kinds of processes of which none is ready.
        is_late: purges are.
    """

    health: HealthHealth
    missing: Sequence[str]
    is_late: bool


async def _show(visit: Visit) -> Response:
    health = visit.there((await visit.ask(HEALTH))["health"])
    ready = {each["kind"] for each in health["processes"] if each["isReady"]}
    shown = ShownHealth(
        health=health,
        missing=[each for each in _KINDS if each not in ready],
        is_late=health["purges"]["overdueSeconds"] > _LATE_S,
    )
    is_part = visit.request.headers.get("hx-request") == "true"
    return visit.render("state.html" if is_part else "health.html", shown)


PAGE: Final = Page(
    path="/health",
    folder=Path(__file__).parent,
    view=_show,
    section=Section.SYSTEM,
    needs=(Action.SYSTEM_WATCH,),
)
