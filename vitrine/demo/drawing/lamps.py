"""Lamps: shades that glow, stems that hold them, cords that come from above the sheet."""

from vitrine.demo.drawing.canvas import Canvas, Point, num
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import BRASS, CREAM, OAK, OPAL, SUNLIGHT, Tone, mix, shaded
from vitrine.demo.drawing.turned import TurnedShape, lit

BRASSY, OAKEN, LINEN = shaded(BRASS), shaded(OAK), shaded(CREAM)
CORD = "#4b4048"


def glow(canvas: Canvas, centre: Point, radius: float, *, opacity: float = 0.75) -> None:
    """Spread warm light around a bulb."""
    paint = canvas.radial((0, SUNLIGHT, opacity), (0.5, SUNLIGHT, opacity * 0.35), (1, SUNLIGHT, 0))
    canvas.circle(centre, radius, paint)


def beam(canvas: Canvas, top: float, half: float, *, bottom: float, spread: float) -> None:
    """Throw a cone of light downward."""
    paint = canvas.linear((0, SUNLIGHT, 0.6), (1, SUNLIGHT, 0), vector=(0, 0, 0, 1))
    canvas.path(f"M{-half} {top}H{half}L{spread} {bottom}H{-spread}Z", paint)


def globe_bulb(canvas: Canvas, centre: Point, radius: float) -> None:
    """Draw a ball of lit opal glass."""
    paint = canvas.radial(
        (0, "#fffaf0"),
        (0.55, OPAL),
        (0.85, "#f8dfae"),
        (1, "#eec888"),
        centre=(0.42, 0.4),
        radius=0.62,
    )
    canvas.circle(centre, radius, paint)
    x, y = centre
    canvas.ellipse(
        (x - radius * 0.36, y - radius * 0.42), radius * 0.2, radius * 0.12, "#ffffff", opacity=0.8
    )


def mushroom(canvas: Canvas, tone: Tone) -> None:
    """Draw a domed shade on a stem."""
    canvas.shadow((50, 6), 270, 40)
    glow(canvas, (0, -300), 380, opacity=0.6)
    TurnedShape([(120, 0), (122, -18), (112, -30), (34, -54), (26, -110), (26, -320)]).paint(
        canvas, tone
    )
    canvas.path(
        "M-96 -330L96 -330L40 -90H-40Z",
        canvas.linear((0, SUNLIGHT, 0.75), (1, SUNLIGHT, 0), vector=(0, 0, 0, 1)),
    )
    canvas.ellipse((0, -320), 262, 44, mix(SUNLIGHT, tone.base, 0.18))
    canvas.ellipse((0, -322), 110, 17, "#fffaf0")
    dome = "M-270 -322C-270 -480 -150 -590 0 -590S270 -480 270 -322A270 44 0 0 0 -270 -322Z"
    canvas.path(
        "M-270 -322C-270 -480 -150 -590 0 -590S270 -480 270 -322A270 44 0 0 1 -270 -322Z",
        lit(canvas, tone),
    )
    canvas.ellipse(
        (0, -320),
        250,
        34,
        canvas.radial((0, "#fff6dc"), (0.5, SUNLIGHT), (1, mix(SUNLIGHT, tone.dark, 0.35))),
    )
    with canvas.clipped(dome):
        canvas.path(
            "M-190 -380C-180 -480 -110 -540 -50 -556C-110 -520 -150 -460 -158 -380Z",
            "#ffffff",
            opacity=0.28,
        )
    canvas.circle((0, -596), 14, BRASSY.base)


def globe(canvas: Canvas, tone: Tone) -> None:
    """Draw a ball of opal glass on a turned foot."""
    canvas.shadow((46, 6), 220, 36)
    glow(canvas, (0, -340), 430)
    TurnedShape([(112, 0), (116, -22), (64, -60), (52, -86), (84, -120), (88, -140)]).paint(
        canvas, tone, hollow=BRASSY.base
    )
    globe_bulb(canvas, (0, -330), 200)
    canvas.ellipse((0, -140), 70, 12, BRASSY.base)


