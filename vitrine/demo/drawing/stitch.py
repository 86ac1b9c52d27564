"""What makes a shape look knitted: rows of stitches, ribs, cables, and patterns on a grid."""

from collections.abc import Sequence
from dataclasses import dataclass

from vitrine.demo.drawing.canvas import Canvas, num
from vitrine.demo.drawing.palette import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle to fill: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


def stockinette(canvas: Canvas, tone: Tone, box: Box, *, size: float = 15) -> None:
    """Fill with the small `v`s of plain knitting."""
    rows: list[str] = []
    count = round((box.right - box.left) / size)
    half = num(size / 2)
    for i in range(round((box.bottom - box.top) / size)):
        wave = f"l{half} {half}l{half} -{half}" * count
        rows.append(f"M{num(box.left)} {num(box.top + i * size)}{wave}")
    canvas.stroke("".join(rows), tone.dark, 2.4, opacity=0.3)
    with canvas.placed(0, 3.4):
        canvas.stroke("".join(rows), tone.light, 2, opacity=0.28)


def rib(canvas: Canvas, tone: Tone, box: Box, *, size: float = 16, slant: float = 0) -> None:
    """Fill with upright ribs; `slant` moves their lower ends."""
    x, lines = box.left, ""
    while x <= box.right:
        lines += f"M{num(x)} {num(box.top)}L{num(x + slant)} {num(box.bottom)}"
        x += size
    canvas.stroke(lines, tone.dark, size * 0.3, opacity=0.5)
    with canvas.placed(size * 0.4, 0):
        canvas.stroke(lines, tone.light, size * 0.2, opacity=0.5)


def cable_rope(canvas: Canvas, tone: Tone, x: float, top: float, bottom: float) -> None:
    """Twist a cable around a vertical line."""
    canvas.rect((x - 40, top), (80, bottom - top), tone.dark, opacity=0.35)
    y, step = top, 62
    while y < bottom:
        for d in (
            f"M{x - 24} {y}C{x - 24} {y + 30} {x + 24} {y + 30} {x + 24} {y + step}",
            f"M{x + 24} {y}C{x + 24} {y + 30} {x - 24} {y + 30} {x - 24} {y + step}",
        ):
            canvas.stroke(d, tone.deep, 30, opacity=0.45)
            canvas.stroke(d, tone.base, 24)
            canvas.stroke(d, tone.light, 8, opacity=0.6)
        y += step


def motif(
    canvas: Canvas,
    paint: str,
    rows: Sequence[str],
    *,
    at: tuple[float, float],
    size: float,
    sag: float = 0,
) -> None:
    """Knit a pattern: one stitch for each `x` of the rows; `sag` hangs them around a neck."""
    left, top = at
    side = num(size - 1)
    stitches: list[str] = []
    for row, line in enumerate(rows):
        for column, mark in enumerate(line):
            if mark == "x":
                x = left + column * size
                y = top + row * size + sag * (1 - (x / 200) ** 2)
                stitches.append(f"M{num(x)} {num(y)}h{side}v{side}h-{side}z")
    canvas.path("".join(stitches), paint)
