"""From a decision to bytes: which rendition is meant, and the stored or rendered one."""

from catalog.delivery.model import Format, RenditionRequest
from gateway.authorise import Allowed
from gateway.negotiate import negotiate
from gateway.wanted import Wanted
from imaging.model import BrokenSourceError
from imaging.stored import Stored, StoredRenditions


async def find_or_render(
    renditions: StoredRenditions, wanted: Wanted, allowed: Allowed, accept: str
) -> Stored:
    """Return the rendition that the request means; for its `info` with how it is made.

    Raises:
        BrokenSourceError: the master is missing, corrupt or over the limits.
        RenditionTooLargeError: at no quality is it within the preset's maximum of bytes.
        StoreUnavailableError: the store can't be asked.
        OverloadedError: the render queue is full.
        RenderDeadlineError: the render was stopped at its deadline.
    """
    request = rendition_request(wanted, allowed, accept)
    if wanted.wants_info:
        return await renditions.explain(request)
    return await renditions.find_or_render(request)


def rendition_request(wanted: Wanted, allowed: Allowed, accept: str) -> RenditionRequest:
    """Name everything that decides the bytes.

    Raises:
        BrokenSourceError: no version of the asset has been ingested.
    """
    asset = allowed.asset
    if asset.source_sha256 is None or asset.master_key is None:
        raise BrokenSourceError("the asset has no ingested version")
    wanted_format = wanted.path.format
    if wanted_format is Format.AUTO:
        wanted_format = negotiate(accept, has_alpha=asset.has_alpha)
    return RenditionRequest(
        source_sha256=asset.source_sha256,
        master_key=asset.master_key,
        recipe=wanted.preset.recipe,
        width_px=wanted.path.width_px,
        format=wanted_format,
        focal=asset.focal,
        rights=asset.record,
    )
