"""Grants and restrictions of an asset, a licence or a collection, changed in a form.

What the form states is rehearsed first: the next page says what ends, what is new and what goes
dark, and only its button changes anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import orjson
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import Response

from catalog.access.roles import Action
from console.operations import Operation
from console.page import Page, Visit
from console.pages.media import changes_graphql as changes
from console.pages.media.channels import know_channels
from console.pages.media.darkness import measured_query
from console.pages.media.folder import FOLDER
from console.pages.media.holders_graphql import (
    TERMS_OF_ASSET,
    TERMS_OF_COLLECTION,
    TERMS_OF_LICENCE,
)
from console.pages.media.rights import Term
from console.pages.media.term_rows import MOST_ROWS, TermRow, differences, row_of, rows_of, stated
from serving.in_process import GRID_FORMS, GraphProblem

_NO_FORM: Final = ImmutableMultiDict[str, str]()
_Setting: TypeAlias = tuple[Operation[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderPages:
    """A kind of what terms are stated for, and its pages.

    Attributes:
        code: as the graph names its kind.
        pages: below `/console`, where its pages are.
        terms: the query of its terms, and the field of it that has them.
        set_grants, set_restrictions: the mutations that state them anew, with their fields.
    """

    code: str
    pages: str
    terms: _Setting
    set_grants: _Setting
    set_restrictions: _Setting

    def setting(self, *, is_grants: bool) -> _Setting:
        """Return the mutation of a kind of terms."""
        return self.set_grants if is_grants else self.set_restrictions


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides of a change that met another: what was there, and what was wanted instead."""

    opened: Sequence[Term]
    wanted: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ShownTerms:
    """What the form and the page after it show.

    Attributes:
        home: the address of the holder's own page.
        stored: as they are.
        rows: of the form, an empty one at its end.
        ended, added: what the change would end, and what it would add.
        rehearsal: what it would darken; None: the form is shown.
        opened: as the terms were when the form was opened, as JSON.
        conflict: somebody has changed them since; None: nobody has.
    """

    name: str
    home: str
    revision: int | None
    is_grants: bool
    stored: Sequence[Term]
    rows: Sequence[TermRow]
    channels: Sequence[tuple[str, str]]
    usages: Sequence[tuple[str, str]]
    ended: Sequence[Term] = ()
    added: Sequence[Mapping[str, Any]] = ()
    rehearsal: changes.RehearseRehearseTerms | None = None
    most_rows: int = MOST_ROWS
    opened: str = "[]"
    conflict: "Conflict | None" = None

    @property
    def is_too_long(self) -> bool:
        """Return whether a form cannot hold all: then none is shown, nor taken."""
        return len(self.stored) >= MOST_ROWS


async def show_terms(holder: HolderPages, visit: Visit) -> Response:
    """Show the terms as a form: as they are, or as they were typed."""
    shown = await _shown(holder, visit)
    if visit.form is not None:
        rows, opened = rows_of(visit.form), visit.field("opened") or shown.opened
        if any(each.code == "CONFLICT" for each in visit.problems):
            wanted, _ = stated(rows, visit.now, is_grants=shown.is_grants)
            shown = replace(shown, conflict=Conflict(_read(opened), wanted))
        else:  # what they were when the form was opened is what the next step compares
            shown = replace(shown, opened=opened, revision=_revision(visit) or shown.revision)
        shown = replace(shown, rows=[*rows, TermRow()][:MOST_ROWS])
        visit.is_unfinished = True
    return visit.render("terms.html", shown)


async def review(holder: HolderPages, visit: Visit) -> Response:
    """Show what the typed terms would do, before they are stated."""
    shown = await _shown(holder, visit)
    terms = _stated(visit, shown)
    if terms is None:
        return await show_terms(holder, visit)
    opened = visit.field("opened") or shown.opened
    if opened != shown.opened:
        visit.problems.append(GraphProblem(code="CONFLICT", message="changed meanwhile"))
        return await show_terms(holder, visit)
    asked = {"grants" if shown.is_grants else "restrictions": terms}
    data = await visit.ask(changes.REHEARSE, holder=holder.code, id=visit.path("id"), **asked)
    rehearsal = visit.there(data["rehearseTerms"])
    if visit.fails(rehearsal["errors"]):
        return await show_terms(holder, visit)
    ended, added = differences(shown.stored, terms)
    rows = [each for each in rows_of(visit.form or _NO_FORM) if each.is_stated]
    visit.is_unfinished = True
    shown = replace(shown, revision=_revision(visit) or shown.revision)
    return visit.render(
        "review.html", replace(shown, rows=rows, ended=ended, added=added, rehearsal=rehearsal)
    )


