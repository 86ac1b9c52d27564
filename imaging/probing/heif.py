"""AVIF by libavif, HEIC by libheif, each through its binding to Pillow; never by libvips.

The libheif within libvips has no HEVC, reads no AVIF sequence, and shows grey of limited range
and premultiplied colours as they are stored (1.23).
"""

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, cast

import pi_heif
from PIL import AvifImagePlugin
from PIL.Image import Image as Picture

from catalog.delivery.geometry import Size
from imaging.model import CorruptImageError, SourceLimits, UnsupportedFormatError
from imaging.pipeline.load import turned
from imaging.probing.av1 import sequence_header
from imaging.probing.boxes import (
    Placement,
    clean_aperture,
    colours_of_tracks,
    has_tracks,
    is_sequence,
    kinds_of_items,
    placement_of,
    sized_items,
    tracks_are_cropped,
)
from imaging.probing.colour_code import ColourCode, profile_of
from imaging.probing.opened_picture import OpenedPicture, check_size
from imaging.vips import ICC_FIELD, Image, set_blob, set_number

AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # as libvips has it here

_ORIENTATION: Final = 0x0112
_IN_ORDER: Final = (b"clap", b"irot", b"imir")  # ISO 23000-22, 7.3.6.7
_DERIVED: Final = frozenset({b"iden", b"iovl", b"tmap"})
# What cameras write: a coded picture, or a grid of such. The rest of what libheif would decode is
# where its faults are found, and of this binding there is no newer release.
_OF_CAMERAS: Final = frozenset({b"hvc1", b"grid"})
_OF_NO_CAMERA: Final = frozenset({b"iden", b"iovl", b"mski", b"unci"})
# what of Pillow's modes libvips is given: bands, format and interpretation
_FORMS: Final = {
    "L": (1, "uchar", "b-w"),
    "I;16": (1, "ushort", "grey16"),
    "RGB": (3, "uchar", "srgb"),
    "RGBA": (4, "uchar", "srgb"),
}


def open_avif(body: bytes, limits: SourceLimits) -> OpenedPicture:
    """Open the primary item of an AVIF, or the frames of a sequence.

    Raises:
        CorruptImageError: it can't be opened.
        UnsupportedFormatError: it turns or crops in a way that is not shown everywhere.
        ImageTooLargeError: too many pixels or frames.
    """
    place = _checked(body, limits)
    with _decoding("AVIF"):
        opened = AvifImagePlugin.AvifImageFile(io.BytesIO(body))
        orientation = opened.getexif().get(_ORIENTATION, 1)
    frame = Size(width_px=opened.size[0], height_px=opened.size[1])
    check_size(frame, opened.n_frames, limits)
    cut = next((each.content for each in place.colour if each.kind == b"clap"), None)
    try:
        crop = clean_aperture(cut, *opened.size) if cut is not None else None
    except ValueError as error:
        raise CorruptImageError(f"The AVIF can't be cropped as it says: {error}.") from error

    def read() -> Image:
        with _decoding("AVIF"):
            opened.seek(0)
            opened.load()
        image = _image_of(opened, place.colours)
        image = (image.crop(*crop) if crop else image).copy()
        set_number(image, "orientation", orientation)
        return image

    def read_all() -> None:
        with _decoding("AVIF"):
            for number in range(1, opened.n_frames):
                opened.seek(number)
                opened.load()

    kept = Size(width_px=crop[2], height_px=crop[3]) if crop else frame
    return OpenedPicture(
        first=read,
        animation=read_all if opened.n_frames > 1 else None,
        seen=turned(kept, orientation),
        frames=opened.n_frames,
        is_photo=True,
    )


def _checked(body: bytes, limits: SourceLimits) -> Placement:
    """Read the boxes of an AVIF, and refuse what libavif would show unlike others.

    Raises:
        CorruptImageError: it says another size than its data.
        UnsupportedFormatError: its alpha, parts or frames are placed by themselves.
        ImageTooLargeError: too many pixels.
    """
    sequence = is_sequence(body)
    place = Placement(colours=colours_of_tracks(body)) if sequence else placement_of(body)
    _refuse_other_order(place)
    if place.kind in _DERIVED or place.parts_are_placed:
        raise UnsupportedFormatError(
            "The AVIF makes its picture of others, not as a plain grid. Save it as one picture."
        )
    if any(alpha not in {(), place.colour} for alpha in place.alphas) or (
        sequence and tracks_are_cropped(body)
    ):
        raise UnsupportedFormatError(
            "The AVIF turns or crops its transparency or its frames by themselves. Save it anew."
        )
    if place.size:
        check_size(Size(width_px=place.size[0], height_px=place.size[1]), 1, limits)
    found = [
        (item.size, data) for item in sized_items(body) if (data := sequence_header(item.data))
    ]
    if any(data.size != size for size, data in found):
        raise CorruptImageError("The AVIF says another size than its picture has.")
    if place.colours is None and not sequence:
        said = (data.colours for _, data in found if data.colours)
        place = place._replace(colours=next(said, None))
    return place


