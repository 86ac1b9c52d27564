"""TIFF: its first page, of the samples that it declares to be colour and transparency.

libvips hands out the samples as they are stored. What they mean is decided here by the fields of
TIFF 6.0, and whatever is not certain to be shown as others show it is refused.
"""

from dataclasses import dataclass
from typing import Final

from catalog.delivery.geometry import Size
from imaging.model import CorruptImageError, SourceLimits, UnsupportedFormatError
from imaging.pipeline.colour import to_srgb
from imaging.pipeline.load import turned
from imaging.probing.opened_picture import OpenedPicture, check_size
from imaging.probing.tiff_directories import (
    Directory,
    Layout,
    Tag,
    below,
    layout_of,
    pages_of,
)
from imaging.vips import ICC_FIELD, Image, get_number, lowest

_WHITE_IS_0, _BLACK_IS_0, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB = 0, 1, 2, 3, 5, 6, 8
_COLOURS: Final = {
    _WHITE_IS_0: 1, _BLACK_IS_0: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3, _LAB: 3,
}  # fmt: skip
_SHOWN_COLOURS: Final = {_PALETTE: 3}
_UNSIGNED, _FLOAT, _UNDEFINED = 1, 3, 4
_JPEG: Final = 7
# the JPEG of TIFF 6.0 itself, and those that libvips's libtiff was built without
_NOT_TAKEN: Final = {
    6: "old JPEG", 34661: "JBIG", 34676: "SGI LogLuv", 34677: "SGI LogLuv", 34712: "JPEG 2000",
    34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
_SEPARATE: Final = 2
_REDUCED, _MASK = 1, 4
_ASSOCIATED: Final = 1
_ALPHA: Final = frozenset({_ASSOCIATED, 2, 999})  # the latter: CorelDRAW's way of writing 2
_DEPTHS: Final = {
    (_UNSIGNED, 1): (_WHITE_IS_0, _BLACK_IS_0, _PALETTE),
    (_UNSIGNED, 2): (_WHITE_IS_0, _BLACK_IS_0, _PALETTE),
    (_UNSIGNED, 4): (_WHITE_IS_0, _BLACK_IS_0, _PALETTE),
    (_UNSIGNED, 8): (_WHITE_IS_0, _BLACK_IS_0, _RGB, _PALETTE, _CMYK, _YCBCR),
    (_UNSIGNED, 16): (_WHITE_IS_0, _BLACK_IS_0, _RGB, _PALETTE, _CMYK, _LAB),
    (_UNSIGNED, 32): (_BLACK_IS_0, _RGB),
    (_FLOAT, 16): (_BLACK_IS_0, _RGB),
    (_FLOAT, 32): (_BLACK_IS_0, _RGB),
}
MOST_SAMPLES: Final = 64
_MOST_16_BITS: Final = 65535

# What only the files of cameras have: the picture is not developed, what could be shown a preview.
_CFA, _LINEAR_RAW = 32803, 34892
_RAW_COMPRESSIONS: Final = frozenset({32767, 32769, 32770, 32772, 34713, 34892, 65000, 65535})
_RAW_TAGS: Final = (
    Tag.CFA_REPEAT, Tag.CFA_PATTERN, Tag.LEAF, Tag.DNG_VERSION, Tag.CR2_SLICES,
)  # fmt: skip
_RAW_HEADS: Final = (b"CR\2", b"IIII", b"MMMM")  # Canon CR2, Phase One IIQ
_ADVICE: Final = "Save it as 8 or 16 bits in RGB or grey."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Samples:
    """What the samples of a pixel are.

    Attributes:
        colours: how many are its colour, the first ones.
        alpha: which one is its transparency.
        is_associated: the colour was multiplied by the transparency.
        bits: of each; integers are unsigned.
    """

    colours: int
    alpha: int | None
    is_associated: bool
    bits: int
    is_float: bool


def open_tiff(body: bytes, limits: SourceLimits) -> OpenedPicture:
    """Open the first page of a TIFF.

    Raises:
        UnsupportedFormatError: a camera's raw file, or samples of a kind that is not taken.
        CorruptImageError: its first directory can't be read, or contradicts itself.
        ImageTooLargeError: too many pixels.
        VipsError: libvips can't open it.
    """
    layout = layout_of(body)
    pages = list(pages_of(body, layout, limits.frames)) if layout else []
    if layout is None or not pages:
        raise CorruptImageError("The TIFF has no directory that can be read.")
    _refuse_raw(body, layout, pages)
    samples = _samples_of(pages[0])
    alone = _alone(body, layout, pages[0])

    def read() -> Image:
        return Image.tiffload_buffer(alone, access="sequential", fail_on="error")

    header = read()
    frame = Size(width_px=header.width, height_px=header.height)
    check_size(frame, 1, limits)
    return OpenedPicture(
        first=lambda: _picture(read(), samples),
        seen=turned(frame, get_number(header, "orientation", 1)),
        frames=len(pages),
        is_photo=True,
    )


def _refuse_raw(body: bytes, layout: Layout, pages: list[Directory]) -> None:
    first = pages[0]
    nested = list(below(body, layout, pages))
    is_reduced = bool(
        first.value(Tag.NEW_SUBFILE_TYPE, 0) & _REDUCED or first.value(Tag.SUBFILE_TYPE, 1) == 2  # noqa: PLR2004 - the older way to say so
    )
    if body[8:12].startswith(_RAW_HEADS) or any(_is_raw(each) for each in (*pages, *nested)):
        raise UnsupportedFormatError(
            "The file is a camera's raw file. Develop it, and send the picture as TIFF or JPEG."
        )
    if (is_reduced and (first.next or first.values(Tag.SUB_DIRECTORIES))) or any(
        each.pixels > first.pixels for each in below(body, layout, [first])
    ):
        raise UnsupportedFormatError(
            "The TIFF begins with a preview of another of its pictures. Save that one alone."
        )


def _is_raw(page: Directory) -> bool:
    return (
        page.value(Tag.PHOTOMETRIC, 0) in {_CFA, _LINEAR_RAW}
        or page.value(Tag.COMPRESSION, 0) in _RAW_COMPRESSIONS
        or any(tag in page.fields for tag in _RAW_TAGS)
    )


def _samples_of(page: Directory) -> _Samples:
    photometric = page.value(Tag.PHOTOMETRIC, -1)
    colours = _COLOURS.get(photometric)
    is_mask = page.value(Tag.NEW_SUBFILE_TYPE, 0) & _MASK
    other_inks = photometric == _CMYK and page.value(Tag.INK_SET, 1) != 1
    compression = page.value(Tag.COMPRESSION, 1)
    plain_ycbcr = photometric == _YCBCR and compression != _JPEG
    if colours is None or is_mask or other_inks or plain_ycbcr:
        raise UnsupportedFormatError(f"The colours of the TIFF are of no kind taken. {_ADVICE}")
    if name := _NOT_TAKEN.get(compression):
        raise UnsupportedFormatError(f"{name} in TIFF is not taken. Save it with LZW or Deflate.")
    count = page.value(Tag.SAMPLES, 1)
    is_separate = count > 1 and page.value(Tag.PLANAR, 1) == _SEPARATE
    if is_separate and Tag.TILE_WIDTH in page.fields:
        raise UnsupportedFormatError(
            "A TIFF in tiles of one plane each is not taken. Save it with its samples interleaved."
        )
    bits = _one_of(page.values(Tag.BITS, otherwise=(1,)))
    kind = _one_of(page.values(Tag.SAMPLE_FORMAT, otherwise=(_UNSIGNED,)))
    kind = _UNSIGNED if kind == _UNDEFINED else kind
    extra = count - colours
    if count > MOST_SAMPLES:
        raise CorruptImageError(f"The TIFF has more than {MOST_SAMPLES} samples in a pixel.")
    only_colours = photometric in {_PALETTE, _YCBCR, _LAB} or bits < 8  # noqa: PLR2004 - a byte
    # libvips mixes planes of half floats up (8.18)
    is_mixed_up = (kind, bits) == (_FLOAT, 16) and is_separate
    if extra < 0:
        raise CorruptImageError("The TIFF has fewer samples in a pixel than its colours need.")
    if photometric not in _DEPTHS.get((kind, bits), ()) or (only_colours and extra) or is_mixed_up:
        raise UnsupportedFormatError(
            f"Samples as those of the TIFF ({count} of {bits} bits) are not taken. {_ADVICE}"
        )
    alpha, is_associated = _alpha_of(page, photometric, extra)
    colours = _SHOWN_COLOURS.get(photometric, colours)
    return _Samples(
        colours=colours,
        alpha=None if alpha is None else colours + alpha,
        is_associated=is_associated,
        bits=bits,
        is_float=kind == _FLOAT,
    )


def _one_of(values: tuple[int, ...]) -> int:
    if len(set(values)) != 1:
        raise UnsupportedFormatError(f"The samples of the TIFF differ in their kind. {_ADVICE}")
    return values[0]


def _alpha_of(page: Directory, photometric: int, extra: int) -> tuple[int | None, bool]:
    """Return which of the extra samples is transparency, and whether the colour has it in it.

    TIFF 6.0, "ExtraSamples": 0 is unspecified data, such as a selection that was saved along.
    Where the field is missing, one sample beside RGB is what every reader takes it for.

    Raises:
        CorruptImageError: the field has another number of kinds than there are samples.
    """
    declared = page.values(Tag.EXTRA_SAMPLES)
    if not declared:
        return (0 if photometric == _RGB and extra == 1 else None), False
    if len(declared) != extra:
        raise CorruptImageError("The TIFF declares another number of extra samples than it has.")
    for at, kind in enumerate(declared):
        if kind in _ALPHA:
            return at, kind == _ASSOCIATED
    return None, False


def _alone(body: bytes, layout: Layout, page: Directory) -> bytes:
    """Return the file with this page as its only one, all its extra samples unspecified.

    So a broken page behind it can't be met, and libvips leaves the colours as they are: it divides
    them by an associated alpha of 8 bits whatever their depth (8.18).
    """
    changed = bytearray(body)
    changed[page.next_at : page.next_at + layout.offset_bytes] = bytes(layout.offset_bytes)
    if extra := page.fields.get(Tag.EXTRA_SAMPLES):
        width = extra.each_bytes * len(extra.values)
        changed[extra.at : extra.at + width] = bytes(width)
    return bytes(changed)


def _picture(stored: Image, samples: _Samples) -> Image:
    """Return 8-bit sRGB, with alpha where there is one, not yet turned."""
    if samples.is_float:
        stored = stored.copy_memory()  # read twice: whether it is in bounds, and then
    colours = min(samples.colours, stored.bands)  # a palette of greys comes as one
    alpha = None if samples.alpha is None else stored.extract_band(samples.alpha)
    colour = _at_most_16_bits(stored.extract_band(0, n=colours), samples)
    if alpha is not None:
        alpha = _at_most_16_bits(alpha, samples)
        if samples.is_associated:
            colour = _divided(colour, alpha)
    picture = to_srgb(colour)
    if alpha is not None:
        eighth = alpha.cast("uchar", shift=True) if alpha.format == "ushort" else alpha
        picture = picture.bandjoin(eighth)
    picture = picture.copy()
    picture.remove(ICC_FIELD)  # applied
    return picture


def _at_most_16_bits(image: Image, samples: _Samples) -> Image:
    if samples.is_float:
        within = (image >= 0) & (image <= 1)  # false for what is no number
        if lowest(within) == 0:
            raise UnsupportedFormatError(
                f"The TIFF has floating-point samples outside 0 to 1. {_ADVICE}"
            )
        image = (image * _MOST_16_BITS).round("rint").cast("ushort")
    elif samples.bits == 32:  # noqa: PLR2004 - bits
        image = (image / (_MOST_16_BITS + 2)).round("rint").cast("ushort")
    else:
        return image
    return image.copy(interpretation="grey16" if image.bands == 1 else "rgb16")


def _divided(colour: Image, alpha: Image) -> Image:
    """Take the transparency out of the colour; what is wholly transparent has none."""
    most = _MOST_16_BITS if colour.format == "ushort" else 255
    straight = (alpha < 1).ifthenelse(0, colour * most / alpha)
    return straight.round("rint").cast(colour.format).copy(interpretation=colour.interpretation)
