"""Opens renditions as the settings say: the same for deliveries and for what is made ahead."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.settings import MIB
from catalog.storage.model import ObjectStore
from imaging.claims import RedisClaims
from imaging.mezzanine import mezzanine_folder
from imaging.pool import PoolLimits, open_render_pool
from imaging.settings import ImagingSettings
from imaging.storage import NotStored
from imaging.stored_renditions import StoredLimits, StoredRenditions, open_stored_renditions
from imaging.tiers import FolderLimits

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_renditions(
    settings: ImagingSettings,
    store: ObjectStore,
    redis: "Redis | None",
    *,
    threads: int | None = None,
    made_ahead: bool = False,
    not_stored: NotStored | None = None,
) -> AsyncGenerator[StoredRenditions]:
    """Open what finds or renders: mezzanines, a pool, claims, and the places of what is finished.

    Args:
        settings: how renders are made, and what is kept of them.
        store: the object store.
        redis: where processes agree who renders; None: each renders what it misses.
        threads: renders at the same time; None: as many as are set.
        made_ahead: only the store keeps them, since nobody waits for them here; by default memory
            and the folder do too.
        not_stored: called, after the log, for every rendition that could not be written.
    """
    limits = StoredLimits(
        memory_bytes=settings.renditions_memory_mib * MIB, folder=folder_limits(settings)
    )
    pool_limits = PoolLimits(threads=threads or workers(settings), avif_effort=settings.avif_effort)
    mezzanines = mezzanine_folder(settings.mezzanines, max_mib=settings.mezzanines_max_mib)

    def tell(request: RenditionRequest, error: VitrineError) -> None:
        log.error("rendition_not_stored", code=error.code, source=request.source_sha256)
        if not_stored is not None:
            not_stored(request, error)

    async with (
        open_render_pool(pool_limits, mezzanines=mezzanines) as pool,
        open_stored_renditions(
            store,
            pool,
            not_stored=tell,
            limits=StoredLimits(memory_bytes=0) if made_ahead else limits,
            claims=RedisClaims(redis) if redis else None,
        ) as renditions,
    ):
        yield renditions


def workers(settings: ImagingSettings) -> int:
    """Return how many renders run at the same time, unless somebody asks for another number."""
    return settings.render_workers or PoolLimits().threads


def folder_limits(settings: ImagingSettings) -> FolderLimits:
    """Return where the gateways of this machine keep finished renditions, and how many."""
    return FolderLimits(
        folder=settings.renditions_folder, max_bytes=settings.renditions_folder_max_mib * MIB
    )
