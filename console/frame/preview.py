"""Between a form for many rows and its change: which will be changed, and which can't be."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from console.grid import PlannedRow, planned
from console.page import Visit
from console.words import FRAME

#: Fields of the form that the page before has written, or that its button decides.
_OURS = frozenset({"token", "do", "id", "sure"})


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """What will be done.

    Attributes:
        do: the form.
        rows: all that were selected.
        fields: of the form, to be sent again.
    """

    do: str
    rows: Sequence[PlannedRow]
    fields: Sequence[tuple[str, str]]


def is_previewed(visit: Visit, do: str) -> bool:
    """Return whether a form asks again: it is for many rows, and nobody has said yes."""
    has_many = len(visit.all_fields("id")) > 1
    return do in visit.page.previews and has_many and visit.field("sure") is None


async def show_preview(visit: Visit, do: str) -> Response:
    """Show what a form would do to each of the selected rows."""
    ids = visit.all_fields("id")
    obstacles = await visit.page.previews[do](visit, ids)
    rows = [*planned(ids, {each: visit.row_name(each) for each in ids}, obstacles)]
    names = {f"name_{each}" for each in ids}
    form = visit.form.multi_items() if visit.form is not None else ()
    fields = [
        (name, value)
        for name, value in form
        if name not in _OURS and (name in names or not name.startswith("name_"))
    ]
    visit.is_unfinished = True
    return visit.render_from(FRAME / "preview.html", ShownPreview(do, rows, fields))
