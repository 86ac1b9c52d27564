"""Cups, pots and bowls."""

from vitrine.demo.drawing.canvas import Canvas
from vitrine.demo.drawing.ceramics import CLAY, MILK
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import Tone, shaded
from vitrine.demo.drawing.turned import TurnedShape, lit


def mug(canvas: Canvas, tone: Tone) -> None:
    """Draw a straight mug with a dipped glaze."""
    canvas.shadow((60, 4), 300, 44)
    _handle(canvas, "M150 -300C270 -310 280 -110 146 -90", tone, CLAY)
    pot = TurnedShape([(136, 0), (158, -16), (164, -60), (166, -380)], tilt=0.18)
    pot.paint(canvas, CLAY, hollow=tone.deep)
    pot.speckle(canvas, "#7d5a45", 60)
    pot.dip(canvas, tone, to=-128, wave=22)
    pot.gloss(canvas, opacity=0.4)
    pot.open(canvas, tone, MILK.dark)
    coffee = canvas.linear((0, "#4a2c24"), (1, "#7a4a35"))
    canvas.ellipse((4, -370), 138, 18, coffee)
    for x, lift in ((-40, 0), (24, 40)):
        steam = f"M{x} -420C{x - 50} -470 {x + 50} -510 {x} {-570 - lift}"
        canvas.stroke(steam, "#ffffff", 14, opacity=0.34)


def _handle(canvas: Canvas, d: str, tone: Tone, body: Tone) -> None:
    canvas.stroke(d, body.dark, 44)
    canvas.stroke(d, tone.dark, 40)
    canvas.stroke(d, tone.base, 26)
    canvas.stroke(d, tone.light, 7, opacity=0.6)


def cup(canvas: Canvas, tone: Tone) -> None:
    """Draw an espresso cup on its saucer."""
    canvas.shadow((50, 14), 340, 50)
    saucer = TurnedShape([(120, 0), (180, -8), (272, -46)], tilt=0.2)
    saucer.paint(canvas, tone, hollow=tone.base)
    canvas.ellipse((0, -44), 140, 26, tone.dark, opacity=0.55)
    canvas.ellipse((206, -36), 44, 12, "#cf9f4f")
    canvas.stroke("M190 -38L330 -84", "#b98940", 12)
    _handle(canvas, "M140 -250C236 -262 226 -120 118 -128", tone, tone)
    bowl = TurnedShape([(70, -40), (126, -84), (156, -170), (150, -270)], tilt=0.2)
    bowl.paint(canvas, tone, hollow=MILK.dark)
    bowl.band(canvas, MILK, -262, -240)
    bowl.gloss(canvas, opacity=0.5)
    canvas.ellipse(
        (2, -262), 122, 20, canvas.radial((0, "#c98d55"), (0.7, "#8a5434"), (1, "#5b3526"))
    )
    canvas.stroke("M-6 -300C-46 -350 44 -390 0 -450", "#ffffff", 13, opacity=0.34)


def teapot(canvas: Canvas, tone: Tone) -> None:
    """Draw a round teapot with a cane handle."""
    canvas.shadow((50, 4), 320, 46)
    cane = shaded("#c08a52")
    arc = "M-150 -300C-190 -610 190 -610 150 -300"
    canvas.stroke(arc, cane.deep, 26)
    canvas.stroke(arc, cane.base, 18)
    canvas.stroke(arc, cane.light, 5, opacity=0.7)
    spout = "M150 -190C226 -190 226 -290 276 -348L322 -326C296 -250 280 -110 150 -80Z"
    canvas.path(spout, canvas.linear((0, tone.base), (1, tone.deep)))
    canvas.path("M276 -348L322 -326L316 -314L270 -338Z", tone.deep)
    pot = TurnedShape(
        [(146, 0), (200, -58), (224, -136), (206, -222), (140, -300), (96, -318)], tilt=0.18
    )
    pot.paint(canvas, tone)
    pot.gloss(canvas, opacity=0.45)
    for x in (-150, 150):
        canvas.circle((x, -296), 17, tone.dark)
        canvas.circle((x - 3, -299), 10, tone.base)
    lid = TurnedShape([(104, -318), (98, -336), (50, -362), (20, -368)], tilt=0.16)
    lid.paint(canvas, tone, hollow=tone.base)
    TurnedShape([(12, -366), (30, -392), (24, -416), (1, -424)]).paint(canvas, shaded(tone.accent))