def cone(canvas: Canvas, tone: Tone) -> None:
    """Draw a pleated cone above turned beads."""
    canvas.shadow((46, 6), 220, 34)
    glow(canvas, (0, -400), 360, opacity=0.55)
    TurnedShape([(104, 0), (106, -18), (90, -32)], sharp=True).paint(canvas, tone, hollow=tone.base)
    for y, radius, colour in ((-86, 58, tone), (-186, 48, LINEN), (-268, 38, shaded(tone.accent))):
        paint = canvas.radial(
            (0, colour.light),
            (0.55, colour.base),
            (1, colour.dark),
            centre=(0.36, 0.34),
            radius=0.7,
        )
        canvas.circle((0, y), radius, paint)
    top, bottom, narrow, wide = -600, -310, 84, 240
    canvas.ellipse((0, bottom), wide, 26, "#fff0c9")
    shade = f"M{-narrow} {top}H{narrow}L{wide} {bottom}A{wide} 26 0 0 1 {-wide} {bottom}Z"
    canvas.path(
        shade,
        canvas.linear(
            (0, tone.light),
            (0.35, mix(tone.light, SUNLIGHT, 0.5)),
            (0.6, tone.base),
            (1, tone.dark),
        ),
    )
    with canvas.clipped(shade):
        for i in range(1, 16):
            t = i / 8 - 1
            canvas.stroke(
                f"M{num(narrow * t)} {top}L{num(wide * t)} {bottom + 30}",
                tone.dark,
                3.4,
                opacity=0.5,
            )
        canvas.rect((-260, top), (520, 16), tone.dark)
        canvas.path(
            f"M{-wide} {bottom - 16}A{wide} 26 0 0 0 {wide} {bottom - 16}V0H{-wide}Z", tone.dark
        )


def desk(canvas: Canvas, tone: Tone) -> None:
    """Draw a jointed desk lamp."""
    canvas.shadow((30, 6), 270, 36)
    with canvas.placed(-70, 0):
        TurnedShape([(130, 0), (132, -18), (122, -30)], sharp=True).paint(
            canvas, tone, hollow=tone.base
        )
        for d, width in (("M0 -30L-96 -270", 20), ("M-96 -270L110 -480", 20)):
            canvas.stroke(d, tone.dark, width)
            canvas.stroke(d, tone.base, width - 9)
        for x, y in ((0, -44), (-96, -270), (110, -480)):
            canvas.circle((x, y), 25, BRASSY.dark)
            canvas.circle((x - 2, y - 2), 19, BRASSY.base)
            canvas.circle((x - 5, y - 6), 8, BRASSY.light)
        with canvas.placed(118, -474, turn_deg=-38):
            beam(canvas, 150, 120, bottom=470, spread=300)
            canvas.ellipse((0, 150), 126, 24, "#fff3d2")
            head = (
                "M-34 0C-34 -30 34 -30 34 0C40 50 118 80 126 150"
                "A126 24 0 0 1 -126 150C-118 80 -40 50 -34 0Z"
            )
            canvas.path(head, lit(canvas, tone))
            canvas.ellipse((0, 152), 112, 17, canvas.radial((0, "#fffaf0"), (1, SUNLIGHT)))


def tripod(canvas: Canvas, tone: Tone) -> None:
    """Draw a drum shade on three legs."""
    canvas.shadow((36, 0), 280, 34)
    glow(canvas, (0, -560), 400, opacity=0.6)
    for x, foot, shade in ((16, 18, OAKEN.deep), (-178, 0, OAKEN.dark), (190, 4, OAKEN.dark)):
        canvas.stroke(f"M{x * 0.12:.0f} -470L{x} {foot}", shade, 22)
        canvas.stroke(f"M{x * 0.12 - 4:.0f} -470L{x - 4} {foot}", OAKEN.base, 11)
    canvas.circle((0, -430), 20, BRASSY.base)
    drum(canvas, tone, top=-740, bottom=-470, narrow=196, wide=240)


def drum(
    canvas: Canvas, tone: Tone, *, top: float, bottom: float, narrow: float, wide: float
) -> None:
    """Draw a lit shade of linen."""
    canvas.ellipse((0, top), narrow, narrow * 0.13, mix(tone.dark, SUNLIGHT, 0.4))
    shade = (
        f"M{-narrow} {top}A{narrow} {num(narrow * 0.13)} 0 0 0 {narrow} {top}L{wide} {bottom}"
        f"A{wide} {num(wide * 0.13)} 0 0 1 {-wide} {bottom}Z"
    )
    canvas.path(shade, lit(canvas, tone))
    with canvas.clipped(shade):
        centre = (top + bottom) / 2 + 40
        paint = canvas.radial((0, "#fff6dc", 0.95), (0.6, SUNLIGHT, 0.5), (1, SUNLIGHT, 0))
        canvas.ellipse((0, centre), wide * 0.9, (bottom - top) * 0.75, paint)
        canvas.stroke(
            f"M{-wide} {bottom - 12}A{wide} {num(wide * 0.13)} 0 0 0 {wide} {bottom - 12}",
            tone.dark,
            7,
            opacity=0.5,
        )
        canvas.stroke(
            f"M{-narrow} {top + 12}A{narrow} {num(narrow * 0.13)} 0 0 0 {narrow} {top + 12}",
            tone.dark,
            7,
            opacity=0.4,
        )


