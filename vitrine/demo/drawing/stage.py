"""The rooms that products are shown in: a wall, a ground, and one quiet shape of light."""

from vitrine.demo.drawing.canvas import Canvas, polygon
from vitrine.demo.drawing.illustration import Setting
from vitrine.demo.drawing.palette import LIGHT, ROOMS, SHADE, mix

WIDTH, HEIGHT = 800, 1000
HORIZON = {"floor": 730, "table": 720, "air": 900, "flat": 1000}
GROUND = {"floor": 868, "table": 838, "air": 640, "flat": 500}
"""Where the origin of an illustration goes, from the top."""

SHAPES = ("arch", "sun", "window")


def set_stage(canvas: Canvas, colour: str, setting: Setting, shape: str) -> None:
    """Paint wall, ground and backdrop for a product of this colour."""
    wall, ground = ROOMS[colour]
    if shape == "dusk":
        wall, ground = "#3f4a74", "#333960"
    if shape == "paper":
        wall, ground = "#efe6d6", "#e2d5bd"
    _wall(canvas, wall)
    horizon = HORIZON[setting]
    backdrop = {"arch": _arch, "sun": _sun, "window": _window, "dusk": _moon, "paper": _sheet}
    if setting == "flat" and shape in {"arch", "window"}:
        shape = "sun"
    backdrop[shape](canvas, wall, horizon)
    if setting != "flat":
        _ground(canvas, ground, horizon)


def _wall(canvas: Canvas, wall: str) -> None:
    paint = canvas.linear(
        (0, mix(wall, LIGHT, 0.4)), (0.6, wall), (1, mix(wall, SHADE, 0.07)), vector=(0, 0, 1, 1)
    )
    canvas.rect((0, 0), (WIDTH, HEIGHT), paint)


def _ground(canvas: Canvas, ground: str, horizon: float) -> None:
    paint = canvas.linear(
        (0, mix(ground, SHADE, 0.05)), (0.25, ground), (1, mix(ground, LIGHT, 0.35)),
        vector=(0, 0, 0, 1),
    )  # fmt: skip
    canvas.rect((0, horizon), (WIDTH, HEIGHT - horizon), paint)


def _arch(canvas: Canvas, wall: str, horizon: float) -> None:
    left, right, top = 130, 670, 150
    radius = (right - left) / 2
    shape = (
        f"M{left} {horizon}V{top + radius}A{radius} {radius} 0 0 1 {right} {top + radius}"
        f"V{horizon}Z"
    )
    canvas.path(shape, mix(wall, SHADE, 0.09))
    with canvas.clipped(shape):
        inner = canvas.linear(
            (0, mix(wall, SHADE, 0.04)), (0.5, mix(wall, LIGHT, 0.5)), (1, mix(wall, LIGHT, 0.2))
        )
        with canvas.placed(26, 14):
            canvas.path(shape, inner)


def _sun(canvas: Canvas, wall: str, horizon: float) -> None:
    centre = (400, min(horizon - 260, 500))
    paint = canvas.linear(
        (0, mix(wall, LIGHT, 0.75)), (1, mix(wall, LIGHT, 0.15)), vector=(0.2, 0, 0.6, 1)
    )
    canvas.circle(centre, 322, paint)


def _window(canvas: Canvas, wall: str, _horizon: float) -> None:
    pane = mix(wall, LIGHT, 0.62)
    for column in (0, 1):
        for row in (0, 1):
            x, y = 180 + column * 228, 96 + row * 292 + column * 60
            canvas.path(polygon((x, y), (x + 206, y + 54), (x + 206, y + 322), (x, y + 268)), pane)


def _moon(canvas: Canvas, wall: str, _horizon: float) -> None:
    canvas.circle((560, 270), 120, mix(wall, LIGHT, 0.75))
    canvas.circle((520, 250), 112, mix(wall, LIGHT, 0.04))


def _sheet(canvas: Canvas, wall: str, horizon: float) -> None:
    canvas.rect((90, 80), (620, horizon + 60), mix(wall, LIGHT, 0.6))
