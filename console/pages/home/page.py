"""Home by role: what waits for whoever looks, what goes dark soon, what failed, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Visit
from console.pages.home.home_graphql import (
    DARK_SOON,
    FAILED_WORK,
    MY_TASKS,
    RECENT,
    TO_PUBLISH,
    DarkSoonGoingDarkNodes,
    FailedWorkWorksNodes,
    MyTasksTasksNodes,
    RecentRecentChangesNodes,
    ToPublishData,
)

#: A catalogue of fewer products is one that somebody is trying, or beginning.
_SMALL: Final = 500


@dataclass(frozen=True, slots=True)
class ShownHome:
    """What the first page shows; of what is None whoever looks has no part.

    Attributes:
        tasks: that whoever looks has taken on.
        waiting: tasks of anybody that are open.
        overdue: of these those that are late.
        failed: work that ended before its time.
        dark: what goes dark in the next 30 days, the soonest first.
        to_publish: what changed since it was published, and how much is not.
        recent: what was changed last.
        is_first_day: the catalogue is small: a guide says where to begin.
    """

    tasks: Sequence[MyTasksTasksNodes] | None
    waiting: int
    overdue: int
    failed: Sequence[FailedWorkWorksNodes] | None
    dark: Sequence[DarkSoonGoingDarkNodes] | None
    to_publish: ToPublishData | None
    recent: Sequence[RecentRecentChangesNodes]
    is_first_day: bool


async def _show(visit: Visit) -> Response:
    tasks, waiting, overdue = await _tasks(visit)
    to_publish = await _to_publish(visit)
    is_first_day = to_publish is not None and _total(to_publish) < _SMALL
    changes = visit.there((await visit.ask(RECENT))["recentChanges"])
    shown = ShownHome(
        tasks=tasks,
        waiting=waiting,
        overdue=overdue,
        failed=await _failed(visit),
        dark=await _dark(visit),
        to_publish=to_publish,
        recent=changes["nodes"],
        is_first_day=is_first_day,
    )
    return visit.render("home.html", shown)


async def _tasks(visit: Visit) -> tuple[Sequence[MyTasksTasksNodes] | None, int, int]:
    if not visit.may(Action.TASKS_READ):
        return None, 0, 0
    data = await visit.ask(MY_TASKS, me=f"{visit.visitor.principal.id}")
    open_ones = [each for each in visit.there(data["taskCounts"]) if each["state"] == "OPEN"]
    waiting = sum(each["count"] for each in open_ones)
    return visit.there(data["tasks"])["nodes"], waiting, sum(each["overdue"] for each in open_ones)


async def _failed(visit: Visit) -> Sequence[FailedWorkWorksNodes] | None:
    if not visit.may(Action.WORK_FOLLOW):
        return None
    return visit.there((await visit.ask(FAILED_WORK))["works"])["nodes"]


async def _dark(visit: Visit) -> Sequence[DarkSoonGoingDarkNodes] | None:
    """Return what goes dark soon; a role that is narrowed looks at its own places on the page."""
    if not visit.may(Action.RIGHTS_READ):
        return None
    data = await visit.ask_in_part(DARK_SOON)
    found = None if data is None else data["goingDark"]
    return None if found is None else found["nodes"]


async def _to_publish(visit: Visit) -> ToPublishData | None:
    if not visit.may(Action.PRODUCTS_READ):
        return None
    return await visit.ask_in_part(TO_PUBLISH)


def _total(found: ToPublishData) -> int:
    return (found["all"] or {}).get("totalCount") or 0


HOME: Final = Page(path="", folder=Path(__file__).parent, view=_show)
