"""Home: what waits for whoever looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Visit
from console.pages.home.home_graphql import HOME as MINE
from console.pages.home.home_graphql import HomeTasksNodes


@dataclass(frozen=True, slots=True)
class ShownHome:
    """What the first page shows."""

    tasks: Sequence[HomeTasksNodes] | None


async def _show(visit: Visit) -> Response:
    if not visit.may(Action.TASKS_READ):
        return visit.render("home.html", ShownHome(None))
    data = await visit.ask(MINE, me=f"{visit.visitor.principal.id}")
    return visit.render("home.html", ShownHome(visit.there(data["tasks"])["nodes"]))


HOME: Final = Page(path="", folder=Path(__file__).parent, view=_show)
