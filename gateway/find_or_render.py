"""From a decision to bytes: which rendition is meant, and the stored or rendered one."""

from dataclasses import dataclass

import prometheus_client

from catalog.delivery.model import Format, RenditionRequest
from gateway.authorise import Permission
from gateway.delivery_request import DeliveryRequest
from gateway.negotiate import negotiate
from imaging.model import BrokenSourceError
from imaging.stored_renditions import StoredRendition, StoredRenditions

_STAND_INS = prometheus_client.Counter(
    "vitrine_stand_ins",
    "Answers in a cheaper format than the best, which would have been late.",
    ("format",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRendition:
    """A rendition to answer with.

    Attributes:
        is_stand_in: it is in a cheaper format than the client gets once there is time.
    """

    stored: StoredRendition
    is_stand_in: bool = False


async def find_or_render(
    renditions: StoredRenditions, wanted: DeliveryRequest, allowed: Permission, accept: str
) -> ChosenRendition:
    """Return the rendition that the request means; for its `info` with how it is made.

    Under load `.auto` is answered in the next cheaper format that is there or can be made in
    time, and the best is rendered afterwards; a format that was named is waited for.

    Raises:
        BrokenSourceError: the master is missing, corrupt or over the limits.
        RenditionTooLargeError: at no quality is it within the preset's maximum of bytes.
        StoreUnavailableError: the store can't be asked.
        OverloadedError: the render queue is full.
        RenderDeadlineError: the render was stopped at its deadline.
    """
    requests = [
        rendition_request(wanted, allowed, each) for each in _formats(wanted, allowed, accept)
    ]
    if wanted.wants_info:
        return ChosenRendition(stored=await renditions.explain(requests[0]))
    for request in requests[:-1]:
        if stored := await renditions.find_or_render_in_time(request):
            break
    else:
        request = requests[-1]
        stored = await renditions.find_or_render(request)
    if request is requests[0]:
        return ChosenRendition(stored=stored)
    renditions.render_afterwards(requests[0])
    _STAND_INS.labels(request.format.value).inc()
    return ChosenRendition(stored=stored, is_stand_in=True)


def rendition_request(
    wanted: DeliveryRequest, allowed: Permission, image_format: Format
) -> RenditionRequest:
    """Name everything that decides the bytes.

    Raises:
        BrokenSourceError: no version of the asset has been ingested.
    """
    recipe = wanted.preset.complete_recipe
    request = allowed.asset.rendition(recipe, wanted.path.width_px, image_format)
    if request is None:
        raise BrokenSourceError("the asset has no ingested version")
    return request


def _formats(wanted: DeliveryRequest, allowed: Permission, accept: str) -> tuple[Format, ...]:
    """Return the formats that may be answered with, best first."""
    if wanted.path.format is Format.AUTO:
        return negotiate(accept, has_alpha=allowed.asset.has_alpha)
    return (wanted.path.format,)
