"""Licences and collections: lists, and one with its terms and its assets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.media.channels import know_channels
from console.pages.media.darkness import Darkness, darkness_of
from console.pages.media.folder import FOLDER
from console.pages.media.holders_graphql import (
    COLLECTIONS,
    LICENCES,
    ONE_COLLECTION,
    ONE_LICENCE,
    OneCollectionAssets,
    OneCollectionAudit,
    OneCollectionCollection,
    OneLicenceAssets,
    OneLicenceAudit,
    OneLicenceLicence,
)
from console.pages.media.rights import RightsNow, granted


@dataclass(frozen=True, slots=True)
class ShownHolders:
    """What a list shows: each with what its grants come to."""

    rows: Sequence[tuple[Mapping[str, Any], RightsNow]]
    page_info: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownLicence:
    """What the page of a licence shows."""

    licence: OneLicenceLicence
    assets: OneLicenceAssets
    now: RightsNow
    dark: Darkness | None
    may_change: bool
    may_audit: bool
    subject: str
    history: OneLicenceAudit


@dataclass(frozen=True, slots=True)
class ShownCollection:
    """What the page of a collection shows."""

    collection: OneCollectionCollection
    assets: OneCollectionAssets
    now: RightsNow
    dark: Darkness | None
    may_change: bool
    may_audit: bool
    subject: str
    history: OneCollectionAudit


async def show_licences(visit: Visit) -> Response:
    """Show licences by code."""
    await know_channels(visit)
    found = visit.there((await visit.ask(LICENCES, after=visit.filter("after")))["licences"])
    rows = [(each, granted(each["grants"], visit.now)) for each in found["nodes"]]
    return visit.render("licences.html", ShownHolders(rows, found["pageInfo"]))


async def show_licence(visit: Visit) -> Response:
    """Show a licence with its terms and its assets."""
    await know_channels(visit)
    subject = f"licence/{visit.path('id')}"
    asked = {"id": visit.path("id"), "subject": subject, "after": visit.filter("after")}
    data = await visit.ask(ONE_LICENCE, **asked)
    licence = visit.there(data["licence"])
    shown = ShownLicence(
        licence=licence,
        assets=visit.there(data["assets"]),
        now=granted(licence["grants"], visit.now),
        dark=await darkness_of(visit),
        may_change=visit.may(Action.RIGHTS_CHANGE),
        may_audit=visit.may(Action.AUDIT_READ),
        subject=subject,
        history=visit.there(data["audit"]),
    )
    return visit.render("licence.html", shown)


async def show_collections(visit: Visit) -> Response:
    """Show collections by code."""
    await know_channels(visit)
    found = visit.there((await visit.ask(COLLECTIONS, after=visit.filter("after")))["collections"])
    rows = [(each, granted(each["grants"], visit.now)) for each in found["nodes"]]
    return visit.render("collections.html", ShownHolders(rows, found["pageInfo"]))


async def show_collection(visit: Visit) -> Response:
    """Show a collection with its terms and its assets."""
    await know_channels(visit)
    subject = f"collection/{visit.path('id')}"
    asked = {"code": visit.path("id"), "subject": subject, "after": visit.filter("after")}
    data = await visit.ask(ONE_COLLECTION, **asked)
    collection = visit.there(data["collection"])
    shown = ShownCollection(
        collection=collection,
        assets=visit.there(data["assets"]),
        now=granted(collection["grants"], visit.now),
        dark=await darkness_of(visit),
        may_change=visit.may(Action.RIGHTS_CHANGE),
        may_audit=visit.may(Action.AUDIT_READ),
        subject=subject,
        history=visit.there(data["audit"]),
    )
    return visit.render("collection.html", shown)


_NEEDS: Final = (Action.RIGHTS_READ,)
HOLDER_PAGES: Final = (
    Page(
        path="/licences",
        folder=FOLDER,
        view=show_licences,
        section=Section.MEDIA,
        title="licences",
        needs=_NEEDS,
        shortcut="l",
    ),
    Page(path="/licences/{id}", folder=FOLDER, view=show_licence, title="licences", needs=_NEEDS),
    Page(
        path="/collections",
        folder=FOLDER,
        view=show_collections,
        section=Section.MEDIA,
        title="collections",
        needs=_NEEDS,
    ),
    Page(
        path="/collections/{id:path}",
        folder=FOLDER,
        view=show_collection,
        title="collections",
        needs=_NEEDS,
    ),
)
