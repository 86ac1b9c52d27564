"""The console's routes: each page by its path, and what pages stand on."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from catalog.clock import utc_now
from catalog.db import DATABASE_AWAY
from catalog.errors import VitrineError
from console.frame.preview import is_previewed, show_preview
from console.frame.views import VIEW_FORMS, open_grid
from console.menu import LOST, PAGES, REFUSED
from console.page import Frame, GraphRefusedError, Page, Visit
from console.preferences import language, set_preferences, theme
from console.rendering import security_headers, static_files
from console.words import ConsoleWords
from serving.in_process import Graph, GraphProblem

log = structlog.get_logger(__name__)

_ROOT = "/console"
#: What HTTP says of a refusal by its code; of others that the address or the form is wrong.
_STATUS = {
    "UNAUTHENTICATED": HTTPStatus.FORBIDDEN,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "FORM_REFUSED": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "CONFLICT": HTTPStatus.CONFLICT,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "TIMED_OUT": HTTPStatus.SERVICE_UNAVAILABLE,
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
}
_Answer: TypeAlias = Callable[[Request], Awaitable[Response]]


def console_routes(graph: Graph, *, media_base: str) -> list[BaseRoute]:
    """Return the routes of the console.

    Args:
        graph: that all pages ask.
        media_base: the address of pictures, the only ones of another host that a page shows.
    """
    doors = Doors(graph, media_base)
    return [
        static_files().route(),
        Route(f"{_ROOT}/preferences", set_preferences, methods=["POST"]),
        *(
            Route(f"{_ROOT}{each.path}", doors.open(each), methods=["GET", "POST"])
            for each in PAGES
        ),
        Route(f"{_ROOT}/{{rest:path}}", doors.open(LOST), methods=["GET"]),
    ]


class Doors:
    """Lets people in: who is logged in sees the pages that their roles allow."""

    def __init__(self, graph: Graph, media_base: str) -> None:
        self._graph = graph
        self._headers = security_headers(media_base)

    def open(self, page: Page) -> _Answer:
        """Return what answers for a page."""
        return partial(self._answer, page)

    async def _answer(self, page: Page, request: Request) -> Response:
        try:
            visit = await self._visit(page, request)
        except (VitrineError, *DATABASE_AWAY):
            return RedirectResponse("/login", 303)  # which says why nobody can log in here
        return _to_login(request) if visit is None else await self._guarded(visit)

    async def _guarded(self, visit: Visit) -> Response:
        """Return what was asked for, or a page that says why there is nothing else."""
        try:
            return await self._shown(visit)
        except Exception as error:  # noqa: BLE001 - whatever it was, a person sees a page
            return await self._fail(visit, _problem_of(error, visit.page))

    async def _visit(self, page: Page, request: Request) -> Visit | None:
        visitor = await self._graph.visitor(request)
        if visitor is None:
            return None
        return Visit(
            request=request,
            graph=self._graph,
            visitor=visitor,
            page=page,
            frame=Frame(pages=PAGES, headers=self._headers, theme=theme(request)),
            words=ConsoleWords(language(request), page.folder),
            now=utc_now(),
        )

    async def _shown(self, visit: Visit) -> Response:
        """Return the page, or what became of the form that was sent from it.

        Raises:
            VitrineError: the form was refused.
            GraphRefusedError: whoever looks may not see the page, or it has no such form.
        """
        page, request = visit.page, visit.request
        if not visit.sees(page):
            raise GraphRefusedError([GraphProblem(code="FORBIDDEN", message=page.path)])
        if page.columns:
            visit.grid = await open_grid(visit)
        if request.method != "POST":
            default = visit.grid and visit.grid.default
            if visit.grid and default and not request.query_params:
                return RedirectResponse(visit.grid.address(default), 303)
            return await page.view(visit)
        visit.form = await self._graph.read_form(request, visit.visitor, page.bounds)
        do = visit.field("do") or ""
        form = page.forms.get(do) or (VIEW_FORMS.get(do) if page.columns else None)
        if form is None:
            raise GraphRefusedError([GraphProblem(code="NOT_FOUND", message="no such form")])
        if is_previewed(visit, do):
            return await show_preview(visit, do)
        return await form(visit)

    async def _fail(self, visit: Visit, problem: GraphProblem) -> Response:
        visit.page, visit.problems = REFUSED, [problem]
        visit.words = ConsoleWords(visit.words.language, REFUSED.folder)
        response = await REFUSED.view(visit)
        response.status_code = _STATUS.get(problem.code, HTTPStatus.BAD_REQUEST)
        return response


def _problem_of(error: Exception, page: Page) -> GraphProblem:
    """Return what a page says of an error; one that nobody foresaw is logged."""
    if isinstance(error, GraphRefusedError):
        return error.problems[0]
    if isinstance(error, VitrineError):
        return GraphProblem(code=error.code, message=error.message)
    if isinstance(error, DATABASE_AWAY):
        return GraphProblem(code="UNAVAILABLE", message=f"{error}")
    log.error("page_failed", path=page.path, exc_info=error)
    return GraphProblem(code="INTERNAL", message=page.path)


def _to_login(request: Request) -> Response:
    is_part = "hx-request" in request.headers
    # of a part that renews itself the page around it is meant, which htmx names
    around = request.headers.get("hx-current-url", "")
    here = urlsplit(around) if is_part else request.url.components
    to = here.path + (f"?{here.query}" if here.query else "")
    login = f"/login?next={quote(to, safe='')}"
    if is_part:
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login, 303, headers={"Cache-Control": "no-store"})
