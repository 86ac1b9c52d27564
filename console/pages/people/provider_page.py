"""Tokens with which an identity provider makes and ends people; one is shown once."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.people.page import FOLDER
from console.pages.people.provider_graphql import CREATE_SCIM_TOKEN, END_SCIM_TOKENS
from serving.in_process import GRID_FORMS


@dataclass(frozen=True, slots=True)
class ShownProvider:
    """What the page shows.

    Attributes:
        token: that was just made, this once.
    """

    token: str | None = None


async def show(visit: Visit) -> Response:
    """Show how an identity provider is connected."""
    return visit.render("provider.html", ShownProvider())


async def create(visit: Visit) -> Response:
    """Make a token, and show it this once."""
    payload = (await visit.ask(CREATE_SCIM_TOKEN))["createScimToken"]
    if visit.fails(payload["errors"]):
        return await show(visit)
    return visit.render("provider.html", ShownProvider(visit.there(payload["token"])))


async def end(visit: Visit) -> Response:
    """End all tokens."""
    payload = (await visit.ask(END_SCIM_TOKENS))["endScimTokens"]
    return await visit.conclude(payload["errors"], "tokens_ended", count=payload["ended"])


PROVIDER_PAGE: Final = Page(
    path="/identity-provider",
    folder=FOLDER,
    view=show,
    forms={"create": create, "end": end},
    bounds=GRID_FORMS,
    section=Section.PEOPLE,
    title="provider_title",
    needs=(Action.PEOPLE_MANAGE, Action.KEYS_MANAGE),
)
