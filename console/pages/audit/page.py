"""The audit: who changed what, with what differs; by object, person and time; to take home."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson
from starlette.responses import Response, StreamingResponse

from catalog.access.roles import Action
from catalog.errors import UnauthenticatedError, VitrineError
from console.page import GraphRefusedError, Page, Section, Visit
from console.pages.audit.audit_graphql import AUDIT, NAMED, AuditAudit, AuditAuditNodes

FOLDER: Final = Path(__file__).parent
_PAGE: Final = 50
_LARGEST_PAGE: Final = 100
#: Changes of one file that is taken home; `vitrine audit export` has no end.
MOST_EXPORTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class ShownAudit:
    """What the page shows."""

    audit: AuditAudit | None
    entries: Sequence[AuditAuditNodes]
    most_exported: int = MOST_EXPORTED
    is_somebody: bool = True


async def show_audit(visit: Visit) -> Response:
    """Show changes, the newest first; `?as=jsonl` is the same as a file."""
    if visit.filter("as") == "jsonl":
        first = await _page(visit, visit.filter("after"), size=_LARGEST_PAGE)
        return StreamingResponse(
            lines(visit, first),
            media_type="application/jsonl",
            headers={
                "Content-Disposition": 'attachment; filename="audit.jsonl"',
                "Cache-Control": "private, no-store",
            },
        )
    if visit.filter("principal") and await _principal(visit) is None:
        return visit.render("audit.html", ShownAudit(None, (), is_somebody=False))
    audit = await _page(visit, visit.filter("after"), size=_PAGE)
    return visit.render("audit.html", ShownAudit(audit, audit["nodes"]))


async def _principal(visit: Visit) -> str | None:
    """Return the id of whom the filter means, by id or by name; None: nobody, or it is empty."""
    asked = visit.filter("principal")
    if asked is None or _is_uuid(asked):
        return asked
    found = visit.there((await visit.ask(NAMED, name=asked))["principals"])["nodes"]
    same = [each for each in found if each["name"].casefold() == asked.strip().casefold()]
    return next((each["id"] for each in (*same, *found)), None)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


async def _page(visit: Visit, after: str | None, *, size: int) -> AuditAudit:
    until = visit.filter("until")
    since = visit.filter("since")
    data = await visit.ask(
        AUDIT,
        subject=visit.filter("subject"),
        principal=await _principal(visit),
        since=f"{since}T00:00:00Z" if since else None,
        until=f"{until}T23:59:59.999999Z" if until else None,
        first=size,
        after=after,
    )
    return visit.there(data["audit"])


async def lines(visit: Visit, page: AuditAudit) -> AsyncGenerator[bytes]:
    """Write changes as JSON Lines; whoever takes them is asked for anew before each further page.

    What ends before its end has a last line `{"error": code}`.
    """
    for _ in range(MOST_EXPORTED // _LARGEST_PAGE):
        for each in page["nodes"]:
            yield orjson.dumps(each) + b"\n"
        if not page["pageInfo"]["hasNextPage"]:
            return
        try:
            page = await _page_anew(visit, page["pageInfo"]["endCursor"])
        except GraphRefusedError as error:
            yield _ended(error.problems[0].code)
            return
        except VitrineError as error:
            yield _ended(error.code)
            return


async def _page_anew(visit: Visit, after: str | None) -> AuditAudit:
    """Return a page for whoever is still logged in, by what they may do now.

    Raises:
        UnauthenticatedError: they are not, any more.
        GraphRefusedError, VitrineError: as `Visit.ask`.
    """
    visitor = await visit.graph.visitor(visit.request)
    if visitor is None:
        raise UnauthenticatedError("log in again")
    visit.visitor = visitor
    return await _page(visit, after, size=_LARGEST_PAGE)


def _ended(code: str) -> bytes:
    return orjson.dumps({"error": code}) + b"\n"


AUDIT_PAGE: Final = Page(
    path="/audit",
    folder=FOLDER,
    view=show_audit,
    section=Section.PEOPLE,
    needs=(Action.AUDIT_READ,),
    shortcut="c",
    columns=("who", "what", "subject", "difference"),
)