def open_heic(body: bytes, limits: SourceLimits) -> OpenedPicture:
    """Open the primary item of a HEIC; libheif turns and crops it.

    Raises:
        CorruptImageError: it can't be opened.
        UnsupportedFormatError: libheif would show it as others do not.
        ImageTooLargeError: too many pixels.
    """
    place = placement_of(body)
    if any(alpha != place.colour for alpha in place.alphas):
        raise UnsupportedFormatError(
            "The HEIC turns or crops its transparency unlike its colours. Save it anew."
        )
    if place.parts_are_placed:
        raise UnsupportedFormatError(
            "The HEIC turns or crops the parts of its picture by themselves. Save it anew."
        )
    if not place.kind and has_tracks(body):
        raise UnsupportedFormatError("The HEIC has moving pictures only. Save one of them.")
    is_other = place.kind and place.kind not in _OF_CAMERAS
    if is_other or kinds_of_items(body) & _OF_NO_CAMERA:
        raise UnsupportedFormatError(
            "The HEIC makes its picture of others, not as a plain grid. Save it as one picture."
        )
    with _decoding("HEIC"):
        opened = pi_heif.HeifFile(io.BytesIO(body), convert_hdr_to_8bit=True)
        seen = Size(width_px=opened.size[0], height_px=opened.size[1])
    check_size(seen, 1, limits)
    about = cast("dict[str, object]", opened.info)
    nclx = cast("dict[str, object]", about.get("nclx_profile") or {})
    if "chroma" not in about and not nclx.get("full_range_flag", 1):
        raise UnsupportedFormatError("Grey HEIC of limited range is not taken. Save it as JPEG.")

    def read() -> Image:
        with _decoding("HEIC"):
            picture = opened.to_pillow()
        return _image_of(picture, place.colours or _colours_in(nclx))

    return OpenedPicture(first=read, seen=seen, is_photo=True)


def _refuse_other_order(place: Placement) -> None:
    """Refuse what libavif, which has an order of its own, would show unlike others.

    Raises:
        UnsupportedFormatError: the order is another, or one is named twice.
    """
    kinds = [each.kind for each in place.colour]
    if kinds != sorted(set(kinds), key=_IN_ORDER.index):
        raise UnsupportedFormatError("The AVIF crops and turns in no order that is allowed.")


def _colours_in(nclx: dict[str, object]) -> tuple[int, int] | None:
    primaries, transfer = nclx.get("color_primaries"), nclx.get("transfer_characteristic")
    return (
        (primaries, transfer) if isinstance(primaries, int) and isinstance(transfer, int) else None
    )


def _image_of(picture: Picture, colours: tuple[int, int] | None) -> Image:
    """Return the pixels, in memory, with the profile that is for colours of their kind.

    Args:
        picture: decoded.
        colours: what they are by the numbers of H.273, where no profile says it.

    Raises:
        UnsupportedFormatError: Pillow has them in a form that is not known here, or they are
            brighter than a rendition can be.
    """
    profile: object = picture.info.get("icc_profile")
    if colours and not profile:
        profile = profile_of(ColourCode(*colours))
    if picture.mode == "RGBa":  # multiplied by its alpha
        picture = picture.convert("RGBA")
    elif picture.mode == "L" and isinstance(profile, bytes) and profile[16:20] == b"RGB ":
        picture = picture.convert("RGB")
    if picture.mode not in _FORMS:
        raise UnsupportedFormatError(
            f"Pixels such as those of the file ({picture.mode}) are not taken."
        )
    bands, form, interpretation = _FORMS[picture.mode]
    image = Image.new_from_memory(picture.tobytes(), *picture.size, bands, form)
    image = image.copy(interpretation=interpretation)
    if isinstance(profile, bytes) and profile:
        set_blob(image, ICC_FIELD, profile)
    return image


@contextmanager
def _decoding(name: str) -> Generator[None]:
    """Say of whatever the block could not do that the file is corrupt.

    Raises:
        CorruptImageError: the block raised what Pillow and pi-heif document.
    """
    try:
        yield
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError, IndexError) as error:
        # IndexError where the file holds no picture
        raise CorruptImageError(f"The {name} file can't be decoded.") from error
