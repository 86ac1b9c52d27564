"""What a preset may say: pure."""

import re
from collections.abc import Iterator

from catalog.delivery.model import Format, PresetRecord, Recipe
from catalog.errors import InvalidInputError

MAX_CODE_LENGTH = 40
MAX_WIDTH_PX = 4096
MAX_WIDTHS = 16
MAX_RATIO = 10_000
MIN_BYTES, MAX_BYTES = 1_000, 20_000_000
MAX_LIFETIME_S = 400 * 86_400

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOSSY = (Format.AVIF, Format.WEBP, Format.JPEG)
_MAX_PERCENT = 100


class InvalidPresetError(InvalidInputError):
    """A preset breaks rules: it says the first, `faults` are all."""

    def __init__(self, code: str, faults: tuple[InvalidInputError, ...]) -> None:
        super().__init__(
            f"preset {code[:MAX_CODE_LENGTH]}: {faults[0].message}", field=faults[0].field
        )
        self.faults = faults


def check_preset(record: PresetRecord) -> None:
    """Check what the types do not.

    Raises:
        InvalidPresetError: with one fault for each field that is out of its bounds.
    """
    faults = tuple(
        InvalidInputError(message, field=field)
        for field, message, holds in (*_of_preset(record), *_of_recipe(record.recipe))
        if not holds
    )
    if faults:
        raise InvalidPresetError(record.code, faults)


def _of_preset(record: PresetRecord) -> Iterator[tuple[str, str, bool]]:
    yield (
        "code",
        f"a code is words of a-z and 0-9 joined by hyphens, at most {MAX_CODE_LENGTH} in all",
        len(record.code) <= MAX_CODE_LENGTH and _CODE.fullmatch(record.code) is not None,
    )
    yield (
        "lifetime_s",
        f"a lifetime is 1 to {MAX_LIFETIME_S} seconds",
        1 <= record.lifetime_s <= MAX_LIFETIME_S,
    )


def _of_recipe(recipe: Recipe) -> Iterator[tuple[str, str, bool]]:
    widths, formats = recipe.widths_px, recipe.formats
    yield (
        "recipe.ratio",
        f"both numbers of a ratio are 1 to {MAX_RATIO}",
        recipe.ratio is None or all(1 <= part <= MAX_RATIO for part in recipe.ratio),
    )
    yield (
        "recipe.widths_px",
        f"1 to {MAX_WIDTHS} widths, each of 1 to {MAX_WIDTH_PX} pixels, ascending, none twice",
        1 <= len(widths) <= MAX_WIDTHS
        and list(widths) == sorted({*widths})
        and widths[0] >= 1
        and widths[-1] <= MAX_WIDTH_PX,
    )
    yield (
        "recipe.formats",
        "one format or more, none twice, and not `auto`, which every preset has",
        bool(formats) and Format.AUTO not in formats and len(formats) == len({*formats}),
    )
    yield (
        "recipe.quality_percent",
        "quality is 1 to 100, of AVIF, WebP or JPEG: PNG has none",
        all(
            each in _LOSSY and 1 <= percent <= _MAX_PERCENT
            for each, percent in recipe.quality_percent.items()
        ),
    )
    yield (
        "recipe.background",
        "a background is `#rrggbb`",
        _COLOUR.fullmatch(recipe.background) is not None,
    )
    yield (
        "recipe.max_bytes",
        f"a maximum is {MIN_BYTES} to {MAX_BYTES} bytes",
        recipe.max_bytes is None or MIN_BYTES <= recipe.max_bytes <= MAX_BYTES,
    )
