"""The content key of a rendition: equal for equal bytes, whoever asks and whenever.

Holds no epoch, since stored renditions are read only after a rights decision, and nothing of the
recipe that leaves the bytes alone: another width or format in a preset renders nothing again.
"""

import hashlib
import json
from dataclasses import asdict
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from catalog.delivery.model import CropMode, FocalPoint, Format, RenditionRequest, RightsRecord
from imaging.pipeline.encode import quality_of
from imaging.pipeline.render import PIPELINE_VERSION
from imaging.pipeline.rights import has_notice
from imaging.seal import FORM

PREFIX = "renditions"
_REMEMBERED = 10_000


class _RenderParameters(NamedTuple):
    """All that decides the bytes, besides the source."""

    mode: CropMode
    ratio: tuple[int, int] | None
    background: str
    sharpen: bool
    quality_percent: int | None
    max_bytes: int | None
    width_px: int
    focal: FocalPoint | None
    rights: RightsRecord
    notice: str | None
    format: Format


def content_key(request: RenditionRequest) -> str:
    """Return the key, `renditions/{sha256 of the source}/{sha256 of how it is rendered}`."""
    recipe = request.recipe
    mode = recipe.mode if recipe.ratio else CropMode.FIT  # geometry: the same without a ratio
    how = _RenderParameters(
        mode=mode,
        ratio=recipe.ratio,
        background=recipe.background,
        sharpen=recipe.sharpen,
        quality_percent=quality_of(recipe, request.format),
        max_bytes=recipe.max_bytes,
        width_px=request.width_px,
        focal=request.focal if mode is CropMode.FILL else None,
        rights=request.rights,
        notice=request.notice,
        format=request.format,
    )
    return f"{PREFIX}/{request.source_sha256}/{_digest(how)}"


@lru_cache(_REMEMBERED)  # asked on every delivery, and ten times as slow as finding it here
def _digest(how: _RenderParameters) -> str:
    ratio, focal = how.ratio, how.focal
    written = how._asdict() | {
        "pipeline": PIPELINE_VERSION,
        "form": FORM,
        "ratio": (ratio[0] // gcd(*ratio), ratio[1] // gcd(*ratio)) if ratio else None,
        "background": how.background.lower(),
        "focal": asdict(focal) if focal else None,
        "rights": asdict(how.rights),
    }
    # what was stored before there were these stays found
    if how.max_bytes is None:
        del written["max_bytes"]
    if how.notice is None or has_notice(how.rights):
        del written["notice"]
    canonical = json.dumps(written, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
