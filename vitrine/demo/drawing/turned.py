"""Bodies of revolution seen from a little above: pots, lamp feet, shades."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from vitrine.demo.drawing.canvas import Canvas, Point, num, smooth
from vitrine.demo.drawing.palette import LIGHT, SHADE, Tone, mix


class TurnedShape:
    """A profile of (radius, y) from foot to mouth, turned around x = 0.

    Attributes:
        outline: the silhouette as a path.
        tilt: how much is seen from above: an ellipse's height over its width.
        widest: the largest radius.
    """

    def __init__(
        self, profile: Sequence[Point], *, tilt: float = 0.16, sharp: bool = False
    ) -> None:
        """Turn a profile; `sharp` keeps its corners."""
        self.tilt = tilt
        self.foot, self.mouth = profile[0], profile[-1]
        self.widest = max(radius for radius, _ in profile)
        line = _straight if sharp else smooth
        right = line(profile)
        left = line([(-radius, y) for radius, y in reversed(profile)])
        foot, mouth = self.foot[0], self.mouth[0]
        self.outline = (
            f"{right}A{num(mouth)} {num(mouth * tilt)} 0 0 0 {num(-mouth)} {num(self.mouth[1])}"
            f"L{left[1:]}A{num(foot)} {num(foot * tilt)} 0 0 0 {num(foot)} {num(self.foot[1])}Z"
        )

    def paint(self, canvas: Canvas, tone: Tone, *, hollow: str | None = None) -> None:
        """Fill the body with light from the left, and open its mouth (`hollow`: its inside)."""
        canvas.path(self.outline, lit(canvas, tone))
        self.open(canvas, tone, hollow)

    def open(self, canvas: Canvas, tone: Tone, hollow: str | None = None) -> None:
        """Paint the rim and what is seen inside of it."""
        radius, y = self.mouth
        if not radius:
            return
        canvas.ellipse((0, y), radius, radius * self.tilt, mix(tone.light, LIGHT, 0.3))
        lip = max(radius - 7, radius * 0.86)
        inside = canvas.linear((0, mix(hollow or tone.deep, SHADE, 0.25)), (1, hollow or tone.dark))
        canvas.ellipse((0, y + 1), lip, lip * self.tilt * 0.9, inside)

    @contextmanager
    def inside(self, canvas: Canvas) -> Generator[None]:
        """Draw what follows on the body only."""
        with canvas.clipped(self.outline):
            yield

    def dip(self, canvas: Canvas, tone: Tone, *, to: float, wave: float = 14) -> None:
        """Glaze the body from its mouth down to a wavering line."""
        reach, top = self.widest, self.mouth[1] - self.mouth[0]
        edge = smooth([
            (reach, to + wave * 0.3), (reach * 0.5, to + wave), (0, to - wave * 0.2),
            (-reach * 0.45, to + wave * 1.3), (-reach, to - wave * 0.4),
        ])  # fmt: skip
        with self.inside(canvas):
            canvas.path(f"{edge}V{num(top)}H{num(reach)}Z", lit(canvas, tone))
            canvas.stroke(edge, tone.dark, 4, opacity=0.45)

    def band(self, canvas: Canvas, tone: Tone, top: float, bottom: float) -> None:
        """Paint a stripe around the body."""
        reach = self.widest
        sag = reach * self.tilt
        curve = f"A{num(reach)} {num(sag)} 0 0 0 {num(reach)} {num(top)}"
        back = f"A{num(reach)} {num(sag)} 0 0 1 {num(-reach)} {num(bottom)}"
        with self.inside(canvas):
            stripe = f"M{num(-reach)} {num(top)}{curve}V{num(bottom)}{back}Z"
            canvas.path(stripe, lit(canvas, tone))

    def gloss(self, canvas: Canvas, *, opacity: float = 0.4) -> None:
        """Lay the window's reflection on the left shoulder."""
        x = -self.widest * 0.62
        top, bottom = self.mouth[1] * 0.86, self.mouth[1] * 0.28
        with self.inside(canvas):
            shine = canvas.linear((0, "#ffffff", opacity), (1, "#ffffff", 0), vector=(0, 0, 0, 1))
            middle = (top + bottom) / 2
            d = (
                f"M{num(x)} {num(top)}C{num(x - 34)} {num(middle)} {num(x - 30)} {num(bottom)} "
                f"{num(x)} {num(bottom)}C{num(x - 4)} {num(middle)} {num(x + 8)} {num(middle)} "
                f"{num(x + 24)} {num(top)}Z"
            )
            canvas.path(d, shine)

    def speckle(self, canvas: Canvas, paint: str, count: int = 70) -> None:
        """Scatter the iron spots of stoneware, evenly but without a pattern."""
        height = self.foot[1] - self.mouth[1]
        with self.inside(canvas):
            for i in range(1, count):
                x = (i * 0.5698403 % 1 * 2 - 1) * self.widest
                y = self.mouth[1] + i * 0.7548777 % 1 * height
                canvas.circle((x, y), 1.2 + i * 0.37 % 1 * 2.2, paint, opacity=0.5)


def lit(canvas: Canvas, tone: Tone) -> str:
    """Return the paint of a round body in light from the left."""
    return canvas.linear(
        (0, mix(tone.base, tone.light, 0.5)),
        (0.24, mix(tone.light, tone.base, 0.2)),
        (0.52, tone.base),
        (0.88, tone.dark),
        (1, mix(tone.dark, tone.base, 0.4)),
    )


def _straight(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)
