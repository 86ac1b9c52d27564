"""The four encoders and their settings: in the range of what image gateways use today."""

from catalog.delivery.model import NEWEST_DEFAULTS, QUALITY_DEFAULTS, Format, Recipe
from imaging.direct import save_avif, save_jpeg, save_png, save_webp
from imaging.vips import Image

QUALITY_PERCENT = QUALITY_DEFAULTS[NEWEST_DEFAULTS]
AVIF_EFFORT = 1  # 4 takes half a minute for 12 megapixels, and libvips can't stop it
_WEBP_EFFORT = 4
_XMP = 2  # VipsForeignKeep: no EXIF, so no place and no serial number; no profile, all is sRGB


def quality_of(recipe: Recipe, wanted: Format) -> int | None:
    """Return the quality in percent; None for a format that has none."""
    default = QUALITY_PERCENT.get(wanted)
    return None if default is None else recipe.quality_percent.get(wanted, default)


def encode(
    image: Image, wanted: Format, quality_percent: int | None, *, avif_effort: int = AVIF_EFFORT
) -> bytes:
    """Return the image as bytes of this format; `avif_effort` from 0 to 9, slower and smaller.

    Raises:
        ValueError: the format is no format of bytes.
        VipsError: the source turned out to be broken, or the render was stopped.
    """
    quality = quality_percent or 0
    match wanted:
        case Format.JPEG:
            return save_jpeg(image, quality, keep=_XMP)
        case Format.WEBP:
            return save_webp(image, quality, effort=_WEBP_EFFORT, keep=_XMP)
        case Format.AVIF:
            return save_avif(image, quality, effort=avif_effort, keep=_XMP)
        case Format.PNG:
            return save_png(image, keep=_XMP)
        case Format.AUTO:
            raise ValueError("`auto` is negotiated before a rendition is asked for")
