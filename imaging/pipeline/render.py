"""The pipeline: one master, one request, one rendition."""

from catalog.delivery.geometry import plan
from catalog.delivery.model import RenditionRequest
from imaging.model import BrokenSourceError, RenderDeadlineError, Rendition
from imaging.pipeline.encode import AVIF_EFFORT, encode, quality_of
from imaging.pipeline.load import OpenMaster, load_scaled
from imaging.pipeline.steps import (
    Job,
    convert_colour,
    crop,
    fill_background,
    replace_metadata,
    sharpen,
    turn_upright,
)
from imaging.vips import Stop, VipsError, watch

# Raised with any change that alters bytes: stored renditions of another version are not found.
PIPELINE_VERSION = 1

_STEPS = (turn_upright, convert_colour, crop, sharpen, fill_background, replace_metadata)


def render(
    opened: OpenMaster, request: RenditionRequest, stop: Stop, *, avif_effort: int = AVIF_EFFORT
) -> Rendition:
    """Make one rendition, on this thread; once `stop()` is true it ends within milliseconds.

    Raises:
        BrokenSourceError: the master can't be decoded to its last pixel.
        RenderDeadlineError: `stop()` became true.
    """
    geometry = plan(opened.upright, request.recipe, request.width_px)
    shrinks = geometry.scaled != opened.upright
    job = Job(request=request, geometry=geometry, shrinks=shrinks, stop=stop)
    if stop():
        raise RenderDeadlineError("The render had no time left.")
    try:
        image = load_scaled(opened, geometry.scaled)
        for step in _STEPS:
            image = step(image, job)
        quality_percent = quality_of(request.recipe, request.format)
        watched = watch(image, stop)
        body = encode(watched, request.format, quality_percent, avif_effort=avif_effort)
    except VipsError as error:
        if stop():
            raise RenderDeadlineError("The render was stopped at its deadline.") from error
        raise BrokenSourceError("The master can't be decoded.") from error
    return Rendition(body=body, format=request.format, width_px=image.width, height_px=image.height)
