"""Going dark: which pictures end by time alone, when, where, and which products lose them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.going_dark.going_dark_graphql import GOING_DARK, GoingDarkGoingDark

_DAYS: Final = ("7", "30", "90", "365")
_USUAL: Final = "30"
#: Products of a place that are named; how many others there are is said.
_NAMED: Final = 8


@dataclass(frozen=True, slots=True)
class ShownGoingDark:
    """What the page shows.

    Attributes:
        days: how far ahead it looks.
        channels, markets: code and name of each, to be chosen from.
    """

    dark: GoingDarkGoingDark
    days: str
    channels: Sequence[tuple[str, str]]
    markets: Sequence[tuple[str, str]]
    choices: Sequence[str] = _DAYS
    named: int = _NAMED


async def _show(visit: Visit) -> Response:
    days = visit.filter("days")
    days = days if days in _DAYS else _USUAL
    data = await visit.ask(
        GOING_DARK,
        until=(visit.now + timedelta(days=int(days))).isoformat(),
        channel=visit.filter("channel"),
        market=visit.filter("market"),
        after=visit.filter("after"),
    )
    visit.channel_names = {each["code"]: each["name"] for each in visit.there(data["channels"])}
    shown = ShownGoingDark(
        dark=visit.there(data["goingDark"]),
        days=days,
        channels=[(each["code"], each["name"]) for each in visit.there(data["channels"])],
        markets=[(each["code"], each["name"]) for each in visit.there(data["markets"])],
    )
    return visit.render("going_dark.html", shown)


PAGE: Final = Page(
    path="/going-dark",
    folder=Path(__file__).parent,
    view=_show,
    section=Section.DELIVERY,
    needs=(Action.RIGHTS_READ,),
    shortcut="d",
)
