"""`vitrine sign`: a signed URL of a rendition, as the api would write it."""

import os
import sys
from dataclasses import dataclass
from typing import Annotated, Literal

import orjson
from cyclopts import Parameter

from api.images.urls import Minter, checked_format, checked_width
from catalog.clock import utc_now
from catalog.db import Connection, open_pool
from catalog.delivery.keys import load_signing_keys
from catalog.delivery.model import Format
from catalog.delivery.store import presets
from catalog.errors import NotFoundError
from catalog.graph.assets import AssetFilter, list_assets
from catalog.graph.context import ContextArguments, resolve_context
from catalog.graph.delivery import load_windows
from catalog.graph.media import LiveAsset, find_assets
from catalog.graph.reference import load_reference
from vitrine.database import on_database
from vitrine.settings import Settings


@dataclass(frozen=True, kw_only=True)
class TokenOptions:
    """Where the picture will be shown, as its token says."""

    channel: Annotated[str | None, Parameter(help="By default the first public one.")] = None
    usage: Annotated[str | None, Parameter(help="By default the channel's own.")] = None
    market: Annotated[str | None, Parameter(help="Groups the keys of caches.")] = None
    owner: Annotated[
        str | None, Parameter(help="Public id of the product that shows it; by default none.")
    ] = None


def sign_url(
    asset: str,
    /,
    *,
    preset: str = "card",
    width: int | None = None,
    image_format: Annotated[
        Literal["avif", "webp", "jpg", "png", "auto"], Parameter(name="--format")
    ] = "jpg",
    where: Annotated[TokenOptions | None, Parameter(name="*")] = None,
) -> None:
    """Print a signed URL. It says nothing about rights: those are decided at delivery.

    Args:
        asset: its code or public id.
        preset: the preset's code.
        width: one of the preset's, in pixels; by default the largest.
        image_format: the file extension.
        where: it will be shown.
    """
    place = where or TokenOptions()
    asked = ContextArguments(channel=place.channel, usage=place.usage, market=place.market)

    async def mint(settings: Settings, url: str) -> str:
        async with open_pool(url, application="vitrine sign") as pool, pool.acquire() as conn:
            minter = await _minter(conn, settings, asked)
            chosen = minter.preset(preset)
            await _check_owner(conn, minter, place.owner)
            return minter.url(
                await _find(conn, asset),
                place.owner,
                chosen,
                checked_width(chosen, width),
                checked_format(chosen, Format(image_format)),
            )

    sys.stdout.write(on_database(mint) + "\n")


async def _minter(conn: Connection, settings: Settings, asked: ContextArguments) -> Minter:
    now = utc_now()
    reference = await load_reference(conn)
    return Minter(
        context=resolve_context(reference, asked, now=now, may_read_all=True),
        presets={each.code: each for each in await presets(conn) if each.state == "current"},
        keys=await load_signing_keys(conn, settings.master_keys()),
        media_base=_media_base(settings),
        now=now,
        actor=None,
    )


def _media_base(settings: Settings) -> str:
    """Return what URLs begin with: as it was set, else as the running `vitrine up` says."""
    try:
        run = (settings.home / "run.json").read_bytes()
    except FileNotFoundError:
        return settings.media_base
    said: str = orjson.loads(run)["media_url"]
    return settings.media_base if "VITRINE_MEDIA_BASE" in os.environ else said


async def _check_owner(conn: Connection, minter: Minter, owner: str | None) -> None:
    """Refuse an owner under which nothing would be delivered.

    Raises:
        NotFoundError: it is no public id of a product that is published on the channel.
    """
    channel = minter.context.channel.code
    if owner is not None and not await load_windows(conn, owner, channel):
        raise NotFoundError(
            f"no product with the public id {owner!r} is published on {channel}", field="owner"
        )


async def _find(conn: Connection, asset: str) -> LiveAsset:
    found = await list_assets(conn, AssetFilter(codes=[asset]), after="", size=1)
    found = found or await find_assets(conn, [asset])
    if not found:
        raise NotFoundError(f"there is no asset {asset!r}", field="asset")
    return found[0]
