"""Thrown and turned things: every pot is a profile turned around its axis, then glazed."""

from vitrine.demo.drawing.canvas import Canvas, Point, num, smooth
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import Tone, shaded
from vitrine.demo.drawing.turned import Turned


def vase(canvas: Canvas, tone: Tone) -> None:
    """Draw a plain vase."""
    pot = Turned([(90, 0), (130, -90), (160, -220), (110, -340), (60, -400), (70, -440)])
    canvas.shadow((30, 4), 220, 34)
    pot.paint(canvas, tone)


CERAMICS = {"vase": Illustration(paint=vase, setting="table")}
