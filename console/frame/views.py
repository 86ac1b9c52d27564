"""The forms of every list: its columns chosen; a view saved, changed, deleted, made the default."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.grid import NO_VIEW, Grid, filters_of, grid_of
from console.page import View, Visit
from console.views_graphql import DELETE_VIEW, PUT_VIEW, SET_DEFAULT_VIEW, VIEWS


async def open_grid(visit: Visit) -> Grid:
    """Return the columns and views of the list that is looked at."""
    views = None
    if visit.may(Action.VIEWS_OWN):
        views = (await visit.ask(VIEWS, page=visit.page.path))["views"]
    path, query = visit.request.url.path, visit.request.query_params
    return grid_of(path, visit.page.columns, query, views)


async def choose_columns(visit: Visit) -> Response:
    """Show these columns alone."""
    columns = _columns(visit)
    return visit.back(to=visit.url(columns=",".join(columns), after=None))


async def save_view(visit: Visit) -> Response:
    """Save what the address shows and these columns, under a name."""
    return await _put(visit, None)


async def change_view(visit: Visit) -> Response:
    """Let a view of one's own be what the address shows and these columns."""
    return await _put(visit, visit.field("view"))


async def delete_view(visit: Visit) -> Response:
    """Delete a view."""
    payload = (await visit.ask(DELETE_VIEW, id=visit.field("view") or ""))["deleteViews"]
    errors = [*payload["errors"], *(one for row in payload["results"] for one in row["errors"])]
    if visit.fails(errors):
        return await visit.page.view(visit)
    return visit.back("view_deleted", to=f"{visit.request.url.path}?view={NO_VIEW}")


async def open_with_view(visit: Visit) -> Response:
    """Let the page open with a view."""
    return await _set_default(visit, is_default=True)


async def open_without_view(visit: Visit) -> Response:
    """Let the page open as it is."""
    return await _set_default(visit, is_default=False)


async def _put(visit: Visit, id_: str | None) -> Response:
    query = visit.request.query_params
    asked = {
        "id": id_,
        "page": visit.page.path,
        "name": visit.field("view_name") or "",
        "filters": filters_of(query),
        "columns": _columns(visit),
        "isShared": visit.field("view_shared") is not None,
    }
    payload = (await visit.ask(PUT_VIEW, input=asked))["putViews"]
    errors = [*payload["errors"], *(one for row in payload["results"] for one in row["errors"])]
    if visit.fails(errors):
        return await visit.page.view(visit)
    columns, view = ",".join(_columns(visit)), payload["results"][0]["id"]
    to = visit.url(columns=columns, view=view, after=None)
    return visit.back("view_saved", to=to, name=asked["name"])


async def _set_default(visit: Visit, *, is_default: bool) -> Response:
    asked = {"id": visit.field("view") or "", "isDefault": is_default}
    payload = (await visit.ask(SET_DEFAULT_VIEW, **asked))["setDefaultView"]
    if visit.fails(payload["errors"]):
        return await visit.page.view(visit)
    return visit.back("view_opens" if is_default else "view_opens_no_longer")


def _columns(visit: Visit) -> list[str]:
    """Return the columns that the form ticks; none: all of them, or nothing, is ticked."""
    ticked = set(visit.all_fields("column"))
    chosen = [each for each in visit.page.columns if each in ticked]
    return [] if len(chosen) == len(visit.page.columns) else chosen


#: By what the button `do` says; of every page that has columns.
VIEW_FORMS: Final[Mapping[str, View]] = {
    "choose_columns": choose_columns,
    "save_view": save_view,
    "change_view": change_view,
    "delete_view": delete_view,
    "open_with_view": open_with_view,
    "open_without_view": open_without_view,
}
