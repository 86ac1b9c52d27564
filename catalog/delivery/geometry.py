"""How large everything becomes: pure arithmetic, the same on every machine.

Nothing is enlarged. Where the source is smaller than asked, `FIT` gives the source's size, `FILL`
the largest crop of the ratio that the source holds, `PAD` the full canvas with the picture at the
source's size in its middle. Without a ratio all three are `FIT`.
"""

from dataclasses import dataclass
from functools import lru_cache

from catalog.delivery.model import CropMode, FocalPoint, Recipe

MAX_SIDE_PX = 4096
_REMEMBERED = 8_192  # pictures of a catalogue come in few sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A width and a height in pixels."""

    width_px: int
    height_px: int

    @property
    def pixels(self) -> int:
        """Return how many pixels the rectangle has."""
        return self.width_px * self.height_px


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """The sizes of one render.

    Attributes:
        scaled: the whole upright picture after the resize.
        kept: what the crop keeps of it.
        canvas: the result; larger than `kept` only for `PAD`.
    """

    scaled: Size
    kept: Size
    canvas: Size


def plan(source: Size, recipe: Recipe, width_px: int) -> Geometry:
    """Return the sizes for a picture of this upright size."""
    return _plan(source, recipe.mode, recipe.ratio, width_px)


@lru_cache(maxsize=_REMEMBERED)
def _plan(source: Size, mode: CropMode, ratio: tuple[int, int] | None, width_px: int) -> Geometry:
    if ratio is None:
        whole = _box((source.width_px, source.height_px), min(width_px, source.width_px))
        return Geometry(scaled=whole, kept=whole, canvas=whole)
    box = _box(ratio, width_px)
    if mode is CropMode.FILL:
        kept = _within(box, source)
        return Geometry(scaled=_covering(source, kept), kept=kept, canvas=kept)
    inside = _within(source, box)
    canvas = box if mode is CropMode.PAD else inside
    return Geometry(scaled=inside, kept=inside, canvas=canvas)


def distinct_widths(source: Size | None, recipe: Recipe) -> tuple[tuple[int, int], ...]:
    """Return the recipe's widths that give different pictures, each with the width that it gives.

    Nothing is enlarged, so that several may give the same picture: only the first of them counts.

    Args:
        source: None: not known; then every width counts.
        recipe: of the preset.
    """
    return _distinct_widths(source, recipe.mode, recipe.ratio, recipe.widths_px)


@lru_cache(maxsize=_REMEMBERED)
def _distinct_widths(
    source: Size | None,
    mode: CropMode,
    ratio: tuple[int, int] | None,
    widths_px: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    given: dict[int, int] = {}
    for asked_px in widths_px:
        real_px = _plan(source, mode, ratio, asked_px).canvas.width_px if source else asked_px
        given.setdefault(real_px, asked_px)
    return tuple((asked_px, real_px) for real_px, asked_px in given.items())


def crop_corner(geometry: Geometry, focal: FocalPoint) -> tuple[int, int]:
    """Return left and top of the crop that has the focal point as near its middle as it can."""
    scaled, kept = geometry.scaled, geometry.kept
    return (
        _clamped(focal.x * scaled.width_px - kept.width_px / 2, scaled.width_px - kept.width_px),
        _clamped(
            focal.y * scaled.height_px - kept.height_px / 2, scaled.height_px - kept.height_px
        ),
    )


def _box(ratio: tuple[int, int], width_px: int) -> Size:
    """The size of this ratio that has the width, or is the largest allowed."""
    across, down = ratio
    width = min(width_px, MAX_SIDE_PX)
    if width * down > MAX_SIDE_PX * across:  # then the height is what bounds it
        width = min(width, max(1, round(MAX_SIDE_PX * across / down)))
        return Size(width_px=width, height_px=MAX_SIDE_PX)
    return Size(width_px=width, height_px=max(1, round(width * down / across)))


def _within(picture: Size, box: Size) -> Size:
    """The picture's ratio in the box, never enlarged.

    Heights are rounded from widths, so half a pixel of height must not cost one of width.
    """
    scale = min(1.0, box.width_px / picture.width_px, (box.height_px + 0.5) / picture.height_px)
    return Size(
        width_px=min(box.width_px, max(1, round(picture.width_px * scale))),
        height_px=min(box.height_px, max(1, round(picture.height_px * scale))),
    )


def _covering(picture: Size, kept: Size) -> Size:
    """The picture's ratio around what is kept."""
    scale = max(kept.width_px / picture.width_px, kept.height_px / picture.height_px)
    return Size(
        width_px=max(kept.width_px, round(picture.width_px * scale)),
        height_px=max(kept.height_px, round(picture.height_px * scale)),
    )


def _clamped(value: float, highest: int) -> int:
    return max(0, min(highest, round(value)))
