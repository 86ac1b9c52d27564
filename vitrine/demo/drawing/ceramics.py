"""Vases, planters and plates: a profile turned around its axis, then glazed."""

from math import pi

from vitrine.demo.drawing.botany import around, daisy, leaf, tulip, twig
from vitrine.demo.drawing.canvas import Canvas, num
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import CREAM, OAK, Tone, shaded, tone
from vitrine.demo.drawing.turned import TurnedShape, lit

CLAY = shaded("#d8bd9c")
MILK = shaded(CREAM)


def amphora(canvas: Canvas, tone: Tone) -> None:
    """Draw a vase with two handles and eucalyptus."""
    canvas.shadow((50, 6), 220, 34)
    for turn, length in ((-16, 290), (14, 320), (0, 250)):
        twig(canvas, (0, -455), turn_deg=turn, length=length)
    for side in (-1, 1):
        paint = tone.base if side < 0 else tone.deep
        handle = f"M{side * 46} -420C{side * 150} -440 {side * 168} -350 {side * 112} -296"
        canvas.stroke(handle, paint, 24)
        canvas.stroke(handle, tone.light, 6, opacity=0.5)
    pot = TurnedShape([
        (72, 0),
        (80, -18),
        (122, -110),
        (160, -230),
        (112, -330),
        (56, -400),
        (58, -450),
        (74, -478),
    ])
    pot.paint(canvas, tone)
    pot.band(canvas, MILK, -250, -222)
    pot.band(canvas, MILK, -212, -204)


def gourd(canvas: Canvas, tone: Tone) -> None:
    """Draw a double-bellied vase."""
    canvas.shadow((50, 6), 230, 36)
    pot = TurnedShape([
        (96, 0),
        (158, -56),
        (182, -140),
        (150, -226),
        (92, -280),
        (108, -330),
        (116, -382),
        (86, -440),
        (50, -474),
        (56, -510),
    ])
    pot.paint(canvas, tone)
    with pot.inside(canvas):
        pool = canvas.linear(
            (0, tone.deep, 0), (0.5, tone.deep, 0.5), (1, tone.deep, 0), vector=(0, 0, 0, 1)
        )
        canvas.rect((-200, -330), (400, 100), pool)
    pot.gloss(canvas, opacity=0.6)
    canvas.ellipse((-58, -388), 14, 34, "#ffffff", opacity=0.35)


def bottle(canvas: Canvas, tone: Tone) -> None:
    """Draw a slim bottle with one daisy."""
    canvas.shadow((44, 6), 180, 30)
    canvas.stroke("M0 -380C-6 -480 60 -520 56 -610", "#5f7f54", 7)
    leaf(canvas, (10, -490), turn_deg=-48, length=110, width=34)
    daisy(canvas, (58, -640), 92)
    pot = TurnedShape([
        (98, 0),
        (124, -60),
        (122, -160),
        (84, -250),
        (34, -310),
        (26, -370),
        (30, -400),
    ])
    pot.paint(canvas, tone)
    pot.gloss(canvas, opacity=0.22)


def donut(canvas: Canvas, tone_: Tone) -> None:
    """Draw a ring-shaped vase with a tulip."""
    canvas.shadow((46, 8), 220, 34)
    tulip(canvas, (0, -400), lean=-34, height=210, tone=tone("ochre"))
    TurnedShape([(40, -370), (34, -420), (44, -446)]).paint(canvas, tone_)
    foot = TurnedShape([(92, 0), (74, -30), (60, -50)])
    foot.paint(canvas, tone_)
    centre, outer, inner = (0, -210), 186, 74
    ring = (
        f"M{-outer} -210A{outer} {outer} 0 1 1 {outer} -210A{outer} {outer} 0 1 1 {-outer} -210Z"
        f"M{-inner} -210A{inner} {inner} 0 1 0 {inner} -210A{inner} {inner} 0 1 0 {-inner} -210Z"
    )
    paint = canvas.radial(
        (0, tone_.deep), (0.42, tone_.dark), (0.6, tone_.base), (0.76, tone_.light),
        (0.88, tone_.base), (1, tone_.dark), centre=(0.47, 0.46), radius=0.56,
    )  # fmt: skip
    canvas.path(ring, paint)
    rim = (outer + inner) / 2
    start, end = around(centre, rim + 16, -78), around(centre, rim + 16, -22)
    canvas.stroke(
        f"M{num(start[0])} {num(start[1])}A{rim + 16} {rim + 16} 0 0 1 {num(end[0])} {num(end[1])}",
        "#ffffff", 12, opacity=0.35,
    )  # fmt: skip


