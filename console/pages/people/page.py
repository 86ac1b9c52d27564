"""People and services: who there is, what they may do and where, and how they come in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.people.people_graphql import (
    CREATE_LOGIN_LINK,
    END_PRINCIPALS,
    END_SESSIONS,
    GIVE_ROLE,
    ONE_PERSON,
    PEOPLE,
    PUT_PEOPLE,
    PUT_SERVICES,
    RESUME_PRINCIPALS,
    TAKE_ROLE,
    CreateLoginLinkCreateLoginLink,
    OnePersonPrincipal,
    PeoplePrincipals,
)
from serving.in_process import GRID_FORMS

FOLDER: Final = Path(__file__).parent
_ANY: Final = "ANY"
DIMENSIONS: Final = ("markets", "channels", "locales", "families", "categories", "fields")
#: What the graph calls them, where that is another word.
_KINDS_OF_PLACES: Final = {"fields": "attributes"}
#: Those of `principals(within:)` that the list is filtered by.
_PLACES: Final = ("market", "channel")


@dataclass(frozen=True, slots=True)
class ShownPeople:
    """What the list shows.

    Attributes:
        roles: codes and labels of those that somebody can have.
        actions: codes and words.
    """

    people: PeoplePrincipals
    roles: Sequence[tuple[str, str]]
    actions: Sequence[tuple[str, str]]
    kinds: Sequence[str] = ("PERSON", "SERVICE")
    states: Sequence[str] = ("IN_USE", "ENDED", _ANY)
    dimensions: Sequence[str] = DIMENSIONS


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """What the page of somebody shows.

    Attributes:
        roles: codes and labels of those that they can be given.
        places_of: what there is of the dimensions that are chosen from; others are typed.
        link: that logs them in, this once.
    """

    person: OnePersonPrincipal
    roles: Sequence[tuple[str, str]]
    is_oneself: bool
    places_of: Mapping[str, Sequence[Mapping[str, str]]]
    link: CreateLoginLinkCreateLoginLink | None = None
    dimensions: Sequence[str] = DIMENSIONS


async def show_list(visit: Visit) -> Response:
    """Show people and services by name; by default those in use."""
    state = visit.filter("state") or "IN_USE"
    within = {each: visit.filter(each) for each in _PLACES if visit.filter(each)}
    data = await visit.ask(
        PEOPLE,
        search=visit.filter("search"),
        kind=visit.filter("kind"),
        state=None if state == _ANY else state,
        role=visit.filter("role"),
        mayDo=visit.filter("may"),
        within=within,
        after=visit.filter("after"),
    )
    people = visit.there(data["principals"])
    if visit.filter("kind") is None:  # whoever looks for colleagues has no use for our own parts
        people["nodes"] = [each for each in people["nodes"] if not each["isOwnService"]]
    return visit.render(
        "people.html",
        ShownPeople(
            people=people,
            roles=_labelled(visit, visit.there(data["roles"])),
            actions=[
                (each["code"], action_name(visit, each["code"]))
                for each in visit.there(data["actions"])
            ],
        ),
    )


async def show_person(visit: Visit, link: CreateLoginLinkCreateLoginLink | None = None) -> Response:
    """Show somebody with roles, logins and keys."""
    data = await visit.ask(ONE_PERSON, id=visit.path("id"))
    person = visit.there(data["principal"])
    return visit.render(
        "person.html",
        ShownPerson(
            person=person,
            roles=_labelled(visit, visit.there(data["roles"])),
            places_of={
                each: data.get(_KINDS_OF_PLACES.get(each, each)) or [] for each in DIMENSIONS
            },
            is_oneself=person["id"] == f"{visit.visitor.principal.id}",
            link=link,
        ),
    )


async def create(visit: Visit) -> Response:
    """Make a person or a service, and lead to their page."""
    name = visit.field("name") or ""
    if visit.field("kind") == "SERVICE":
        payload: Any = (await visit.ask(PUT_SERVICES, input=[{"name": name}]))["putServices"]
    else:
        person = {"name": name, "email": visit.field("email")}
        payload = (await visit.ask(PUT_PEOPLE, input=[person]))["putPeople"]
    if visit.fails(_errors(payload)):
        return await show_list(visit)
    made = payload["results"][0]["principal"]["id"]
    return visit.back("created", to=f"/console/people/{made}")


async def describe(visit: Visit) -> Response:
    """Change a name and an address."""
    name, given = visit.field("name") or "", {"id": visit.path("id")}
    if visit.field("kind") == "SERVICE":
        payload: Any = (await visit.ask(PUT_SERVICES, input=[{**given, "name": name}]))[
            "putServices"
        ]
    else:
        person = {**given, "name": name, "email": visit.field("email")}
        payload = (await visit.ask(PUT_PEOPLE, input=[person]))["putPeople"]
    return await visit.conclude(_errors(payload), "described")


async def _not_to_be_ended(visit: Visit, ids: Sequence[str]) -> dict[str, str]:
    """Say of whoever looks that it is themselves: they would be out at once."""
    oneself = f"{visit.visitor.principal.id}"
    return {each: "is_oneself" for each in ids if each == oneself}


async def end(visit: Visit) -> Response:
    """End those who are selected, or whose page it is."""
    ids = visit.selected("id")
    payload = (await visit.ask(END_PRINCIPALS, ids=ids))["endPrincipals"]
    if visit.fails_in_rows(payload, ids):
        return await visit.page.view(visit)
    return visit.back("ended", count=len(ids))


async def resume(visit: Visit) -> Response:
    """Let somebody be in use again."""
    payload = (await visit.ask(RESUME_PRINCIPALS, ids=[visit.path("id")]))["resumePrincipals"]
    return await visit.conclude(_errors(payload), "resumed")


async def give(visit: Visit) -> Response:
    """Give a role, everywhere or at the places that are named."""
    where = {
        each: [code for field in visit.all_fields(each) for code in _codes(field)]
        for each in DIMENSIONS
    }
    data = await visit.ask(
        GIVE_ROLE,
        principal=visit.path("id"),
        role=visit.field("role") or "",
        where={each: codes for each, codes in where.items() if codes},
    )
    return await visit.conclude(data["giveRole"]["errors"], "given")


async def take(visit: Visit) -> Response:
    """Take a role, wherever they have it."""
    role = visit.field("role") or ""
    data = await visit.ask(TAKE_ROLE, principal=visit.path("id"), role=role)
    return await visit.conclude(data["takeRole"]["errors"], "taken")


async def end_sessions(visit: Visit) -> Response:
    """Log a person out everywhere."""
    payload = (await visit.ask(END_SESSIONS, principal=visit.path("id")))["endSessions"]
    return await visit.conclude(payload["errors"], "logged_out", count=payload["ended"])


async def create_link(visit: Visit) -> Response:
    """Make a link that logs a person in, and show it this once."""
    payload = (await visit.ask(CREATE_LOGIN_LINK, principal=visit.path("id")))["createLoginLink"]
    if visit.fails(payload["errors"]):
        return await show_person(visit)
    return await show_person(visit, payload)


def _labelled(visit: Visit, roles: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the roles that can be given, each with its word or, of own ones, its label."""
    return [
        (
            each["code"],
            each["label"] if each["isOwn"] else visit.words.or_code("role", each["code"]),
        )
        for each in roles
        if each["canBeGiven"]
    ]


def action_name(visit: Visit, code: str) -> str:
    """Return the word for an action; of one that has none its code."""
    name = visit.words.found(f"action_{code.replace('.', '_')}")
    return name if isinstance(name, str) else code


def _codes(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def _errors(payload: Mapping[str, Any]) -> list[Any]:
    return [*payload["errors"], *(error for row in payload["results"] for error in row["errors"])]


PEOPLE_PAGE: Final = Page(
    path="/people",
    folder=FOLDER,
    view=show_list,
    forms={"create": create, "end": end},
    previews={"end": _not_to_be_ended},
    bounds=GRID_FORMS,
    section=Section.PEOPLE,
    needs=(Action.PEOPLE_MANAGE,),
    shortcut="u",
    columns=("kind", "email", "roles", "last_login"),
)
PERSON: Final = Page(
    path="/people/{id}",
    folder=FOLDER,
    view=show_person,
    forms={
        "describe": describe,
        "end": end,
        "resume": resume,
        "give": give,
        "take": take,
        "end_sessions": end_sessions,
        "create_link": create_link,
    },
    needs=(Action.PEOPLE_MANAGE,),
)