async def state(holder: HolderPages, visit: Visit) -> Response:
    """State the terms, and lead to the holder's page with the time that it took."""
    shown = await _shown(holder, visit)
    terms, is_grants = _stated(visit, shown), shown.is_grants
    if terms is None:
        return await show_terms(holder, visit)
    operation, field = holder.setting(is_grants=is_grants)
    asked: dict[str, Any] = {"id": visit.path("id")}
    asked["grants" if is_grants else "restrictions"] = terms
    if holder.code != "COLLECTION":  # which counts no revisions
        asked["revision"] = _revision(visit)
    done = (await visit.ask(operation, **asked))[field]
    if visit.fails(done["errors"]):
        return await show_terms(holder, visit)
    return visit.back("terms_are_set", to=_home(holder, visit) + measured_query(done["darkAt"]))


async def _shown(holder: HolderPages, visit: Visit) -> ShownTerms:
    operation, field = holder.terms
    data = await visit.ask(operation, id=visit.path("id"))
    found = visit.there(data[field])
    named: Mapping[str, Any] = data.get("asset") or found
    is_grants = _is_of_grants(visit)
    stored = found["grants" if is_grants else "restrictions"]
    rows = [row_of(each) for each in stored]
    channels = await know_channels(visit)
    usages = sorted({usage for each in channels for usage in each["usages"]})
    return ShownTerms(
        name=named.get("title") or named["code"],
        home=_home(holder, visit),
        revision=found.get("revision"),
        is_grants=is_grants,
        stored=stored,
        opened=orjson.dumps(stored).decode(),
        rows=[*rows, TermRow()],
        channels=_with_stated(
            [(each["code"], each["name"]) for each in channels], [each.channels for each in rows]
        ),
        usages=_with_stated([(each, each) for each in usages], [each.usages for each in rows]),
    )


def _revision(visit: Visit) -> int | None:
    """Return the revision that the form was opened with; None: it says none."""
    return visit.number("revision")


def _read(opened: str) -> Sequence[Term]:
    """Return terms as a form has kept them; it is the browser's, so none are where it has none."""
    try:
        read = orjson.loads(opened)
        for each in read:
            row_of(each)
    except (ValueError, OverflowError, TypeError, KeyError):
        return ()
    return read


def _with_stated(
    known: Sequence[tuple[str, str]], used: Sequence[Sequence[str]]
) -> list[tuple[str, str]]:
    """Return choices, with what rows name besides, so that nothing of them is lost."""
    codes = {code for code, _ in known} | {"*"}
    others = dict.fromkeys(code for row in used for code in row if code not in codes)
    return [*known, *((code, code) for code in others)]


def _stated(visit: Visit, shown: ShownTerms) -> list[dict[str, Any]] | None:
    """Return the typed terms; None: something of them is wrong, which the page will say."""
    rows = rows_of(visit.form or _NO_FORM)
    terms, wrong = stated(rows, visit.now, is_grants=shown.is_grants)
    if shown.is_too_long:
        wrong.append("rows")
    visit.problems += [
        GraphProblem(code="INVALID_INPUT", message="no instant", field=each) for each in wrong
    ]
    return None if wrong else terms


def _is_of_grants(visit: Visit) -> bool:
    return visit.filter("of") != "restrictions"


def _home(holder: HolderPages, visit: Visit) -> str:
    return f"/console/{holder.pages}/{quote(visit.path('id'), safe='')}"


def _page(holder: HolderPages) -> Page:
    """Make the page on which terms of a kind of holder are changed."""
    return Page(
        path=f"/{holder.pages}/{{id:path}}/terms",  # codes may have slashes
        folder=FOLDER,
        view=partial(show_terms, holder),
        forms={
            "edit": partial(show_terms, holder),
            "review": partial(review, holder),
            "state": partial(state, holder),
        },
        bounds=GRID_FORMS,
        title=holder.pages,
        needs=(Action.RIGHTS_CHANGE,),
    )


TERMS_PAGES: Final = (
    _page(
        HolderPages(
            code="ASSET",
            pages="assets",
            terms=(TERMS_OF_ASSET, "assetTerms"),
            set_grants=(changes.SET_GRANTS, "setGrants"),
            set_restrictions=(changes.SET_RESTRICTIONS, "setRestrictions"),
        )
    ),
    _page(
        HolderPages(
            code="LICENCE",
            pages="licences",
            terms=(TERMS_OF_LICENCE, "licence"),
            set_grants=(changes.SET_LICENCE_GRANTS, "setLicenceGrants"),
            set_restrictions=(changes.SET_LICENCE_RESTRICTIONS, "setLicenceRestrictions"),
        )
    ),
    _page(
        HolderPages(
            code="COLLECTION",
            pages="collections",
            terms=(TERMS_OF_COLLECTION, "collection"),
            set_grants=(changes.SET_COLLECTION_GRANTS, "setCollectionGrants"),
            set_restrictions=(changes.SET_COLLECTION_RESTRICTIONS, "setCollectionRestrictions"),
        )
    ),
)
