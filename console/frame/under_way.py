"""How much work is under way: a part of the frame that renews itself."""

from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from catalog.access.roles import Action
from console.frame.under_way_graphql import UNDER_WAY as RUNNING
from console.page import Page, Visit


@dataclass(frozen=True, slots=True)
class ShownUnderWay:
    """What is shown of work under way."""

    running: int


async def _show(visit: Visit) -> Response:
    if not visit.may(Action.WORK_FOLLOW):
        return visit.render("under_way.html", ShownUnderWay(0))
    data = await visit.ask(RUNNING)
    return visit.render("under_way.html", ShownUnderWay(len(visit.there(data["works"])["nodes"])))


UNDER_WAY = Page(path="/under-way", folder=Path(__file__).parent, view=_show)
