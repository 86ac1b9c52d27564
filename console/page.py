"""Pages, and one look at one: who looks, what the graph answers them, and how it is shown."""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from catalog.access.roles import Action
from catalog.errors import InvalidInputError
from console.grid import NO_FILTERS, Grid, RowResult
from console.numbers import INT_MOST, whole_number
from console.operations import Operation
from console.rendering import rendered
from console.words import ConsoleWords
from serving.in_process import FormBounds, Graph, GraphProblem, Visitor

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Says once, on the page that a form leads to, what was done.
NOTICE_COOKIE = "vitrine_notice"
_NOTICE_LASTS_S = 60


#: Shows a page, or does what a form of it asks for.
View: TypeAlias = "Callable[[Visit], Awaitable[Response]]"
#: Says of selected rows, by their ids, which can't be changed: a word for why, by the id.
Preview: TypeAlias = "Callable[[Visit, Sequence[str]], Awaitable[Mapping[str, str]]]"


class Section(StrEnum):
    """The parts of the menu, in their order."""

    WORK = "work"
    PRODUCTS = "products"
    MEDIA = "media"
    DELIVERY = "delivery"
    PEOPLE = "people"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page.

    Attributes:
        path: below `/console`, as Starlette writes paths; ids in it are in `Visit.path`.
        folder: of its template, document and words.
        view: answers GET.
        forms: answer POST, by what the button `do` of the form says.
        bounds: of its forms.
        section: of the menu that it stands in; None: other pages lead to it.
        title: the key of its name, in its words.
        needs: one of these; whoever has none is answered 403. None: everybody who is logged in.
        shortcut: the key that leads to it, after `g`.
        columns: of its list, besides the first: words of the page. They are chosen, and with the
            filters saved as views.
        previews: of those forms that say, where they are for many rows, what will be changed.
    """

    path: str
    folder: Path
    view: View
    forms: Mapping[str, View] = field(default_factory=dict[str, View])
    previews: Mapping[str, Preview] = field(default_factory=dict[str, Preview])
    columns: Sequence[str] = ()
    bounds: FormBounds = field(default_factory=FormBounds)
    section: Section | None = None
    title: str = "title"
    needs: tuple[Action, ...] = ()
    shortcut: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A page in the menu."""

    path: str
    name: str
    shortcut: str | None
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is shown around every page.

    Attributes:
        pages: all of them, in the order of the menu.
        headers: of every page.
        theme: that was chosen.
    """

    pages: tuple[Page, ...]
    headers: Mapping[str, str]
    theme: str


class GraphRefusedError(Exception):
    """The graph did not answer a page.

    Attributes:
        problems: at least one.
    """

    def __init__(self, problems: Sequence[GraphProblem]) -> None:
        super().__init__(", ".join(each.code for each in problems))
        self.problems = problems


@dataclass(slots=True, kw_only=True)
class Visit:
    """One look at a page, or one form that was sent from it.

    Attributes:
        frame: what is shown around every page.
        form: its fields; None: the page is looked at.
        problems: of a change that was not made, to be shown on the page.
        results: of a change of many rows, each by the name of its row.
        grid: the columns and views of the page's list; None: it has none that can be chosen.
        channel_names: of channels by code, where the page names them.
        is_unfinished: the answer leads to another step of the form, which has changed nothing.
    """

    request: Request
    graph: Graph
    visitor: Visitor
    page: Page
    frame: Frame
    words: ConsoleWords
    now: datetime
    form: ImmutableMultiDict[str, str] | None = None
    problems: list[GraphProblem] = field(default_factory=list[GraphProblem])
    results: list[RowResult] = field(default_factory=list[RowResult])
    grid: Grid | None = None
    channel_names: Mapping[str, str] = field(default_factory=dict[str, str])
    is_unfinished: bool = False

    async def ask(self, operation: Operation[T], **variables: object) -> T:
        """Return what the graph answers to an operation.

        Raises:
            GraphRefusedError: it does not answer, or a part of it.
            VitrineError: it was refused as a whole.
        """
        answer = await self.graph.ask(self.request, self.visitor, operation.text, variables)
        if answer.problems or answer.data is None:
            raise GraphRefusedError(answer.problems or [GraphProblem(code="INTERNAL", message="")])
        data: Any = answer.data
        return data

    def there(self, found: T | None) -> T:
        """Return what was found.

        Raises:
            GraphRefusedError: nothing was, which looks like what may not be seen.
        """
        if found is None:
            raise GraphRefusedError([GraphProblem(code="NOT_FOUND", message="there is none")])
        return found

    async def ask_in_part(self, operation: Operation[T], **variables: object) -> T | None:
        """Return the same with null for what was not answered; None: nothing was.

        Raises:
            VitrineError: it was refused as a whole.
        """
        answer = await self.graph.ask(self.request, self.visitor, operation.text, variables)
        for each in answer.problems:
            log.info("page_in_part", page=self.page.path, code=each.code, message=each.message)
        data: Any = answer.data
        return data

    def may(self, action: Action) -> bool:
        """Return whether whoever looks may do something, somewhere."""
        return self.visitor.may(action)

    def sees(self, page: Page) -> bool:
        """Return whether whoever looks may see a page."""
        return not page.needs or any(self.may(each) for each in page.needs)

    def menu(self) -> Iterator[tuple[Section, list[MenuItem]]]:
        """Return the sections of the menu with the pages that whoever looks may see."""
        for section in Section:
            pages = (each for each in self.frame.pages if each.section is section)
            if items := [self._item(each) for each in pages if self.sees(each)]:
                yield section, items

    def _item(self, page: Page) -> MenuItem:
        path, here = f"/console{page.path}", self.request.url.path
        return MenuItem(
            path=path,
            name=ConsoleWords(self.words.language, page.folder)(page.title),
            shortcut=page.shortcut,
            is_current=here == path or here.startswith(f"{path}/"),
        )

    def path(self, name: str) -> str:
        """Return a part of the path."""
        part: str = self.request.path_params[name]
        return part

    def filter(self, name: str) -> str | None:
        """Return what the address says of a filter; None: nothing."""
        return self.request.query_params.get(name) or None

    def field(self, name: str) -> str | None:
        """Return a field of the form; None: it is empty."""
        return (self.form or {}).get(name) or None

    def all_fields(self, name: str) -> list[str]:
        """Return a field of the form that may be there many times."""
        return [] if self.form is None else self.form.getlist(name)

    def number(self, name: str, *, most: int = INT_MOST) -> int | None:
        """Return a field of the form that is a whole number; None: it is empty.

        Raises:
            InvalidInputError: it is none of 0 to so many.
        """
        text = self.field(name)
        return None if text is None else whole_number(text, name, most=most)

    def selected(self, of_page: str | None = None) -> list[str]:
        """Return the rows that a form means: those that are selected, or what the page is of.

        Args:
            of_page: the part of the path that says it; None: the page is a list.

        Raises:
            InvalidInputError: nothing is selected in a list.
        """
        ids = self.all_fields("id")
        if not ids and of_page in self.request.path_params:
            ids = [self.path(of_page or "")]
        if not ids:
            raise InvalidInputError("select a row first", field="id")
        return ids

    def url(self, **changes: str | None) -> str:
        """Return the address of this page with other filters; None takes one away."""
        kept = {**self.request.query_params, **changes}
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    def fails(self, errors: Iterable[Any]) -> bool:
        """Take the typed errors of a mutation, to be shown; return whether there are any."""
        self.problems += _problems(errors)
        return bool(self.problems)

    def fails_in_rows(self, payload: Any, ids: Sequence[str]) -> bool:  # noqa: ANN401 - of any mutation
        """Take the results of a mutation of many; return whether any row was not changed.

        Args:
            payload: `results`, one for each id, and `errors` of the whole.
            ids: of the rows.
        """
        if self.fails(payload["errors"]):
            return True
        self.results = [
            RowResult(name=self.row_name(id_), problems=_problems(row["errors"]))
            for id_, row in zip(ids, payload["results"], strict=True)
        ]
        return any(each.problems for each in self.results)

    async def conclude(self, errors: Iterable[Any], notice: str, *, count: int = 1) -> Response:
        """Lead on once a form has done its work, or show its page again with what went wrong.

        Args:
            errors: typed ones of a mutation.
            notice: the key of a word of this page that says what was done.
            count: of what it was done to.
        """
        if self.fails(errors):
            return await self.page.view(self)
        return self.back(notice, count=count)

    async def conclude_rows(self, payload: Any, ids: Sequence[str], notice: str) -> Response:  # noqa: ANN401 - of any mutation
        """Do the same for a mutation of many, with what became of each row.

        Args:
            payload: `results`, one for each id, and `errors` of the whole.
            ids: of the rows.
            notice: as for `conclude`; its `count` is that of the rows.
        """
        if self.fails_in_rows(payload, ids):
            return await self.page.view(self)
        return self.back(notice, count=len(payload["results"]))

    def row_name(self, id_: str) -> str:
        """Return what the list that a form was sent from calls a row."""
        return self.field(f"name_{id_}") or id_

    @property
    def is_filtered(self) -> bool:
        """Whether the address leaves some rows of a list out."""
        return not NO_FILTERS.issuperset(self.request.query_params)

    def render(
        self,
        template: str,
        shown: "DataclassInstance | None" = None,
        *,
        status: int = HTTPStatus.OK,
    ) -> Response:
        """Show a template of the page's folder.

        Args:
            template: its file.
            shown: a dataclass with what it shows, by field.
            status: of the answer; 422 where a form was refused.
        """
        return self.render_from(self.page.folder / template, shown, status=status)

    def render_from(
        self,
        file: Path,
        shown: "DataclassInstance | None" = None,
        *,
        status: int = HTTPStatus.OK,
    ) -> Response:
        """Show a template of any folder, as `render` does."""
        failed = bool(self.problems) or any(each.problems for each in self.results)
        if failed and status == HTTPStatus.OK:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        notice = self._notice()
        has_form_done = self.form is not None and not failed and not self.is_unfinished
        html = rendered(
            file,
            {
                **_values(shown),
                "visit": self,
                "t": self.words,
                "pairs": self.words.pairs,
                "notice": notice,
                "is_sent": has_form_done or notice is not None,
                "is_part": self.request.headers.get("hx-request") == "true",
            },
        )
        response = HTMLResponse(html, status, headers=self.frame.headers)
        if notice is not None:
            response.delete_cookie(NOTICE_COOKIE, path="/console")
        return response

    def back(
        self, notice: str | None = None, *, to: str | None = None, **values: object
    ) -> Response:
        """Lead to a page once a form has done its work, and say there what was done.

        Args:
            notice: the key of a word of this page.
            to: the address of the page; None: this one, with its filters.
            values: of the word.
        """
        response = RedirectResponse(to or self.url(), 303, headers={"Cache-Control": "no-store"})
        told = "" if notice is None else self.words(notice, **values)
        response.set_cookie(  # without a text too: it says that the form is done with
            NOTICE_COOKIE,
            urlencode({"text": told, "mac": self._mac(told)}),
            max_age=_NOTICE_LASTS_S,
            path="/console",
            httponly=True,
            samesite="strict",
        )
        return response

    def _notice(self) -> str | None:
        written = self.request.cookies.get(NOTICE_COOKIE)
        read = dict(parse_qsl(written or "", keep_blank_values=True))
        text, mac = read.get("text", ""), read.get("mac", "")
        return text if hmac.compare_digest(mac.encode(), self._mac(text).encode()) else None

    def _mac(self, text: str) -> str:
        """Return what shows that this session wrote a notice: other sites of a host set cookies."""
        return hmac.digest(self.visitor.form_token.encode(), text.encode(), "sha256").hex()


def _problems(errors: Iterable[Any]) -> list[GraphProblem]:
    return [
        GraphProblem(code=each["code"], message=each["message"], field=each.get("field"))
        for each in errors
    ]


def _values(shown: "DataclassInstance | None") -> dict[str, Any]:
    return {} if shown is None else {each.name: getattr(shown, each.name) for each in fields(shown)}
