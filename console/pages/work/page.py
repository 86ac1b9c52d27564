"""Work: what the relay does and may take long, with its progress, its rows and its result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import JSONResponse, Response

from catalog.access.roles import Action
from catalog.work.commands import IMPORT
from console.page import Page, Section, Visit
from console.pages.work.work_graphql import (
    ANNOUNCE,
    CANCEL_WORK,
    IMPORT_AGAIN,
    ONE_WORK,
    RETRY_WORK,
    WORKS,
    OneWorkWork,
    WorksWorks,
)

FOLDER: Final = Path(__file__).parent
_STATES: Final = ("QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED")
_OUTCOMES: Final = ("created", "updated", "unchanged", "rejected")
_UNDER_WAY: Final = ("QUEUED", "RUNNING")


@dataclass(frozen=True, slots=True)
class ShownWorks:
    """What the list shows."""

    works: WorksWorks
    may_import: bool
    states: Sequence[str] = _STATES


@dataclass(frozen=True, slots=True)
class ShownWork:
    """What the page of a work shows."""

    work: OneWorkWork
    is_under_way: bool
    may_be_retried: bool
    may_import: bool
    types: Mapping[str, Mapping[str, int]]
    outcomes: Sequence[str]


async def show_list(visit: Visit) -> Response:
    """Show the works that whoever looks has started, or may manage."""
    data = await visit.ask(
        WORKS,
        kind=visit.filter("kind"),
        state=visit.filter("state"),
        after=visit.filter("after"),
    )
    works = visit.there(data["works"])
    return visit.render("list.html", ShownWorks(works, visit.may(Action.FILES_IMPORT)))


async def show_work(visit: Visit) -> Response:
    """Show how far a work is; the part that changes renews itself while it is under way."""
    shown = await _shown(visit)
    is_part = visit.request.headers.get("hx-request") == "true"
    return visit.render("progress.html" if is_part else "work.html", shown)


async def _shown(visit: Visit) -> ShownWork:
    data = await visit.ask(
        ONE_WORK,
        id=visit.path("id"),
        rows=visit.filter("rows"),
        after=visit.filter("after"),
    )
    work = visit.there(data["work"])
    is_under_way = work["state"] in _UNDER_WAY
    return ShownWork(
        work=work,
        is_under_way=is_under_way,
        may_import=work["kind"] == IMPORT and visit.may(Action.FILES_IMPORT),
        outcomes=_OUTCOMES if work["kind"] == IMPORT else ("written",),
        types=_by_type(work),
        may_be_retried=work["state"] in {"FAILED", "CANCELLED"}
        or (work["failed"] > 0 and not work["isCheck"]),
    )


def _by_type(work: OneWorkWork) -> dict[str, dict[str, int]]:
    types: dict[str, dict[str, int]] = {}
    for each in work["counts"]:
        types.setdefault(each["type"], {})[each["outcome"]] = each["count"]
    return types


async def cancel(visit: Visit) -> Response:
    """End a work with its present batch."""
    data = await visit.ask(CANCEL_WORK, id=visit.path("id"))
    if visit.fails(data["cancelWork"]["errors"]):
        return await show_work(visit)
    return visit.back("is_cancelled")


async def retry(visit: Visit) -> Response:
    """Go on with a work, or with what of it failed."""
    data = await visit.ask(RETRY_WORK, id=visit.path("id"))
    if visit.fails(data["retryWork"]["errors"]):
        return await show_work(visit)
    return visit.back("is_retried")


async def announce(visit: Visit) -> Response:
    """Tell the page's script where it may bring a file."""
    data = await visit.ask(ANNOUNCE, name=visit.field("name") or "")
    payload = data["createUpload"]
    if visit.fails(payload["errors"]) or payload["upload"] is None:
        said = " ".join(visit.words.or_code("error", each.code) for each in visit.problems)
        return JSONResponse({"problem": said}, 422)
    return JSONResponse(payload["upload"])


async def check_again(visit: Visit) -> Response:
    """Say what importing the mended report would do."""
    return await _again(visit, is_check=True)


async def import_again(visit: Visit) -> Response:
    """Import what was checked, or the mended report, with all that the work was told."""
    return await _again(visit, is_check=False)


async def _again(visit: Visit, *, is_check: bool) -> Response:
    data = await visit.ask(
        IMPORT_AGAIN, work=visit.path("id"), upload=visit.field("upload"), check=is_check
    )
    payload = data["importAgain"]
    if visit.fails(payload["errors"]) or payload["work"] is None:
        return await show_work(visit)
    return visit.back(to=f"/console/work/{payload['work']['id']}")


ALL_WORK: Final = Page(
    path="/work",
    folder=FOLDER,
    view=show_list,
    section=Section.WORK,
    needs=(Action.WORK_FOLLOW,),
    shortcut="w",
    columns=("state", "progress", "failed", "created", "ended"),
)
ONE: Final = Page(
    path="/work/{id}",
    folder=FOLDER,
    view=show_work,
    forms={
        "cancel": cancel,
        "retry": retry,
        "announce": announce,
        "check_again": check_again,
        "import_again": import_again,
    },
    needs=(Action.WORK_FOLLOW,),
)
