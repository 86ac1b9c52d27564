"""A file is dropped, its mapping chosen, checked, and imported; the page of its work goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.imports.imports_graphql import (
    IMPORT,
    IMPORT_FILE,
    ImportChannels,
    ImportUploads,
)
from console.pages.work.page import announce
from serving.in_process import GRID_FORMS, GraphProblem

FOLDER: Final = Path(__file__).parent
_DATA: Final = (".csv", ".jsonl", ".ndjson")
_MAPPING: Final = ".toml"


@dataclass(frozen=True, slots=True)
class ShownImport:
    """What the page shows.

    Attributes:
        brought: data files that were brought before and may be imported again.
        mappings: likewise.
    """

    channels: Sequence[ImportChannels]
    brought: Sequence[ImportUploads]
    mappings: Sequence[ImportUploads]
    chosen: frozenset[str]


async def show(visit: Visit) -> Response:
    """Show where a file is dropped, with what was brought before."""
    data = await visit.ask(IMPORT)
    uploads = data["uploads"] or []
    return visit.render(
        "import.html",
        ShownImport(
            channels=data["channels"] or [],
            brought=[each for each in uploads if _suffix(each) in _DATA],
            mappings=[each for each in uploads if _suffix(each) == _MAPPING],
            chosen=frozenset(visit.all_fields("publish")),
        ),
    )


def _suffix(upload: ImportUploads) -> str:
    return PurePath(upload["name"]).suffix.lower()


async def check(visit: Visit) -> Response:
    """Say what importing would do."""
    return await _start(visit, is_check=True)


async def begin(visit: Visit) -> Response:
    """Import."""
    return await _start(visit, is_check=False)


async def _start(visit: Visit, *, is_check: bool) -> Response:
    upload = visit.field("upload")
    if upload is None:
        visit.problems.append(GraphProblem(code="NO_FILE", message="no file was chosen"))
        return await show(visit)
    data = await visit.ask(
        IMPORT_FILE,
        upload=upload,
        mapping=visit.field("mapping"),
        media=visit.all_fields("media"),
        publish=visit.all_fields("publish"),
        strict=visit.field("strict") is not None,
        check=is_check,
    )
    payload = data["importFile"]
    if any(each["field"] == "mapping" for each in payload["errors"]) and not visit.field("mapping"):
        visit.problems.append(GraphProblem(code="NO_MAPPING", message="a CSV needs a mapping"))
        return await show(visit)
    if visit.fails(payload["errors"]) or payload["work"] is None:
        return await show(visit)
    return visit.back(to=f"/console/work/{payload['work']['id']}")


IMPORTS: Final = Page(
    path="/import",
    folder=FOLDER,
    view=show,
    forms={"announce": announce, "check": check, "import": begin},
    bounds=GRID_FORMS,
    section=Section.WORK,
    needs=(Action.FILES_IMPORT,),
    shortcut="i",
)
