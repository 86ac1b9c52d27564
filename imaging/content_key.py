"""The content key of a rendition: equal for equal bytes, whoever asks and whenever.

Holds no epoch, since stored renditions are read only after a rights decision, and nothing of the
recipe that leaves the bytes alone: another width or format in a preset renders nothing again.
"""

import hashlib
import json
from dataclasses import asdict
from math import gcd

from catalog.delivery.model import CropMode, RenditionRequest
from imaging.pipeline.encode import quality_of
from imaging.pipeline.render import PIPELINE_VERSION

PREFIX = "renditions"


def content_key(request: RenditionRequest) -> str:
    """Return the key, `renditions/{sha256 of the source}/{sha256 of how it is rendered}`."""
    recipe = request.recipe
    ratio = recipe.ratio
    if ratio is not None:
        ratio = (ratio[0] // gcd(*ratio), ratio[1] // gcd(*ratio))
    mode = recipe.mode if ratio is not None else CropMode.FIT  # geometry: the same without a ratio
    focal = request.focal if mode is CropMode.FILL else None
    how = {
        "pipeline": PIPELINE_VERSION,
        "mode": mode,
        "ratio": ratio,
        "background": recipe.background.lower(),
        "sharpen": recipe.sharpen,
        "quality_percent": quality_of(recipe, request.format),
        "width_px": request.width_px,
        "focal": asdict(focal) if focal else None,
        "rights": asdict(request.rights),
        "format": request.format,
    }
    canonical = json.dumps(how, sort_keys=True, separators=(",", ":"))
    return f"{PREFIX}/{request.source_sha256}/{hashlib.sha256(canonical.encode()).hexdigest()}"
