"""Assets: found by their pictures; one with its rights, where it hangs, and what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.responses import Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.media.assets_graphql import (
    ASSETS,
    ONE_ASSET,
    AssetsAssetsPageInfo,
    OneAssetAsset,
)
from console.pages.media.changes_graphql import (
    APPROVE_ASSET,
    HOLD_ASSET,
    REINSTATE_ASSET,
    WITHDRAW_ASSET,
    ChannelsChannels,
)
from console.pages.media.channels import know_channels
from console.pages.media.darkness import Darkness, darkness_of, measured_query
from console.pages.media.folder import FOLDER
from console.pages.media.proof_graphql import DOSSIER, DossierRightsDossier
from console.pages.media.rights import RightsNow, rights_of

_STATES: Final = ("APPROVED", "DRAFT", "WITHDRAWN", "QUARANTINED")
_RECORD: Final = timedelta(days=30)
_NOTHING: Final = dict.fromkeys((
    *("assetTerms", "wouldGoDark", "assetBindings", "assetVersions", "deliveryRecord", "audit"),
))


@dataclass(frozen=True, slots=True)
class ShownAssets:
    """What the grid shows: assets, each with what its rights come to."""

    cards: Sequence[tuple[Mapping[str, Any], RightsNow]]
    page_info: AssetsAssetsPageInfo
    may_read_rights: bool
    may_know_states: bool
    states: Sequence[str] = _STATES


@dataclass(frozen=True, slots=True)
class ShownAsset:
    """What the page of an asset shows.

    Attributes:
        data: all that whoever looks may know; None: the rest.
        dark: the change that was just made.
        dossier: the answer to what was asked of its rights; None: nothing was.
    """

    asset: OneAssetAsset
    data: Mapping[str, Any]
    now: RightsNow
    dark: Darkness | None
    dossier: DossierRightsDossier | None
    channels: Sequence[ChannelsChannels]
    may_change: bool
    may_approve: bool
    may_preview: bool
    may_audit: bool


async def show_assets(visit: Visit) -> Response:
    """Show the assets that the filters leave."""
    may_read_rights = visit.may(Action.RIGHTS_READ)
    status = visit.filter("status")
    asked = {
        "text": visit.filter("text"),
        "status": [status] if status in _STATES else None,
        "licence": visit.filter("licence") if may_read_rights else None,
        "collection": visit.filter("collection") if may_read_rights else None,
    }
    data = await visit.ask(
        ASSETS, filter=asked, after=visit.filter("after"), rights=may_read_rights
    )
    assets = visit.there(data["assets"])
    if may_read_rights:
        await know_channels(visit)
    return visit.render(
        "assets.html",
        ShownAssets(
            cards=[(each, rights_of(each, visit.now)) for each in assets["nodes"]],
            page_info=assets["pageInfo"],
            may_read_rights=may_read_rights,
            may_know_states=visit.may(Action.ABSENCES_READ),
        ),
    )


async def show_asset(visit: Visit) -> Response:
    """Show an asset with all that whoever looks may know of it."""
    may_read_rights, id_ = visit.may(Action.RIGHTS_READ), visit.path("id")
    data = await visit.ask(
        ONE_ASSET,
        id=id_,
        rights=may_read_rights,
        staff=visit.may(Action.ABSENCES_READ),
        products=visit.may(Action.PRODUCTS_READ),
        audit=visit.may(Action.AUDIT_READ) or visit.may(Action.RIGHTS_READ),
        subject=f"asset/{id_}",
        since=(visit.now - _RECORD).isoformat(),
    )
    asset = visit.there(data["asset"])
    channels: Sequence[ChannelsChannels] = ()
    if may_read_rights:
        channels = await know_channels(visit)
    return visit.render(
        "asset.html",
        ShownAsset(
            asset=asset,
            data={**_NOTHING, **data},
            now=rights_of(asset, visit.now),
            dark=await darkness_of(visit, id_),
            dossier=await _dossier(visit, id_) if may_read_rights else None,
            channels=channels,
            may_change=visit.may(Action.RIGHTS_CHANGE),
            may_approve=visit.may(Action.ASSETS_APPROVE),
            may_preview=visit.may(Action.CONTENT_PREVIEW),
            may_audit=visit.may(Action.AUDIT_READ),
        ),
    )


async def _dossier(visit: Visit, asset: str) -> DossierRightsDossier | None:
    channel, at = visit.filter("channel"), visit.filter("at")
    if channel is None:
        return None
    data = await visit.ask(
        DOSSIER,
        id=asset,
        channel=channel,
        country=(visit.filter("country") or "").upper() or None,
        usage=visit.filter("usage"),
        at=f"{at}T12:00:00Z" if at else None,
    )
    return data["rightsDossier"]


async def withdraw(visit: Visit) -> Response:
    """Take an asset out of every delivery, and lead to the time that it took."""
    done = (await visit.ask(WITHDRAW_ASSET, **_change_of(visit)))["withdrawAsset"]
    if visit.fails(done["errors"]):
        return await show_asset(visit)
    return visit.back("is_withdrawn", to=_home(visit) + measured_query(done["darkAt"]))


async def hold(visit: Visit) -> Response:
    """Block an asset because an authority demands it."""
    asked = {**_change_of(visit), "authority": visit.field("authority")}
    done = (await visit.ask(HOLD_ASSET, **asked))["holdAsset"]
    if visit.fails(done["errors"]):
        return await show_asset(visit)
    return visit.back("is_held", to=_home(visit) + measured_query(done["darkAt"]))


async def reinstate(visit: Visit) -> Response:
    """Take back a withdrawal or a hold."""
    done = (await visit.ask(REINSTATE_ASSET, **_change_of(visit)))["reinstateAsset"]
    if visit.fails(done["errors"]):
        return await show_asset(visit)
    return visit.back("is_reinstated", to=_home(visit))


async def approve(visit: Visit) -> Response:
    """Let a draft be delivered where its rights allow it."""
    done = (await visit.ask(APPROVE_ASSET, **_change_of(visit)))["approveAsset"]
    if visit.fails(done["errors"]):
        return await show_asset(visit)
    return visit.back("is_approved", to=_home(visit))


def _change_of(visit: Visit) -> dict[str, object]:
    return {
        "id": visit.path("id"),
        "reason": visit.field("reason"),
        "revision": visit.number("revision"),
    }


def _home(visit: Visit) -> str:
    return f"/console/assets/{visit.path('id')}"


ALL_ASSETS: Final = Page(
    path="/assets",
    folder=FOLDER,
    view=show_assets,
    section=Section.MEDIA,
    title="assets",
    needs=(Action.ASSETS_READ,),
    shortcut="a",
    columns=("code", "state"),
)
ASSET: Final = Page(
    path="/assets/{id}",
    folder=FOLDER,
    view=show_asset,
    forms={"withdraw": withdraw, "hold": hold, "reinstate": reinstate, "approve": approve},
    title="assets",
    needs=(Action.ASSETS_READ,),
)
