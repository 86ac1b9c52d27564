"""Search: everything that whoever looks may read, as a page and as the list below the search.

Pages of the menu and what can be done there are found beside records, by their words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from catalog.access.roles import Action
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
#: What can be done, by its word: where, and for whom.
_VERBS: Final = {
    "verb_withdraw": ("/console/assets", Action.RIGHTS_CHANGE),
    "verb_going_dark": ("/console/going-dark", Action.RIGHTS_READ),
    "verb_publish": ("/console/products?state=UNPUBLISHED", Action.PRODUCTS_PUBLISH),
    "verb_changed": ("/console/products?state=CHANGED", Action.PRODUCTS_PUBLISH),
    "verb_import": ("/console/import", Action.FILES_IMPORT),
    "verb_my_tasks": ("/console/tasks?mine=1", Action.TASKS_READ),
    "verb_note": ("/console/tasks#new", Action.TASKS_CHANGE),
    "verb_person": ("/console/people#new", Action.PEOPLE_MANAGE),
    "verb_key": ("/console/keys#new", Action.KEYS_OWN),
    "verb_role": ("/console/roles#own", Action.PEOPLE_MANAGE),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A page, or something that can be done on one."""

    name: str
    link: str
    is_verb: bool


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
    ways: Sequence[Way] = ()


async def _show(visit: Visit) -> Response:
    text = (visit.filter("q") or "").strip()
    is_below = visit.request.headers.get("hx-target", "").rpartition("#")[2] == "found"
    hits = None
    if text:
        first = _MOST_BELOW if is_below else _MOST
        found = visit.there((await visit.ask(SEARCH, text=text, first=first))["search"])
        hits = [ShownHit(each, _link(visit, each)) for each in found]
    return visit.render(
        "hits.html" if is_below else "search.html", ShownSearch(text, hits, [*_ways(visit, text)])
    )


def _ways(visit: Visit, text: str) -> Iterator[Way]:
    """Yield the pages and verbs whose words begin with all that is typed, in any order."""
    typed = text.casefold().split()
    if not typed:
        return
    pages = [
        Way(each.name, each.path, is_verb=False) for _, items in visit.menu() for each in items
    ]
    verbs = [
        Way(visit.words(word), link, is_verb=True)
        for word, (link, action) in _VERBS.items()
        if visit.may(action)
    ]
    for way in (*verbs, *pages):
        words = way.name.casefold().split()
        if all(any(word.startswith(each) for word in words) for each in typed):
            yield way


def _link(visit: Visit, hit: SearchSearch) -> str | None:
    folder, is_by_code = _PAGES.get(hit["kind"], ("", False))
    if not any(each.path.startswith(f"/{folder}/{{") for each in visit.frame.pages):
        return None
    return f"/console/{folder}/{quote(hit['code'] if is_by_code else hit['id'], safe='')}"


PAGE: Final = Page(path="/search", folder=Path(__file__).parent, view=_show)
