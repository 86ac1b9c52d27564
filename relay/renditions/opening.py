"""Opens what makes renditions ahead, as a gateway would make them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.settings import MIB
from catalog.storage.model import ObjectStore
from imaging.claims import NoClaims, RedisClaims
from imaging.mezzanine import mezzanine_folder
from imaging.pool import PoolLimits, open_render_pool
from imaging.stored import StoredLimits, StoredRenditions, open_stored_renditions
from imaging.tiers import FolderLimits
from relay.settings import RelaySettings
from serving.redis import open_redis

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_renditions(
    settings: RelaySettings, store: ObjectStore, *, threads: int
) -> AsyncGenerator[StoredRenditions]:
    """Open renditions whose results only the object store keeps.

    Args:
        settings: how a gateway renders.
        store: the object store.
        threads: renders at the same time.
    """
    limits = PoolLimits(threads=threads, avif_effort=settings.avif_effort)
    mezzanines = mezzanine_folder(settings.mezzanines, max_mib=settings.mezzanines_max_mib)
    async with (
        open_redis(settings) as redis,
        open_render_pool(limits, mezzanines=mezzanines) as pool,
        open_stored_renditions(
            store,
            pool,
            not_stored=_not_stored,
            limits=StoredLimits(memory_bytes=0),
            claims=RedisClaims(redis) if redis else NoClaims(),
        ) as renditions,
    ):
        yield renditions


def folder_limits(settings: RelaySettings) -> FolderLimits:
    """Return where the gateways of this machine keep finished renditions, and how many."""
    return FolderLimits(
        folder=settings.renditions_folder, max_bytes=settings.renditions_folder_max_mib * MIB
    )


def _not_stored(request: RenditionRequest, error: VitrineError) -> None:
    # whoever asked for it is told as well
    log.warning("rendition_not_stored", code=error.code, source=request.source_sha256)
