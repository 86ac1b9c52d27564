"""A colour as a small tile: what a customer taps to choose it."""

from vitrine.demo.drawing.canvas import Canvas
from vitrine.demo.drawing.palette import Tone


def paint_swatch(canvas: Canvas, tone: Tone) -> None:
    """Fill a sheet of 400 x 400 with a brushed tile of the colour."""
    canvas.rect(
        (0, 0),
        (400, 400),
        canvas.linear((0, tone.light), (0.35, tone.base), (1, tone.dark), vector=(0, 0, 1, 1)),
    )
    for row in range(-4, 9):
        y = row * 50
        canvas.stroke(
            f"M-20 {y + 60}C100 {y} 220 {y + 120} 420 {y + 40}", tone.dark, 9, opacity=0.16
        )
        canvas.stroke(
            f"M-20 {y + 74}C100 {y + 14} 220 {y + 134} 420 {y + 54}", tone.light, 4, opacity=0.35
        )
