"""The pipeline: one master, one request, one rendition."""

import time

from catalog.delivery.geometry import plan
from catalog.delivery.model import RenditionRequest
from imaging.direct import size_of
from imaging.model import Making, RenderDeadlineError, RenderStep, Rendition
from imaging.pipeline.byte_limit import QUALITY_FLOOR_PERCENT, EncodingResult, encode_within
from imaging.pipeline.encode import AVIF_EFFORT, encode, quality_of
from imaging.pipeline.load import RenderSource, decoding
from imaging.pipeline.steps import RenderContext, crop, fill_background, replace_metadata, sharpen
from imaging.vips import Image, Stop, settle

# Raised with any change that alters bytes: stored renditions of another version are not found.
PIPELINE_VERSION = 3

_STEPS = (crop, sharpen, fill_background, replace_metadata)


def render(
    opened: RenderSource, request: RenditionRequest, stop: Stop, *, avif_effort: int = AVIF_EFFORT
) -> Rendition:
    """Make one rendition, on this thread; once `stop` is set it ends within milliseconds.

    Raises:
        BrokenSourceError: the master can't be decoded to its last pixel.
        RenderDeadlineError: `stop` was set.
        RenditionTooLargeError: at no quality is it within the recipe's maximum of bytes.
    """
    geometry = plan(opened.upright, request.recipe, request.width_px)
    shrinks = geometry.scaled != opened.upright
    job = RenderContext(request=request, geometry=geometry, shrinks=shrinks, stop=stop)
    laps = _Laps()
    with decoding(stop):
        image = opened.load(geometry.scaled, stop)
        laps.end("load")
        for step in _STEPS:
            image = step(image, job)
            laps.end(step.__name__)
        if request.recipe.max_bytes is not None:
            image = settle(image, stop)  # to be encoded more than once
            laps.end("settle")
        with stop.watching(image):
            encoded = _encode(image, request, stop, avif_effort=avif_effort)
        laps.end("encode")
    size = size_of(image)
    return Rendition(
        body=encoded.body,
        format=request.format,
        width_px=size.width_px,
        height_px=size.height_px,
        making=Making(
            master=opened.upright,
            quality_percent=encoded.quality_percent,
            encodings=encoded.encodings,
            steps=tuple(laps.steps),
        ),
    )


def _encode(
    image: Image, request: RenditionRequest, stop: Stop, *, avif_effort: int
) -> EncodingResult:
    def at_quality(quality_percent: int | None) -> bytes:
        if stop():  # an AVIF encoder can be stopped between two encodings only
            raise RenderDeadlineError("The render had no time left.")
        return encode(image, request.format, quality_percent, avif_effort=avif_effort)

    return encode_within(
        request.recipe.max_bytes,
        at_quality,
        quality_percent=quality_of(request.recipe, request.format),
        floor_percent=QUALITY_FLOOR_PERCENT.get(request.format, 0),
    )


class _Laps:
    """Measures steps, each from the end of the one before."""

    def __init__(self) -> None:
        self._since_s = time.perf_counter()
        self.steps: list[RenderStep] = []

    def end(self, name: str) -> None:
        now_s = time.perf_counter()
        self.steps.append(RenderStep(name=name, took_ms=(now_s - self._since_s) * 1000))
        self._since_s = now_s