def striped(canvas: Canvas, tone: Tone) -> None:
    """Draw a cylinder with painted bands and two tulips."""
    canvas.shadow((50, 6), 230, 36)
    tulip(canvas, (-30, -390), lean=-70, height=170, tone=shaded("#ea7f66"))
    tulip(canvas, (36, -390), lean=56, height=230, tone=shaded("#f0b9a0"))
    pot = TurnedShape([(134, 0), (146, -30), (150, -210), (146, -380), (138, -408)], tilt=0.17)
    pot.paint(canvas, MILK, hollow=CLAY.dark)
    y = -352.0
    for height in (34, 22, 48, 16, 40):
        pot.band(canvas, tone, y, y + height)
        y += height + 26
    pot.gloss(canvas, opacity=0.3)


def planter(canvas: Canvas, tone: Tone) -> None:
    """Draw a footed planter with a rubber plant."""
    canvas.shadow((44, 8), 230, 36)
    for x in (-96, 0, 96):
        canvas.path(f"M{x - 22} -40H{x + 22}L{x + 12} {4 if x else 14}H{x - 12}Z", tone.deep)
    stems = ((-62, 250, -24), (58, 230, 22), (-20, 330, -8), (30, 360, 10), (4, 290, 0))
    for x, height, turn in stems:
        top = (x * 1.5, -250 - height * 0.42)
        canvas.stroke(
            f"M{num(x * 0.3)} -250Q{num(x * 0.6)} {num(top[1] + 60)} {num(top[0])} {num(top[1])}",
            "#54683f",
            9,
        )
        leaf(canvas, top, turn_deg=turn * 1.6, length=height * 0.62, width=66)
    for x, turn in ((-70, -66), (74, 62), (-36, -44), (44, 40)):
        leaf(canvas, (x * 0.5, -262), turn_deg=turn, length=196, width=60, tone=shaded("#5d8a5a"))
    pot = TurnedShape([(120, -30), (150, -60), (166, -150), (166, -252)], tilt=0.17)
    canvas.path(pot.outline, lit(canvas, tone))
    canvas.path(f"{_rim(166, -252)}", tone.light)
    pot.band(canvas, shaded(tone.accent), -206, -176)
    pot.speckle(canvas, tone.deep, 50)


def _rim(radius: float, y: float) -> str:
    sag = radius * 0.17
    return (
        f"M{-radius} {y}A{radius} {num(sag)} 0 0 0 {radius} {y}"
        f"A{radius} {num(sag * 0.72)} 0 0 1 {-radius} {y}Z"
    )


def sun_plate(canvas: Canvas, tone: Tone) -> None:
    """Draw a standing plate with a painted ray for every hour."""
    centre = _plate(canvas)
    canvas.circle(centre, 74, tone.base)
    canvas.circle((centre[0] - 14, centre[1] - 14), 44, tone.light, opacity=0.55)
    for hour in range(24):
        far, near = (214, 96) if hour % 2 == 0 else (168, 100)
        left, right = around(centre, near, hour * 15 - 4.4), around(centre, near, hour * 15 + 4.4)
        tip = around(centre, far, hour * 15)
        canvas.path(
            (
f"M{num(left[0])} {num(left[1])}L{num(tip[0])} {num(tip[1])}"
f"L{num(right[0])} {num(right[1])}Z"
),
            tone.base if hour % 2 == 0 else tone.dark,
        )  # fmt: skip


