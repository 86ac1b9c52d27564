"""What is stored is taken home as a file; the page of its work hands it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from catalog.export.records import EXPORTED_TYPES
from console.page import Page, Section, Visit
from console.pages.exports.exports_graphql import EXPORT_PRODUCTS
from serving.in_process import GRID_FORMS, GraphProblem

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ShownExport:
    """What the page shows.

    Attributes:
        types: of records, in the order in which they are written.
        chosen: those whose boxes are ticked; at first all.
    """

    types: Sequence[str]
    chosen: Sequence[str]


async def show(visit: Visit) -> Response:
    """Show what can be taken."""
    chosen = EXPORTED_TYPES if visit.form is None else visit.all_fields("types")
    return visit.render("export.html", ShownExport(types=EXPORTED_TYPES, chosen=chosen))


async def begin(visit: Visit) -> Response:
    """Have the file written."""
    types = visit.all_fields("types")
    if not types:  # without a word the graph would write all
        visit.problems.append(GraphProblem(code="NO_TYPES", message="nothing was chosen"))
        return await show(visit)
    data = await visit.ask(EXPORT_PRODUCTS, types=types)
    payload = data["exportProducts"]
    if visit.fails(payload["errors"]) or payload["work"] is None:
        return await show(visit)
    return visit.back(to=f"/console/work/{payload['work']['id']}")


EXPORTS: Final = Page(
    path="/export",
    folder=FOLDER,
    view=show,
    forms={"export": begin},
    bounds=GRID_FORMS,
    section=Section.WORK,
    needs=(Action.FILES_EXPORT,),
)
