"""Bodies of revolution seen from a little above: pots, lamp feet, shades."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from vitrine.demo.drawing.canvas import Canvas, Point, num, smooth
from vitrine.demo.drawing.palette import LIGHT, SHADE, Tone, mix


class Turned:
    """A profile of (radius, y) from foot to mouth, turned around x = 0.

    Attributes:
        outline: the silhouette as a path.
        tilt: how much is seen from above: an ellipse's height over its width.
    """

    def __init__(
        self, profile: Sequence[Point], *, tilt: float = 0.16, sharp: bool = False
    ) -> None:
        """Turn a profile; `sharp` keeps its corners."""
        self.profile = profile
        self.tilt = tilt
        (foot, bottom), (mouth, top) = profile[0], profile[-1]
        right = [(r, y) for r, y in profile]
        left = [(-r, y) for r, y in reversed(profile)]
        line = _straight if sharp else smooth
        self.mouth = (mouth, top)
        self.outline = (
            f"{line(right)}A{num(mouth)} {num(mouth * tilt)} 0 0 0 {num(-mouth)} {num(top)}"
            f"{line(left)[1:].replace(num(-mouth) + ' ' + num(top), '', 1)}"
            f"A{num(foot)} {num(foot * tilt)} 0 0 0 {num(foot)} {num(bottom)}Z"
        )

    def paint(self, canvas: Canvas, tone: Tone, *, hollow: str | None = None) -> None:
        """Fill the body with light from the left, and open its mouth (`hollow`: its inside)."""
        body = canvas.linear(
            (0, mix(tone.base, LIGHT, 0.18)), (0.22, tone.light), (0.5, tone.base), (0.85, tone.dark),
            (1, mix(tone.dark, tone.base, 0.35)),
        )  # fmt: skip
        canvas.path(self.outline, body)
        self.open(canvas, tone, hollow)

    def open(self, canvas: Canvas, tone: Tone, hollow: str | None = None) -> None:
        """Paint the rim and what is seen inside of it."""
        radius, y = self.mouth
        if radius < 2:  # noqa: PLR2004 - a closed top
            return
        canvas.ellipse((0, y), radius, radius * self.tilt, mix(tone.light, LIGHT, 0.25))
        lip = max(radius - 7, radius * 0.86)
        inside = canvas.linear((0, mix(hollow or tone.deep, SHADE, 0.25)), (1, hollow or tone.dark))
        canvas.ellipse((0, y + 1), lip, lip * self.tilt * 0.92, inside)

    @contextmanager
    def inside(self, canvas: Canvas) -> Iterator[None]:
        """Draw what follows on the body only."""
        with canvas.clipped(self.outline):
            yield

    def ring(self, y: float, radius: float) -> str:
        """Return the front half of a ring around the body, left to right."""
        return f"M{num(-radius)} {num(y)}A{num(radius)} {num(radius * self.tilt)} 0 0 0 {num(radius)} {num(y)}"


def _straight(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)