def arc(canvas: Canvas, tone: Tone) -> None:
    """Draw a half-globe at the end of a steel arc."""
    canvas.shadow((-150, 6), 190, 34)
    beam(canvas, -430, 100, bottom=0, spread=210)
    canvas.stroke(
        "M-180 -60C-200 -420 -140 -690 20 -690C90 -690 110 -640 110 -560", BRASSY.dark, 13
    )
    canvas.stroke(
        "M-182 -60C-202 -420 -142 -694 18 -694C88 -694 107 -640 107 -560", BRASSY.light, 4
    )
    with canvas.placed(-180, 0):
        marble = shaded("#e9e4de")
        TurnedShape([(110, 0), (112, -64), (104, -72)], sharp=True).paint(
            canvas, marble, hollow=marble.base
        )
        canvas.stroke(
            "M-80 -20C-40 -50 0 -20 40 -56M10 4C40 -20 60 -10 90 -40", "#b9b2ae", 3.5, opacity=0.7
        )
    with canvas.placed(100, 0):
        canvas.ellipse((0, -430), 150, 26, "#fff3d2")
        canvas.path(
            "M-150 -430C-150 -520 -84 -580 0 -580S150 -520 150 -430A150 26 0 0 1 -150 -430Z",
            lit(canvas, tone),
        )
        canvas.ellipse((0, -428), 136, 19, canvas.radial((0, "#fffaf0"), (1, SUNLIGHT)))
        canvas.path(
            "M-104 -470C-100 -520 -66 -552 -30 -562C-62 -540 -80 -510 -84 -470Z",
            "#ffffff",
            opacity=0.3,
        )
        canvas.circle((8, -582), 13, BRASSY.base)


def column(canvas: Canvas, tone: Tone) -> None:
    """Draw a tall lantern of ribbed paper."""
    canvas.shadow((40, 6), 200, 32)
    glow(canvas, (0, -380), 420, opacity=0.7)
    canvas.rect((-92, -24), (184, 24), OAKEN.dark, round_by=6)
    for i in range(7):
        y = -26 - i * 100
        bulge = 138 - abs(i - 3) * 6
        rib = (
            f"M-104 {y}C{-bulge} {y - 24} {-bulge} {y - 76} -104 {y - 100}"
            f"H104C{bulge} {y - 76} {bulge} {y - 24} 104 {y}Z"
        )
        warm = mix(tone.base, SUNLIGHT, 0.35)
        paint = canvas.linear(
            (0, tone.base),
            (0.3, mix(warm, "#fffaf0", 0.5)),
            (0.5, "#fffaf0"),
            (0.72, mix(warm, "#fffaf0", 0.3)),
            (1, tone.dark),
        )
        canvas.path(rib, paint)
        canvas.stroke(f"M-104 {y}H104", mix(tone.dark, OAK, 0.5), 4, opacity=0.75)
    canvas.rect((-92, -736), (184, 14), OAKEN.dark, round_by=5)


def cord(canvas: Canvas, top: float, x: float = 0) -> None:
    """Hang something from above the sheet."""
    canvas.stroke(f"M{x} -1400V{top}", CORD, 5)


def bell(canvas: Canvas, tone: Tone) -> None:
    """Draw a bell-shaped pendant."""
    cord(canvas, -330)
    beam(canvas, 0, 190, bottom=420, spread=330)
    TurnedShape([(26, -310), (26, -350), (14, -366)], sharp=True).paint(
        canvas, BRASSY, hollow=BRASSY.base
    )
    canvas.ellipse((0, 0), 250, 40, "#fff3d2")
    canvas.path(
        (
            "M-250 0C-240 -110 -150 -130 -110 -220C-90 -270 -60 -316 0 -316"
            "S90 -270 110 -220C150 -130 240 -110 250 0A250 40 0 0 1 -250 0Z"
        ),
        lit(canvas, tone),
    )
    canvas.ellipse((0, 3), 232, 30, canvas.radial((0, "#fffaf0"), (0.6, "#fff0c9"), (1, SUNLIGHT)))
    canvas.ellipse((0, 6), 52, 14, "#ffffff")
    canvas.path(
        "M-190 -60C-166 -110 -100 -150 -74 -220C-70 -140 -130 -110 -160 -50Z",
        "#ffffff",
        opacity=0.26,
    )


