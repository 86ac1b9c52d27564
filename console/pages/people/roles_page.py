"""Roles: what each allows, as a table, and those of a house's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.people.page import FOLDER, action_name
from console.pages.people.roles_graphql import PUT_ROLES, ROLES, RolesActions, RolesRoles
from serving.in_process import FormBounds


@dataclass(frozen=True, slots=True)
class ShownRoles:
    """What the page shows.

    Attributes:
        edited: the own role that is to be changed; None: a new one.
        names: of actions in the reader's words, by code.
        may_put: whether whoever looks may put own roles.
    """

    roles: Sequence[RolesRoles]
    own: Sequence[RolesRoles]
    actions: Sequence[RolesActions]
    edited: RolesRoles | None
    names: Mapping[str, str]
    may_put: bool


async def show_roles(visit: Visit) -> Response:
    """Show all roles by all actions; `?edit=` fills the form with an own one."""
    data = await visit.ask(ROLES)
    roles = visit.there(data["roles"])
    own = [each for each in roles if each["isOwn"]]
    actions = visit.there(data["actions"])
    return visit.render(
        "roles.html",
        ShownRoles(
            roles=[each for each in roles if not each["isScope"]],
            own=own,
            actions=actions,
            edited=next((each for each in own if each["code"] == visit.filter("edit")), None),
            names={each["code"]: action_name(visit, each["code"]) for each in actions},
            may_put=visit.may(Action.PEOPLE_MANAGE),
        ),
    )


async def put(visit: Visit) -> Response:
    """Put an own role."""
    role = {
        "code": visit.field("code") or "",
        "label": visit.field("label") or "",
        "actions": visit.all_fields("action"),
    }
    payload = (await visit.ask(PUT_ROLES, input=[role]))["putRoles"]
    errors = [*payload["errors"], *(each for row in payload["results"] for each in row["errors"])]
    if visit.fails(errors):
        return await show_roles(visit)
    return visit.back("role_put", to="/console/roles", label=role["label"])


ROLES_PAGE: Final = Page(
    path="/roles",
    folder=FOLDER,
    view=show_roles,
    forms={"put": put},
    bounds=FormBounds(max_fields=100),
    section=Section.PEOPLE,
    title="roles_title",
    needs=(Action.PEOPLE_READ,),
)
