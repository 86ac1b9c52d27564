"""A sheet of SVG: shapes, gradients, clips and groups; no text, filters, links or scripts.

Lengths are in the sheet's own units; paints are `#rrggbb` or what `linear` and `radial` return.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

Stop = tuple[float, str] | tuple[float, str, float]
"""Offset 0 to 1, colour, and opacity where it is not 1."""

Point = tuple[float, float]


class Canvas:
    """Collects shapes in painting order."""

    def __init__(self, width: float, height: float) -> None:
        """Start an empty sheet of this size."""
        self.width = width
        self.height = height
        self._definitions: list[str] = []
        self._shapes: list[str] = []

    def linear(self, *stops: Stop, vector: tuple[float, float, float, float] = (0, 0, 1, 0)) -> str:
        """Define a gradient along a vector (x1, y1, x2, y2) in fractions of the shape's box."""
        x1, y1, x2, y2 = vector
        axis = f'x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}"'
        return self._paint("linearGradient", axis, stops)

    def radial(self, *stops: Stop, centre: Point = (0.5, 0.5), radius: float = 0.5) -> str:
        """Define a gradient around a centre, in fractions of the shape's box."""
        x, y = centre
        return self._paint(
            "radialGradient", f'cx="{num(x)}" cy="{num(y)}" r="{num(radius)}"', stops
        )

    def path(self, d: str, fill: str = "none", *, opacity: float = 1) -> None:
        """Fill a path."""
        self._shapes.append(f'<path d="{d}" fill="{fill}"{_opacity("fill", opacity)}/>')

    def stroke(
        self,
        d: str,
        paint: str,
        width: float,
        *,
        opacity: float = 1,
        dashes: tuple[float, float] | None = None,
    ) -> None:
        """Draw a path as a line with round ends, or as a dashed one (dash, gap)."""
        broken = f' stroke-dasharray="{num(dashes[0])} {num(dashes[1])}"' if dashes else ""
        self._shapes.append(
            f'<path d="{d}" fill="none" stroke="{paint}" stroke-width="{num(width)}" '
            f'stroke-linecap="{"butt" if dashes else "round"}" stroke-linejoin="round"'
            f"{broken}{_opacity('stroke', opacity)}/>"
        )

    def ellipse(
        self, centre: Point, rx: float, ry: float, fill: str, *, opacity: float = 1
    ) -> None:
        """Fill an ellipse."""
        x, y = centre
        self._shapes.append(
            f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}" '
            f'fill="{fill}"{_opacity("fill", opacity)}/>'
        )

    def circle(self, centre: Point, radius: float, fill: str, *, opacity: float = 1) -> None:
        """Fill a circle."""
        self.ellipse(centre, radius, radius, fill, opacity=opacity)

    def rect(
        self,
        corner: Point,
        size: Point,
        fill: str,
        *,
        round_by: float = 0,
        opacity: float = 1,
    ) -> None:
        """Fill a rectangle from its top left corner."""
        (x, y), (width, height) = corner, size
        self._shapes.append(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}" '
            f'rx="{num(round_by)}" fill="{fill}"{_opacity("fill", opacity)}/>'
        )

    def shadow(self, centre: Point, rx: float, ry: float, *, opacity: float = 0.34) -> None:
        """Lay a soft shadow on the ground."""
        dark = "#3a2a3c"
        paint = self.radial((0, dark, opacity), (0.45, dark, opacity * 0.62), (1, dark, 0))
        self.ellipse(centre, rx, ry, paint)

    @contextmanager
    def placed(
        self, x: float, y: float, scale: float = 1, *, turn_deg: float = 0
    ) -> Generator[None]:
        """Draw what follows with its origin at a point of the sheet."""
        turn = f" rotate({num(turn_deg)})" if turn_deg else ""
        size = f" scale({num(scale)})" if scale != 1 else ""
        with self._group(f'transform="translate({num(x)} {num(y)}){turn}{size}"'):
            yield

    @contextmanager
    def mirrored(self) -> Generator[None]:
        """Draw what follows with left and right exchanged."""
        with self._group('transform="scale(-1 1)"'):
            yield

    @contextmanager
    def clipped(self, d: str) -> Generator[None]:
        """Draw what follows only inside a path."""
        name = f"c{len(self._definitions)}"
        self._definitions.append(f'<clipPath id="{name}"><path d="{d}"/></clipPath>')
        with self._group(f'clip-path="url(#{name})"'):
            yield

    def svg(self, window: tuple[float, float, float, float] | None = None) -> str:
        """Return the document, showing a window (x, y, width, height) or the whole sheet."""
        x, y, width, height = window or (0, 0, self.width, self.height)
        box = f"{num(x)} {num(y)} {num(width)} {num(height)}"
        scale = 2000 / max(width, height)
        size = f'width="{round(width * scale)}" height="{round(height * scale)}"'
        parts = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {size}>',
            f"<defs>{''.join(self._definitions)}</defs>",
            *self._shapes,
            "</svg>\n",
        )
        return "\n".join(parts)

    @contextmanager
    def _group(self, attributes: str) -> Generator[None]:
        self._shapes.append(f"<g {attributes}>")
        yield
        self._shapes.append("</g>")

    def _paint(self, tag: str, geometry: str, stops: Sequence[Stop]) -> str:
        name = f"p{len(self._definitions)}"
        inner = "".join(_stop(stop) for stop in stops)
        self._definitions.append(f'<{tag} id="{name}" {geometry}>{inner}</{tag}>')
        return f"url(#{name})"


def num(value: float) -> str:
    """Write a number as briefly as a drawing needs it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def smooth(points: Sequence[Point]) -> str:
    """Draw a curve through points (Catmull-Rom as cubic Béziers), beginning with `M`."""
    padded = [points[0], *points, points[-1]]
    parts = [f"M{num(points[0][0])} {num(points[0][1])}"]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        numbers = " ".join(num(v) for point in (first, second, end) for v in point)
        parts.append(f"C{numbers}")
    return "".join(parts)


def polygon(*points: Point) -> str:
    """Draw straight lines through points and close them."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points) + "Z"


def _opacity(of: str, value: float) -> str:
    # of the fill or the stroke: `opacity` would have a sheet of its own composed for each shape
    return "" if value == 1 else f' {of}-opacity="{num(value)}"'


def _stop(stop: Stop) -> str:
    opacity = f' stop-opacity="{num(stop[2])}"' if len(stop) == 3 else ""  # noqa: PLR2004 - a pair or a triple
    return f'<stop offset="{num(stop[0])}" stop-color="{stop[1]}"{opacity}/>'