def carafe(canvas: Canvas, tone: Tone) -> None:
    """Draw a tall carafe with a pinched lip."""
    canvas.shadow((54, 6), 220, 36)
    pot = TurnedShape(
        [(112, 0), (140, -30), (146, -130), (110, -260), (66, -380), (62, -480), (84, -540)],
        tilt=0.2,
    )
    pot.paint(canvas, CLAY, hollow=tone.deep)
    pot.dip(canvas, tone, to=-110, wave=20)
    pot.gloss(canvas, opacity=0.36)
    pot.open(canvas, tone, tone.deep)
    lip = canvas.linear((0, tone.light), (1, tone.base))
    canvas.path(
        "M40 -528C70 -532 96 -556 122 -562C112 -530 84 -500 70 -486C74 -510 66 -524 40 -528Z", lip
    )


def sake(canvas: Canvas, tone: Tone) -> None:
    """Draw a sake flask with two cups."""
    canvas.shadow((20, 12), 330, 40)
    with canvas.placed(-60, -16):
        flask = TurnedShape([
            (100, 0),
            (132, -40),
            (136, -130),
            (96, -240),
            (44, -310),
            (42, -350),
            (66, -396),
        ])
        flask.paint(canvas, tone)
        flask.dip(canvas, shaded("#a9583a"), to=-352, wave=10)
        flask.gloss(canvas, opacity=0.4)
        flask.open(canvas, shaded("#a9583a"))
    for x, y in ((120, 14), (214, -12)):
        with canvas.placed(x, y):
            little = TurnedShape([(40, 0), (54, -14), (74, -110)], tilt=0.2)
            little.paint(canvas, tone, hollow=MILK.dark)
            little.dip(canvas, shaded("#a9583a"), to=-98, wave=5)
            little.open(canvas, shaded("#a9583a"), MILK.dark)


def nest(canvas: Canvas, tone: Tone) -> None:
    """Draw three bowls inside one another."""
    canvas.shadow((50, 6), 330, 48)
    rows = ((1.0, 0.0, tone), (0.78, -110.0, MILK), (0.56, -190.0, tone))
    within = "M-500 -900H500V-214H262A262 52 0 0 1 -262 -214H-500Z"
    for scale, y, colour in rows:
        with canvas.clipped(within), canvas.placed(0, y, scale):
            _bowl(canvas, colour)
        if scale == 1:
            _bowl(canvas, colour)
        if y == rows[1][1]:
            within = f"M-500 -900H500V{y - 167:.0f}H204A204 41 0 0 1 -204 {y - 167:.0f}H-500Z"
    canvas.ellipse((2, -308), 112, 17, "#6f7f45")
    for i in range(9):
        x = -84 + i * 21
        canvas.circle(
            (x, -312 - (i % 3) * 9),
            19,
            canvas.radial((0, "#a9b266"), (1, "#64702f"), centre=(0.35, 0.3)),
        )


def _bowl(canvas: Canvas, tone: Tone) -> None:
    round_bowl = TurnedShape([(110, 0), (120, -22), (210, -100), (262, -214)], tilt=0.2)
    round_bowl.paint(canvas, tone, hollow=tone.base)
    round_bowl.gloss(canvas, opacity=0.2)


