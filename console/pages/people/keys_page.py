"""API keys: made, rotated and ended; a secret is shown once, on the page that answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.people.keys_graphql import (
    CREATE_KEY,
    END_KEYS,
    KEYS,
    ROTATE_KEY,
    CreateKeyCreateApiKey,
    KeysApiKeys,
    RotateKeyRotateApiKey,
)
from console.pages.people.page import FOLDER
from serving.in_process import GRID_FORMS

_STATES: Final = ("IN_USE", "REPLACED", "EXPIRED", "ENDED")
_ANY: Final = "ANY"
_HOUR_S: Final = 3_600
_MOST_HOURS: Final = 8_760
_MOST_DAYS: Final = 36_500


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A key at the one moment when its secret is known."""

    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class ShownKeys:
    """What the page shows.

    Attributes:
        scopes: codes of what a key may be limited to.
        may_all: whether whoever looks manages the keys of everybody.
        issued: a secret, this once.
    """

    keys: KeysApiKeys
    scopes: Sequence[str]
    may_all: bool
    issued: IssuedSecret | None = None
    states: Sequence[str] = (*_STATES, _ANY)
    overlaps_h: Sequence[int] = (24, 1, 0, 168)
    days: Sequence[int] = (90, 365, 30)


async def show_keys(visit: Visit, issued: IssuedSecret | None = None) -> Response:
    """Show API keys, the newest first: one's own, or those of everybody."""
    state = visit.filter("state") or "IN_USE"
    data = await visit.ask(
        KEYS,
        principal=visit.filter("principal"),
        state=None if state == _ANY else state,
        after=visit.filter("after"),
    )
    return visit.render(
        "keys.html",
        ShownKeys(
            keys=visit.there(data["apiKeys"]),
            scopes=[each["code"] for each in visit.there(data["roles"]) if each["isScope"]],
            may_all=visit.may(Action.KEYS_MANAGE),
            issued=issued,
        ),
    )


async def create(visit: Visit) -> Response:
    """Make a key for oneself, for a service of its name, or for whom the page was opened for."""
    own = f"{visit.visitor.principal.id}"
    named = {"me": own, "service": None}
    acts = visit.field("acts") or "me"
    days = visit.number("days", most=_MOST_DAYS) or 0
    expires = visit.now + timedelta(days=days)
    data = await visit.ask(
        CREATE_KEY,
        input={
            "name": visit.field("name") or "",
            "scopes": visit.all_fields("scope"),
            "principal": named.get(acts, acts),
            "expiresAt": expires.isoformat() if days else None,
        },
    )
    payload = data["createApiKey"]
    if visit.fails(payload["errors"]):
        return await show_keys(visit)
    return await _issue(visit, payload)


async def rotate(visit: Visit) -> Response:
    """Make the next key of a name."""
    hours = visit.number("hours", most=_MOST_HOURS) or 0
    key = visit.field("key") or ""
    payload = (await visit.ask(ROTATE_KEY, id=key, overlap=hours * _HOUR_S))["rotateApiKey"]
    if visit.fails(payload["errors"]):
        return await show_keys(visit)
    return await _issue(visit, payload)


async def end(visit: Visit) -> Response:
    """End the keys that are selected."""
    ids = visit.selected()
    payload = (await visit.ask(END_KEYS, ids=ids))["endApiKeys"]
    errors = [*payload["errors"], *(each for row in payload["results"] for each in row["errors"])]
    if visit.fails(errors):
        return await show_keys(visit)
    return visit.back("keys_ended", count=len(ids))


async def _issue(visit: Visit, payload: CreateKeyCreateApiKey | RotateKeyRotateApiKey) -> Response:
    shown = IssuedSecret(visit.there(payload["key"])["name"], visit.there(payload["secret"]))
    visit.form = None  # what was typed is done with
    return await show_keys(visit, shown)


KEYS_PAGE: Final = Page(
    path="/keys",
    folder=FOLDER,
    view=show_keys,
    forms={"create": create, "rotate": rotate, "end": end},
    bounds=GRID_FORMS,
    section=Section.PEOPLE,
    title="keys_title",
    needs=(Action.KEYS_OWN,),
)