def tiers(canvas: Canvas, tone: Tone) -> None:
    """Draw four nested shades."""
    cord(canvas, -330)
    glow(canvas, (0, -60), 380, opacity=0.7)
    beam(canvas, 60, 120, bottom=420, spread=320)
    globe_bulb(canvas, (0, 20), 62)
    for y, width, height in ((44, 130, 64), (-20, 220, 84), (-104, 300, 96), (-210, 150, 90)):
        canvas.ellipse((0, y), width, width * 0.12, mix(SUNLIGHT, tone.light, 0.3))
        neck, bend, edge = width * 0.4, width * 0.48, width * 0.9
        top, middle = y - height, num(y - height * 0.5)
        d = (
            f"M{num(-neck)} {top}C{num(-bend)} {middle} {num(-edge)} {y - 30} {-width} {y}"
            f"A{width} {num(width * 0.12)} 0 0 0 {width} {y}"
            f"C{num(edge)} {y - 30} {num(bend)} {middle} {num(neck)} {top}Z"
        )
        canvas.path(d, lit(canvas, tone))
        canvas.stroke(
            f"M{-width} {y}A{width} {num(width * 0.12)} 0 0 0 {width} {y}",
            mix(SUNLIGHT, tone.light, 0.4),
            5,
        )
    TurnedShape([(60, -298), (34, -330), (14, -350)]).paint(canvas, BRASSY, hollow=BRASSY.dark)


def cluster(canvas: Canvas, tone: Tone) -> None:
    """Draw five glass globes below one canopy."""
    balls = ((-170, -120, 82), (150, -190, 74), (-50, -270, 62), (60, 0, 100), (-110, 70, 60))
    for x, y, radius in balls:
        canvas.stroke(f"M{x * 0.5:.0f} -480Q{x} -420 {x} {y - radius}", CORD, 4)
    TurnedShape([(160, -470), (160, -500), (60, -524)], sharp=True).paint(
        canvas, tone, hollow=tone.base
    )
    cord(canvas, -526)
    canvas.path("M-160 -470A160 26 0 0 0 160 -470Z", tone.dark)
    for x, y, radius in balls:
        glow(canvas, (x, y), radius * 2.1, opacity=0.5)
    for x, y, radius in balls:
        globe_bulb(canvas, (x, y), radius)
        canvas.rect((x - 16, y - radius - 22), (32, 30), BRASSY.base, round_by=5)
        canvas.rect((x + 4, y - radius - 22), (12, 30), BRASSY.dark, round_by=5)


def clip(canvas: Canvas, tone: Tone) -> None:
    """Draw a small lamp with a tilted shade."""
    canvas.shadow((36, 6), 190, 32)
    TurnedShape([(120, 0), (124, -60), (110, -84)], tilt=0.2).paint(canvas, tone, hollow=tone.base)
    canvas.ellipse((0, -84), 88, 14, tone.light)
    canvas.circle((0, -40), 8, CREAM)
    canvas.stroke("M0 -90C0 -200 -60 -260 -60 -360", BRASSY.dark, 16)
    canvas.stroke("M-3 -90C-3 -200 -64 -260 -64 -360", BRASSY.light, 5)
    with canvas.placed(-60, -380, turn_deg=-24):
        beam(canvas, 130, 120, bottom=430, spread=270)
        canvas.ellipse((0, 120), 160, 32, "#fff3d2")
        canvas.path(
            "M-84 -90C-84 -120 84 -120 84 -90L160 120A160 32 0 0 1 -160 120Z", lit(canvas, tone)
        )
        canvas.ellipse((0, 123), 144, 24, canvas.radial((0, "#fffaf0"), (1, SUNLIGHT)))
        canvas.path("M-70 -70L-104 70L-72 80L-44 -74Z", "#ffffff", opacity=0.26)


LAMPS = {
    "mushroom": Illustration(paint=mushroom, setting="table", close_up=(-60, -420)),
    "globe": Illustration(paint=globe, setting="table", scale=1.1),
    "cone": Illustration(paint=cone, setting="table"),
    "desk": Illustration(paint=desk, setting="table", scale=1.08),
    "tripod": Illustration(paint=tripod, setting="floor"),
    "arc": Illustration(paint=arc, setting="floor", scale=1.05),
    "column": Illustration(paint=column, setting="floor"),
    "bell": Illustration(paint=bell, setting="air"),
    "tiers": Illustration(paint=tiers, setting="air", scale=0.95),
    "cluster": Illustration(paint=cluster, setting="air", scale=0.95),
    "clip": Illustration(paint=clip, setting="table", scale=1.1),
}