def bowl(canvas: Canvas, tone: Tone) -> None:
    """Draw a footed bowl with ripples."""
    canvas.shadow((50, 6), 280, 42)
    pot = TurnedShape([(96, 0), (84, -34), (150, -70), (246, -170), (288, -300)], tilt=0.26)
    pot.paint(canvas, tone, hollow=tone.dark)
    for i in range(1, 6):
        rx = 262 - i * 44
        canvas.ellipse(
            (4, -296 + i * 5), rx, rx * 0.235, tone.light if i % 2 else tone.base, opacity=0.75
        )
    with pot.inside(canvas):
        for y in (-235, -190, -148, -112):
            canvas.stroke(f"M-300 {y - 30}Q0 {y + 72} 300 {y - 30}", tone.light, 7, opacity=0.5)
            canvas.stroke(f"M-300 {y - 20}Q0 {y + 82} 300 {y - 20}", tone.dark, 5, opacity=0.35)


def eggcups(canvas: Canvas, tone: Tone) -> None:
    """Draw a pair of egg cups with eggs."""
    canvas.shadow((40, 8), 320, 40)
    for x, shell, band in ((-140, "#f2dfc4", tone.accent), (140, "#dcae84", "#f4ecdf")):
        with canvas.placed(x, 0 if x < 0 else 14):
            egg = shaded(shell)
            paint = canvas.radial(
                (0, egg.light), (0.6, egg.base), (1, egg.dark), centre=(0.36, 0.3), radius=0.75
            )
            canvas.path(
                "M-88 -270C-88 -370 -50 -430 0 -430S88 -370 88 -270Q80 -190 0 -190T-88 -270Z", paint
            )
            cup_ = TurnedShape(
                [(92, 0), (86, -16), (34, -60), (34, -90), (96, -150), (112, -262)], tilt=0.16
            )
            canvas.path(cup_.outline, lit(canvas, tone))
            cup_.band(canvas, shaded(band), -222, -196)
            canvas.path("M-112 -262A112 18 0 0 0 112 -262A112 12 0 0 1 -112 -262Z", tone.light)


def butter(canvas: Canvas, tone: Tone) -> None:
    """Draw a butter dish under its lid."""
    canvas.shadow((50, 6), 350, 44)
    plate = canvas.linear((0, tone.light), (0.5, tone.base), (1, tone.dark))
    canvas.path("M-310 -56H310C300 -16 270 0 230 0H-230C-270 0 -300 -16 -310 -56Z", plate)
    canvas.path("M-310 -56Q-300 -74 -270 -76H270Q300 -74 310 -56Z", tone.light)
    canvas.path(
        "M-236 -66V-226Q-234 -272 -186 -276H186Q234 -272 236 -226V-66Z",
        canvas.linear((0, tone.light), (0.3, tone.base), (1, tone.dark)),
    )
    canvas.path(
        "M-236 -190V-226Q-234 -272 -186 -276H186Q234 -272 236 -226V-190Q0 -168 -236 -190Z",
        lit(canvas, shaded(tone.accent)),
    )
    canvas.stroke("M-202 -150V-96", "#ffffff", 16, opacity=0.5)
    TurnedShape([(24, -276), (18, -292), (44, -322), (40, -350), (1, -366)]).paint(
        canvas, shaded("#d2a06a")
    )
    canvas.stroke("M-60 -128C-40 -150 -20 -150 0 -128S40 -106 60 -128", shaded(tone.accent).base, 9)


TABLEWARE = {
    "mug": Illustration(paint=mug, setting="table", scale=1.12, close_up=(-10, -170)),
    "cup": Illustration(paint=cup, setting="table"),
    "teapot": Illustration(paint=teapot, setting="table"),
    "carafe": Illustration(paint=carafe, setting="table", scale=1.1),
    "sake": Illustration(paint=sake, setting="table", scale=1.1),
    "nest": Illustration(paint=nest, setting="table"),
    "bowl": Illustration(paint=bowl, setting="table"),
    "eggcups": Illustration(paint=eggcups, setting="table", scale=1.1),
    "butter": Illustration(paint=butter, setting="table"),
}
