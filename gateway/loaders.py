"""What the index is filled from: three reads of the primary."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from catalog.db import Connection, Pool
from catalog.graph.delivery import (
    Catalogue,
    DeliverableAsset,
    load_asset,
    load_catalogue,
    load_windows,
)
from catalog.rights.model import Window
from catalog.sealing import MasterKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaders:
    """Each reads what is committed when it asks, and raises what `DATABASE_FAILED` names.

    An asset is of one instant; the three parts of the catalogue rest on nothing of each other.

    Attributes:
        asset: by public id; None where there is none.
        windows: of an owner (public id) on a channel.
        catalogue: channels, presets and keys.
    """

    asset: Callable[[str], Awaitable[DeliverableAsset | None]]
    windows: Callable[[str, str], Awaitable[tuple[Window, ...]]]
    catalogue: Callable[[], Awaitable[Catalogue]]


async def _nothing(_: Connection) -> None:
    pass


def loaders_from(
    pool: Pool,
    *,
    master_keys: MasterKeys,
    before_read: Callable[[Connection], Awaitable[None]] = _nothing,
) -> Loaders:
    """Return loads through a pool.

    Args:
        pool: to the primary.
        master_keys: open the signing keys.
        before_read: done, and waited for, on the connection of each read.
    """

    @asynccontextmanager
    async def reading() -> AsyncGenerator[Connection]:
        async with pool.acquire() as conn:
            await before_read(conn)
            yield conn

    async def asset(public_id: str) -> DeliverableAsset | None:
        async with reading() as conn:
            return await load_asset(conn, public_id)

    async def windows(owner: str, channel: str) -> tuple[Window, ...]:
        async with reading() as conn:
            return await load_windows(conn, owner, channel)

    async def catalogue() -> Catalogue:
        async with reading() as conn:
            return await load_catalogue(conn, master_keys)

    return Loaders(asset=asset, windows=windows, catalogue=catalogue)
