"""Incidents: what replays of delivery logs found, replay by replay."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.incidents.incidents_graphql import (
    INCIDENTS,
    REPLAYS,
    IncidentsReplayIncidents,
    ReplaysReplays,
)

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ShownReplays:
    """What the list shows."""

    replays: ReplaysReplays


@dataclass(frozen=True, slots=True)
class ShownIncidents:
    """What the page of a replay shows."""

    incidents: IncidentsReplayIncidents


async def _show(visit: Visit) -> Response:
    data = await visit.ask(REPLAYS, after=visit.filter("after"))
    return visit.render("incidents.html", ShownReplays(visit.there(data["replays"])))


async def _show_one(visit: Visit) -> Response:
    data = await visit.ask(INCIDENTS, replay=visit.path("id"), after=visit.filter("after"))
    return visit.render("replay.html", ShownIncidents(visit.there(data["replayIncidents"])))


PAGE: Final = Page(
    path="/incidents",
    folder=_FOLDER,
    view=_show,
    section=Section.DELIVERY,
    needs=(Action.RIGHTS_READ,),
)
ONE: Final = Page(
    path="/incidents/{id}", folder=_FOLDER, view=_show_one, needs=(Action.RIGHTS_READ,)
)
