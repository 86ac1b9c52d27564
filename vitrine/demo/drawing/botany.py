"""Leaves, twigs and flowers for the vases."""

from math import cos, radians, sin

from vitrine.demo.drawing.canvas import Canvas, Point, num
from vitrine.demo.drawing.palette import LEAF, Tone, shaded

GREEN = shaded(LEAF)
EUCALYPTUS = shaded("#7f9f8a")


def leaf(
    canvas: Canvas,
    foot: Point,
    *,
    turn_deg: float,
    length: float,
    width: float,
    tone: Tone = GREEN,
) -> None:
    """Draw a leaf that grows from its foot; 0 degrees is upward."""
    with canvas.placed(*foot, turn_deg=turn_deg):
        tip, belly = num(-length), num(-length * 0.55)
        right = f"M0 0C{num(width)} {num(-length * 0.2)} {num(width * 0.8)} {belly} 0 {tip}Z"
        left = f"M0 0C{num(-width)} {num(-length * 0.2)} {num(-width * 0.8)} {belly} 0 {tip}Z"
        canvas.path(left, tone.base)
        canvas.path(right, tone.dark)
        canvas.stroke(f"M0 0V{num(-length * 0.86)}", tone.light, max(width * 0.05, 2), opacity=0.7)


def twig(canvas: Canvas, foot: Point, *, turn_deg: float, length: float, pairs: int = 6) -> None:
    """Draw a eucalyptus twig with round leaves in pairs."""
    with canvas.placed(*foot, turn_deg=turn_deg):
        canvas.stroke(
            f"M0 0Q{num(length * 0.12)} {num(-length * 0.5)} 0 {num(-length)}", "#6d7f64", 5
        )
        for i in range(pairs):
            share = (i + 2) / (pairs + 1)
            y = -length * share
            x = length * 0.24 * share * (1 - share)
            size = 46 - 20 * share
            for side in (-1, 1):
                tone = EUCALYPTUS if side < 0 else GREEN
                turn = side * (62 - 18 * share)
                leaf(canvas, (x, y), turn_deg=turn, length=size * 1.5, width=size, tone=tone)


def tulip(canvas: Canvas, foot: Point, *, lean: float, height: float, tone: Tone) -> None:
    """Draw a tulip on a bending stem."""
    x, y = foot
    top = (x + lean, y - height)
    canvas.stroke(
        f"M{num(x)} {num(y)}C{num(x)} {num(y - height * 0.5)} {num(top[0])} "
        f"{num(top[1] + height * 0.4)} {num(top[0])} {num(top[1])}",
        GREEN.dark,
        8,
    )
    leaf(canvas, (x + lean * 0.1, y - height * 0.2), turn_deg=34, length=height * 0.6, width=26)
    with canvas.placed(*top, turn_deg=lean * 0.16):
        canvas.path(
            (
                "M-46 -20C-58 -80 -40 -118 -30 -128C-10 -110 10 -110 30 -128"
                "C40 -118 58 -80 46 -20C40 14 -40 14 -46 -20Z"
            ),
            tone.dark,
        )
        canvas.path(
            "M-46 -20C-58 -80 -40 -118 -30 -128C-4 -96 8 -30 -6 6C-30 8 -44 0 -46 -20Z", tone.base
        )
        canvas.path("M0 -134C32 -90 34 -20 0 6C-34 -20 -32 -90 0 -134Z", tone.light)


def daisy(canvas: Canvas, centre: Point, radius: float, *, petals: int = 11) -> None:
    """Draw a flower with narrow petals, seen from the front."""
    x, y = centre
    for i in range(petals):
        angle = 360 / petals * i
        with canvas.placed(x, y, turn_deg=angle):
            tone = "#fbf3e4" if i % 2 else "#f1e3cd"
            canvas.ellipse((0, -radius * 0.62), radius * 0.2, radius * 0.42, tone)
    canvas.circle(centre, radius * 0.26, "#dd9c33")
    canvas.circle((x - radius * 0.06, y - radius * 0.07), radius * 0.14, "#efbe62")


def around(centre: Point, radius: float, turn_deg: float) -> Point:
    """Return a point on a circle; 0 degrees is upward, clockwise."""
    turn = radians(turn_deg)
    return centre[0] + radius * sin(turn), centre[1] - radius * cos(turn)
