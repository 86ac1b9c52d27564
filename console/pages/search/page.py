"""Search: everything that whoever looks may read, as a page and as the list below the search."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from console.page import Page, Visit
from console.pages.search.search_graphql import SEARCH, SearchSearch

#: Of a kind: on the page, and in the list below the search.
_MOST, _MOST_BELOW = 20, 4
#: By kind the folder of its pages, and whether they go by its code.
_PAGES: Final = {
    "PRODUCT": ("products", True),
    "ASSET": ("assets", False),
    "LICENCE": ("licences", False),
    "COLLECTION": ("collections", True),
    "PRESET": ("presets", True),
    "TASK": ("tasks", False),
    "PERSON": ("people", False),
}


@dataclass(frozen=True, slots=True)
class ShownHit:
    """Something that was found.

    Attributes:
        link: to its page; None: it has none.
    """

    hit: SearchSearch
    link: str | None


@dataclass(frozen=True, slots=True)
class ShownSearch:
    """What was looked for, and what was found; None: nothing was looked for."""

    text: str
    hits: Sequence[ShownHit] | None


async def _show(visit: Visit) -> Response:
    text = (visit.filter("q") or "").strip()
    is_below = visit.request.headers.get("hx-target", "").rpartition("#")[2] == "found"
    hits = None
    if text:
        first = _MOST_BELOW if is_below else _MOST
        found = visit.there((await visit.ask(SEARCH, text=text, first=first))["search"])
        hits = [ShownHit(each, _link(visit, each)) for each in found]
    return visit.render("hits.html" if is_below else "search.html", ShownSearch(text, hits))


def _link(visit: Visit, hit: SearchSearch) -> str | None:
    folder, is_by_code = _PAGES.get(hit["kind"], ("", False))
    if not any(each.path.startswith(f"/{folder}/{{") for each in visit.frame.pages):
        return None
    return f"/console/{folder}/{quote(hit['code'] if is_by_code else hit['id'], safe='')}"


PAGE: Final = Page(path="/search", folder=Path(__file__).parent, view=_show)
