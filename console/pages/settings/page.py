"""Settings: what the api was started with, to be read; they are changed where it is started."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.settings.settings_graphql import SETTINGS, SettingsSettings

_SOURCES: Final = ("VARIABLE", "DERIVED", "DEFAULT")


@dataclass(frozen=True, slots=True)
class ShownSettings:
    """What the page shows: those settings that the filters leave."""

    settings: Sequence[SettingsSettings]
    sources: Sequence[str] = _SOURCES


async def _show(visit: Visit) -> Response:
    source, text = visit.filter("source"), (visit.filter("text") or "").casefold()
    found = [
        each
        for each in visit.there((await visit.ask(SETTINGS))["settings"])
        if source in {None, each["source"]}
        and text in f"{each['name']} {each['meaning']}".casefold()
    ]
    return visit.render("settings.html", ShownSettings(found))


PAGE: Final = Page(
    path="/settings",
    folder=Path(__file__).parent,
    view=_show,
    section=Section.SYSTEM,
    needs=(Action.SYSTEM_WATCH,),
)
