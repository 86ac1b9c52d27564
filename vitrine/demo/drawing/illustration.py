"""What a drawing is: how it is painted, where it stands on the sheet, where a close-up looks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vitrine.demo.drawing.canvas import Canvas, Point
from vitrine.demo.drawing.palette import Tone

Paint = Callable[[Canvas, Tone], None]
Setting = Literal["floor", "table", "air", "flat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustration:
    """One product, drawn around its own origin on a sheet of 800 x 1000.

    Attributes:
        paint: draws it; the origin is where it stands, hangs (its lowest point) or lies (middle).
        setting: on a floor, on a table top, hung in the air, or laid flat.
        scale: of the hero picture.
        close_up: where a close-up looks, from the origin.
    """

    paint: Paint
    setting: Setting
    scale: float = 1
    close_up: Point = (0, -300)
