"""Tasks: what waits for a person, in one list, with the same verbs for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import ROLES, Action
from console.page import Page, Section, Visit
from console.pages.tasks.tasks_graphql import (
    ASSIGN_TASKS,
    COMMENT_TASK,
    CREATE_TASK,
    ONE_TASK,
    RESOLVE_TASKS,
    SNOOZE_TASKS,
    OneTaskTask,
    TasksTasks,
)
from console.pages.tasks.tasks_graphql import (
    TASKS as LIST,
)
from serving.in_process import GRID_FORMS

FOLDER: Final = Path(__file__).parent
_STATES: Final = ("OPEN", "SNOOZED", "RESOLVED")
_ANY: Final = "ANY"
#: Kinds that pages have words for; others are shown by their code.
_KINDS: Final = (
    "broken_source",
    "rendition_too_large",
    "rendition_not_stored",
    "wrong_gtin",
    "todo",
)
_SNOOZE_DAYS: Final = (1, 3, 7, 30)
_MOST_DAYS: Final = 3_650


@dataclass(frozen=True, slots=True)
class Choices:
    """What filters and forms offer."""

    kinds: Sequence[str] = _KINDS
    roles: Sequence[str] = tuple(code for code in ROLES if code != "anonymous")
    states: Sequence[str] = (*_STATES, _ANY)
    snooze_days: Sequence[int] = _SNOOZE_DAYS


@dataclass(frozen=True, slots=True)
class ShownList:
    """What the list shows."""

    tasks: TasksTasks
    choices: Choices
    may_change: bool


@dataclass(frozen=True, slots=True)
class ShownTask:
    """What the page of a task shows."""

    task: OneTaskTask
    choices: Choices
    may_change: bool


async def show_list(visit: Visit) -> Response:
    """Show the tasks that the filters leave; by default those that wait now."""
    tasks = await _listed(visit)
    return visit.render("list.html", ShownList(tasks, Choices(), visit.may(Action.TASKS_CHANGE)))


async def _listed(visit: Visit) -> TasksTasks:
    state = visit.filter("state") or "OPEN"
    data = await visit.ask(
        LIST,
        kind=visit.filter("kind"),
        role=visit.filter("role"),
        state=None if state == _ANY else state,
        assignee=f"{visit.visitor.principal.id}" if visit.filter("mine") else None,
        subject=visit.filter("subject"),
        dueBefore=visit.now.isoformat() if visit.filter("overdue") else None,
        after=visit.filter("after"),
    )
    return visit.there(data["tasks"])


async def _resolved(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """Say which tasks are done with already."""
    done = {each["id"] for each in (await _listed(visit))["nodes"] if each["state"] == "RESOLVED"}
    return {each: "is_resolved" for each in ids if each in done}


async def show_task(visit: Visit) -> Response:
    """Show a task with what was said of it."""
    data = await visit.ask(ONE_TASK, id=visit.path("id"))
    task = visit.there(data["task"])
    return visit.render("task.html", ShownTask(task, Choices(), visit.may(Action.TASKS_CHANGE)))


async def create(visit: Visit) -> Response:
    """Note a task of one's own."""
    data = await visit.ask(
        CREATE_TASK,
        text=visit.field("text") or "",
        subject=visit.field("subject"),
        role=visit.field("role") or "editor",
        assignee=f"{visit.visitor.principal.id}" if visit.field("mine") else None,
        dueAt=_end_of_day(visit.field("due")),
    )
    return await visit.conclude(data["createTask"]["errors"], "created")


async def assign_to_me(visit: Visit) -> Response:
    """Take tasks on."""
    me = f"{visit.visitor.principal.id}"
    data = await visit.ask(ASSIGN_TASKS, ids=_ids(visit), assignee=me)
    return await visit.conclude_rows(data["assignTasks"], _ids(visit), "assigned")


async def assign_to_nobody(visit: Visit) -> Response:
    """Give tasks back."""
    data = await visit.ask(ASSIGN_TASKS, ids=_ids(visit), assignee=None)
    return await visit.conclude_rows(data["assignTasks"], _ids(visit), "given_back")


async def snooze(visit: Visit) -> Response:
    """Let nobody have to look at tasks for some days."""
    days = visit.number("days", most=_MOST_DAYS) or _SNOOZE_DAYS[0]
    until = visit.now + timedelta(days=days)
    data = await visit.ask(SNOOZE_TASKS, ids=_ids(visit), until=until.isoformat())
    return await visit.conclude_rows(data["snoozeTasks"], _ids(visit), "snoozed")


async def resolve(visit: Visit) -> Response:
    """Say that tasks are done with."""
    data = await visit.ask(RESOLVE_TASKS, ids=_ids(visit), resolution=visit.field("resolution"))
    return await visit.conclude_rows(data["resolveTasks"], _ids(visit), "resolved")


async def comment(visit: Visit) -> Response:
    """Tell the others something of a task."""
    data = await visit.ask(COMMENT_TASK, id=visit.path("id"), text=visit.field("text") or "")
    return await visit.conclude(data["commentTask"]["errors"], "commented")


def _ids(visit: Visit) -> list[str]:
    """Return the tasks that a form means: those that are selected, or that of the page."""
    return visit.selected("id")


def _end_of_day(day: str | None) -> str | None:
    return f"{day}T23:59:59Z" if day else None


_ON_MANY: Final = {
    "assign_to_me": assign_to_me,
    "assign_to_nobody": assign_to_nobody,
    "snooze": snooze,
    "resolve": resolve,
}
TASKS: Final = Page(
    path="/tasks",
    folder=FOLDER,
    view=show_list,
    forms={"create": create, **_ON_MANY},
    previews=dict.fromkeys(_ON_MANY, _resolved),
    bounds=GRID_FORMS,
    section=Section.WORK,
    needs=(Action.TASKS_READ,),
    shortcut="t",
    columns=("subject", "role", "state", "due", "how_often", "last"),
)
TASK: Final = Page(
    path="/tasks/{id}",
    folder=FOLDER,
    view=show_task,
    forms={"comment": comment, **_ON_MANY},
    needs=(Action.TASKS_READ,),
)
