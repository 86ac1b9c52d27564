"""The illustrations: every picture of the demo, drawn from a few parameters as SVG."""

from zlib import crc32

from vitrine.demo.drawing.bags import BAGS
from vitrine.demo.drawing.canvas import Canvas
from vitrine.demo.drawing.ceramics import CERAMICS
from vitrine.demo.drawing.chairs import CHAIRS
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.knitwear import KNITWEAR
from vitrine.demo.drawing.lamps import LAMPS
from vitrine.demo.drawing.palette import tone
from vitrine.demo.drawing.scenes import SCENES
from vitrine.demo.drawing.stage import GROUND, HEIGHT, SHAPES, WIDTH, set_stage
from vitrine.demo.drawing.swatch import paint_swatch
from vitrine.demo.drawing.tableware import TABLEWARE
from vitrine.demo.drawing.woollies import WOOLLIES

__all__ = ["draw_close_up", "draw_product", "draw_scene", "draw_swatch"]


ILLUSTRATIONS: dict[str, Illustration] = {
    **LAMPS,
    **CHAIRS,
    **CERAMICS,
    **TABLEWARE,
    **BAGS,
    **KNITWEAR,
    **WOOLLIES,
}


def draw_product(drawing: str, colour: str, *, stage: str | None = None) -> str:
    """Draw a product alone on its stage, 4:5."""
    return _composed(drawing, colour, stage).svg()


def draw_close_up(drawing: str, colour: str) -> str:
    """Draw a part of the same picture, enlarged, 4:5."""
    shown = ILLUSTRATIONS[drawing]
    x, y = shown.close_up
    x, y = 400 + x * shown.scale, GROUND[shown.setting] + y * shown.scale
    return _composed(drawing, colour, None).svg((x - 160, y - 200, 320, 400))


def draw_scene(drawing: str) -> str:
    """Draw several products in a place, 5:4."""
    canvas = Canvas(1000, 800)
    SCENES[drawing](canvas)
    return canvas.svg()


def draw_swatch(colour: str) -> str:
    """Draw a colour as a square of glazed tile."""
    canvas = Canvas(400, 400)
    paint_swatch(canvas, tone(colour))
    return canvas.svg()


def _composed(drawing: str, colour: str, stage: str | None) -> Canvas:
    shown = ILLUSTRATIONS[drawing]
    canvas = Canvas(WIDTH, HEIGHT)
    # neighbours in a list should not all stand before the same shape
    shape = stage or SHAPES[crc32(f"{drawing} {colour}".encode()) % len(SHAPES)]
    set_stage(canvas, colour, shown.setting, shape)
    with canvas.placed(WIDTH / 2, GROUND[shown.setting], shown.scale):
        shown.paint(canvas, tone(colour))
    return canvas
