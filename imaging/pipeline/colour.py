"""Any colour to 8-bit sRGB, which is what every rendition and every master made here is in."""

from imaging.vips import ICC_FIELD, Image, VipsError, get_blob

_CHANNELS = {b"RGB ": 3, b"GRAY": 1}


def to_srgb(image: Image) -> Image:
    """Return the image in 8-bit sRGB.

    A profile that is sRGB is skipped, and so is one for another number of channels than the image
    has: libvips leaves a CMYK profile on what it has converted already. One that Little CMS can
    make no conversion of, such as a device link, counts as none.

    Raises:
        VipsError: the colours can't be converted.
    """
    profile = get_blob(image, ICC_FIELD)
    space = image.interpretation
    if space == "cmyk":
        applied = _applied(image) if profile and profile[16:20] == b"CMYK" else None
        return applied or image.icc_transform("srgb", input_profile="cmyk", depth=8)
    colours = image.bands - image.hasalpha()
    if profile and _CHANNELS.get(profile[16:20]) == colours and not is_srgb(profile):
        applied = _applied(image)
        if applied is not None:
            return applied
    return image if space == "srgb" else image.colourspace("srgb")


def _applied(image: Image) -> Image | None:
    """Return the image by the profile that it carries; None: that can't be used.

    libvips builds the conversion at once, and reads pixels later: no other error is caught here.
    """
    try:
        return image.icc_transform("srgb", embedded=True, depth=8)
    except VipsError:
        return None


def is_srgb(profile: bytes) -> bool:
    """Return whether an ICC profile names IEC 61966-2.1 as maker and model (ICC.1, 7.2.12)."""
    return profile[48:56] == b"IEC sRGB"