def moon_plate(canvas: Canvas, tone: Tone) -> None:
    """Draw a standing plate with a ring of moons that wax and wane."""
    centre = _plate(canvas)
    canvas.circle(centre, 92, tone.base)
    canvas.circle((centre[0] + 34, centre[1] - 16), 74, MILK.base)
    for step in range(12):
        x, y = around(centre, 176, step * 30)
        canvas.circle((x, y), 27, tone.base)
        phase = step / 6 - 1  # new at the top, full at the foot
        waned, side = abs(phase), -1 if phase > 0 else 1
        if waned:
            shade = 27.6 * (0.6 + 0.4 * waned)
            canvas.circle((x + side * (1 - waned) * 46, y), shade, MILK.base)
        canvas.circle(around(centre, 222, step * 30 + 15), 6, tone.dark)


def _plate(canvas: Canvas) -> tuple[float, float]:
    canvas.shadow((40, 6), 240, 32)
    centre = (0.0, -292.0)
    canvas.circle((18, -284), 262, "#3a2a3c", opacity=0.14)
    canvas.circle(
        centre,
        262,
        canvas.linear((0, MILK.light), (0.5, MILK.base), (1, MILK.dark), vector=(0, 0, 1, 1)),
    )
    canvas.circle(
        centre,
        240,
        canvas.linear((0, MILK.dark), (0.3, MILK.base), (1, MILK.light), vector=(0, 0, 1, 1)),
        opacity=0.7,
    )
    canvas.circle(centre, 232, canvas.linear((0, MILK.base), (1, MILK.light), vector=(0, 0, 1, 1)))
    wood = shaded(OAK)
    canvas.path(
        (
            "M-150 -2V-70Q-150 -84 -136 -84T-122 -70V-32H122V-70"
            "Q122 -84 136 -84T150 -70V-2Q150 8 140 8H-140Q-150 8 -150 -2Z"
        ),
        lit(canvas, wood),
    )
    canvas.path("M-150 -2Q-150 8 -140 8H140Q150 8 150 -2Z", wood.dark)
    return centre


def candles(canvas: Canvas, tone: Tone) -> None:
    """Draw three candle holders of three heights."""
    canvas.shadow((40, 6), 290, 34)
    for x, height in ((-150, 150), (140, 210), (-8, 300)):
        with canvas.placed(x, 0 if x else 14):
            candle = TurnedShape([(17, -height), (17, -height - 190)], sharp=True)
            candle.paint(canvas, MILK, hollow=MILK.base)
            top = -height - 206
            glow = canvas.radial((0, "#ffdf9e", 0.8), (1, "#ffdf9e", 0))
            canvas.circle((0, top - 20), 90, glow)
            canvas.path(
                (
                    f"M0 {top - 56}C22 {top - 16} 18 {top + 8} 0 {top + 8}"
                    f"S-22 {top - 16} 0 {top - 56}Z"
                ),
                "#f3a63c",
            )
            canvas.path(
                f"M0 {top - 30}C11 {top - 8} 9 {top + 6} 0 {top + 6}S-11 {top - 8} 0 {top - 30}Z",
                "#fff3da",
            )
            beads = int(height / 60)
            profile = [(64.0, 0.0), (66, -14)]
            for bead in range(beads):
                y = -20 - bead * (height - 50) / beads
                step = (height - 50) / beads
                profile += [(26, y), (26 + step * 0.36 / pi * 2.2, y - step * 0.5)]
            TurnedShape([*profile, (26, -height + 26), (44, -height + 4), (42, -height)]).paint(
                canvas, tone
            )


CERAMICS = {
    "amphora": Illustration(paint=amphora, setting="table"),
    "gourd": Illustration(paint=gourd, setting="table", scale=1.1),
    "bottle": Illustration(paint=bottle, setting="table"),
    "donut": Illustration(paint=donut, setting="table"),
    "striped": Illustration(paint=striped, setting="table"),
    "planter": Illustration(paint=planter, setting="table", scale=1.05),
    "plate": Illustration(paint=sun_plate, setting="table", scale=1.05),
    "moon_plate": Illustration(paint=moon_plate, setting="table", scale=1.05),
    "candles": Illustration(paint=candles, setting="table"),
}
