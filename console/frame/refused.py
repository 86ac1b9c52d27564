"""What is shown in place of a page: it is not for this person, is not there, or did not work."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias

from starlette.responses import Response

from console.page import Page, Visit

_FOLDER = Path(__file__).parent
_Kind: TypeAlias = Literal["refused", "lost", "failed", "wrong"]
_KINDS: Mapping[str, _Kind] = {
    "FORBIDDEN": "refused",
    "UNAUTHENTICATED": "refused",
    "NOT_FOUND": "lost",
    "FORM_REFUSED": "failed",
    "RATE_LIMITED": "failed",
    "UNAVAILABLE": "failed",
    "TIMED_OUT": "failed",
    "INTERNAL": "failed",
}


@dataclass(frozen=True, slots=True)
class ShownRefusal:
    """What a refusal shows."""

    kind: _Kind
    code: str


async def _show(visit: Visit) -> Response:
    code = visit.problems[0].code if visit.problems else "NOT_FOUND"
    kind: _Kind = _KINDS.get(code, "wrong")
    if kind in {"refused", "lost"}:
        visit.problems.clear()  # the page says it itself
    status = HTTPStatus.NOT_FOUND if kind == "lost" else HTTPStatus.OK
    return visit.render("refused.html", ShownRefusal(kind, code), status=status)


REFUSED = Page(path="", folder=_FOLDER, view=_show)
LOST = Page(path="", folder=_FOLDER, view=_show)
