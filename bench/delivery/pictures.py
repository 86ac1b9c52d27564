"""Pictures for a catalogue: made here, where nobody brings photographs."""

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps


def draw_grain(folder: Path, count: int, size_px: tuple[int, int], *, grain: int) -> Sequence[Path]:
    """Draw pictures of one hue each that an encoder finds about equally hard.

    Args:
        folder: made for them.
        count: no two are equal.
        size_px: width and height.
        grain: standard deviation of the noise; more of it makes larger files.
    """
    folder.mkdir(parents=True)
    return [_draw(folder / f"picture-{each:05}.jpg", size_px, grain) for each in range(count)]


def _draw(path: Path, size_px: tuple[int, int], grain: int) -> Path:
    hue = random.randrange(360)  # noqa: S311 - a colour
    noise = Image.effect_noise(size_px, grain).filter(ImageFilter.GaussianBlur(1))
    coloured = ImageOps.colorize(noise, f"hsl({hue}, 60%, 20%)", f"hsl({hue}, 60%, 80%)")
    coloured.save(path, quality=85)
    return path


def copy_photographs(data: Path, folder: Path, count: int, *, min_width_px: int) -> Sequence[Path]:
    """Bring photographs together under names of their own, each content once.

    Args:
        data: where they lie, in folders below too.
        folder: made for them.
        count: at the most.
        min_width_px: narrower ones are left out.
    """
    folder.mkdir(parents=True)
    copied: dict[str, Path] = {}
    for path in sorted(data.rglob("*.jpg")):
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        if len(copied) == count:
            break
        with Image.open(path) as header:
            is_wide_enough = header.width >= min_width_px
        if is_wide_enough and digest not in copied:
            copied[digest] = folder / f"picture-{len(copied):05}.jpg"
            copied[digest].write_bytes(body)
    return list(copied.values())


def draw_photographs(folder: Path, count: int, size_px: tuple[int, int]) -> Sequence[Path]:
    """Draw what an encoder takes for photographs: soft shapes, edges, and fine grain."""
    folder.mkdir(parents=True)
    return [_draw_photograph(folder / f"picture-{each:05}.jpg", size_px) for each in range(count)]


def enlarge(sources: Sequence[Path], folder: Path, size_px: tuple[int, int]) -> Sequence[Path]:
    """Make masters of this size of photographs, with the grain that a camera would add."""
    folder.mkdir(parents=True)
    return [_enlarged(source, folder / source.name, size_px) for source in sources]


def _enlarged(source: Path, path: Path, size_px: tuple[int, int]) -> Path:
    with Image.open(source) as image:
        large = ImageOps.fit(image.convert("RGB"), size_px, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(size_px, 24).convert("RGB")
    Image.blend(large, grain, 0.12).save(path, quality=92)
    return path


def _draw_photograph(path: Path, size_px: tuple[int, int]) -> Path:
    small = size_px[0] // 16, size_px[1] // 16
    channels = [Image.effect_noise(small, 90).filter(ImageFilter.GaussianBlur(2)) for _ in "RGB"]
    soft = ImageOps.fit(Image.merge("RGB", channels), size_px, Image.Resampling.BICUBIC)
    edges = ImageOps.posterize(ImageOps.autocontrast(soft), 3)
    grain = Image.effect_noise(size_px, 40).convert("RGB")
    Image.blend(Image.blend(soft, edges, 0.4), grain, 0.15).save(path, quality=90)
    return path


def gather_photographs(
    data: Path | None, folder: Path, count: int, *, drawn_px: tuple[int, int], min_width_px: int
) -> Sequence[Path]:
    """Copy photographs from a folder, or draw as many where there is none.

    Args:
        data: where they lie.
        folder: made for them.
        count: at the most.
        drawn_px: of each that is drawn.
        min_width_px: narrower ones are left out.
    """
    if data is None:
        return draw_photographs(folder, count, drawn_px)
    return copy_photographs(data, folder, count, min_width_px=min_width_px)
