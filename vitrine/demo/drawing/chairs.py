"""Chairs and stools, seen a little from the left."""

from collections.abc import Sequence

from vitrine.demo.drawing.canvas import Canvas, polygon
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import BRASS, CREAM, OAK, STEEL, Tone, mix, shaded
from vitrine.demo.drawing.turned import TurnedShape, lit

OAKEN, STEELY, BRASSY = shaded(OAK), shaded(STEEL), shaded(BRASS)

Leg = tuple[float, float, float, float]
"""From (x, y) to (x, y)."""


def legs(canvas: Canvas, wood: Tone, rows: Sequence[Leg], *, width: float = 22) -> None:
    """Draw tapered round legs."""
    for x1, y1, x2, y2 in rows:
        half, foot = width / 2, width / 3
        shape = polygon((x1 - half, y1), (x1 + half, y1), (x2 + foot, y2), (x2 - foot, y2))
        canvas.path(shape, canvas.linear((0, wood.light), (0.45, wood.base), (1, wood.dark)))


def bars(canvas: Canvas, tone: Tone, *lines: str, width: float = 16) -> None:
    """Draw round bars with light along their upper side."""
    for d in lines:
        canvas.stroke(d, tone.dark, width)
        with canvas.placed(-width * 0.12, -width * 0.12):
            canvas.stroke(d, tone.base, width * 0.64)
            canvas.stroke(d, tone.light, width * 0.2, opacity=0.8)


def shell(canvas: Canvas, tone: Tone) -> None:
    """Draw a moulded shell on splayed legs."""
    canvas.shadow((30, -6), 290, 40)
    legs(canvas, shaded(OAKEN.dark), [(-84, -280, -120, -40), (110, -280, 160, -40)])
    back = (
        "M-190 -600C-200 -690 -110 -720 0 -720S200 -690 190 -600"
        "C184 -500 180 -420 206 -330H-206C-180 -420 -184 -500 -190 -600Z"
    )
    canvas.path(back, lit(canvas, tone))
    with canvas.clipped(back):
        paint = canvas.linear((0, tone.deep, 0), (1, tone.deep, 0.5), vector=(0, 0, 0, 1))
        canvas.rect((-220, -480), (440, 160), paint)
        canvas.stroke(
            "M-172 -600C-180 -672 -100 -700 0 -700S180 -672 172 -600", tone.light, 9, opacity=0.7
        )
    legs(canvas, OAKEN, [(-120, -280, -196, 0), (140, -280, 214, 6)], width=26)
    seat = (
        "M-228 -350C-150 -392 150 -392 228 -350C262 -330 262 -290 226 -274"
        "C120 -232 -120 -232 -226 -274C-262 -290 -262 -330 -228 -350Z"
    )
    canvas.path(seat, mix(tone.dark, tone.deep, 0.4))
    with canvas.placed(0, -16):
        canvas.path(
            seat,
            canvas.linear(
                (0, tone.light), (0.45, tone.base), (1, tone.dark), vector=(0, 0, 1, 0.6)
            ),
        )
        canvas.path(
            "M-190 -338C-110 -366 110 -366 190 -338C120 -316 -120 -316 -190 -338Z",
            tone.dark,
            opacity=0.4,
        )


def spindle(canvas: Canvas, tone: Tone) -> None:
    """Draw a chair with a back of spindles."""
    canvas.shadow((30, -4), 270, 38)
    legs(canvas, shaded(tone.dark), [(-110, -300, -132, -44), (120, -300, 146, -44)], width=20)
    bars(canvas, shaded(tone.dark), "M-126 -140H140", width=13)
    for i in range(7):
        x = -138 + i * 46
        bars(canvas, tone, f"M{x} -330L{x * 1.22:.0f} -690", width=11)
    bars(canvas, tone, "M-172 -330L-212 -690", "M172 -330L212 -690", width=17)
    rail = (
        "M-232 -672C-160 -722 160 -722 232 -672C244 -700 236 -732 212 -742"
        "C120 -774 -120 -774 -212 -742C-236 -732 -244 -700 -232 -672Z"
    )
    canvas.path(rail, lit(canvas, tone))
    canvas.stroke("M-206 -726C-110 -756 110 -756 206 -726", tone.light, 6, opacity=0.6)
    legs(canvas, tone, [(-150, -300, -196, 0), (160, -300, 206, 4)], width=25)
    bars(canvas, tone, "M-176 -110H186", width=14)
    seat = (
        "M-206 -352C-120 -376 120 -376 206 -352C240 -340 240 -308 214 -298"
        "C110 -274 -110 -274 -214 -298C-240 -308 -240 -340 -206 -352Z"
    )
    canvas.path(seat, tone.deep)
    with canvas.placed(0, -12):
        canvas.path(seat, canvas.linear((0, tone.light), (0.5, tone.base), (1, tone.dark)))


def cafe(canvas: Canvas, tone: Tone) -> None:
    """Draw a steel chair with a slatted back."""
    canvas.shadow((30, -4), 260, 36)
    bars(canvas, shaded(tone.dark), "M-120 -320L-150 -40", "M130 -320L166 -40", width=15)
    bars(
        canvas,
        tone,
        "M-176 0L-150 -330L-190 -660Q-196 -706 -150 -708H150Q196 -706 190 -660L150 -330L190 4",
        width=18,
    )
    for y in (-630, -556, -482):
        slat = f"M-178 {y}Q0 {y - 26} 178 {y}L174 {y + 44}Q0 {y + 18} -174 {y + 44}Z"
        canvas.path(slat, lit(canvas, tone))
        canvas.stroke(f"M-170 {y + 4}Q0 {y - 20} 170 {y + 4}", tone.light, 5, opacity=0.6)
    for i in range(4):
        y = -356 + i * 25
        inset = 10 * (3 - i)
        canvas.rect((-190 + inset, y), (380 - 2 * inset, 20), lit(canvas, tone), round_by=9)
        canvas.rect(
            (-190 + inset, y + 13), (380 - 2 * inset, 7), tone.deep, round_by=3, opacity=0.5
        )


def tub(canvas: Canvas, tone: Tone) -> None:
    """Draw a round upholstered chair."""
    canvas.shadow((20, 2), 360, 46)
    legs(canvas, OAKEN, [(-170, -60, -190, 0), (180, -60, 200, 0), (0, -40, 0, 12)], width=30)
    back = (
        "M-310 -240C-330 -460 -190 -540 0 -540S330 -460 310 -240"
        "C300 -110 280 -60 230 -50H-230C-280 -60 -300 -110 -310 -240Z"
    )
    canvas.path(back, lit(canvas, tone))
    inner = "M-216 -250C-230 -400 -130 -460 0 -460S230 -400 216 -250L200 -190H-200Z"
    canvas.path(inner, canvas.linear((0, tone.deep), (0.5, tone.dark), (1, tone.base)))
    cushion = (
        "M-214 -250C-120 -288 120 -288 214 -250C240 -236 238 -170 214 -156"
        "C110 -116 -110 -116 -214 -156C-238 -170 -240 -236 -214 -250Z"
    )
    canvas.path(cushion, tone.deep)
    with canvas.placed(0, -14):
        canvas.path(cushion, canvas.linear((0, tone.light), (0.5, tone.base), (1, tone.dark)))
        canvas.path(
            "M-196 -236C-110 -266 110 -266 196 -236C110 -212 -110 -212 -196 -236Z",
            tone.light,
            opacity=0.6,
        )
    front = (
        "M-296 -140C-150 -66 150 -66 296 -140"
        "C292 -90 268 -52 230 -50H-230C-268 -52 -292 -90 -296 -140Z"
    )
    canvas.path(front, canvas.linear((0, tone.base), (1, tone.deep)))
    with canvas.clipped(back):
        _boucle(canvas, tone)


def _boucle(canvas: Canvas, tone: Tone) -> None:
    loops = "".join(
        f"M{(i * 0.5698403 % 1 * 2 - 1) * 310:.0f} {-540 + i * 0.7548777 % 1 * 490:.0f}q7 -9 13 0"
        for i in range(260)
    )
    canvas.stroke(loops, tone.light, 3.4, opacity=0.4)


def easy(canvas: Canvas, tone: Tone) -> None:
    """Draw cushions in an open oak frame."""
    canvas.shadow((20, 0), 350, 44)
    bars(canvas, shaded(OAKEN.dark), "M-210 -250L-226 -40", "M226 -250L244 -40", width=22)
    back = "M-210 -560C-214 -596 -190 -604 -160 -604H160C190 -604 214 -596 210 -560L196 -250H-196Z"
    canvas.path(back, lit(canvas, tone))
    canvas.stroke("M0 -590V-270", tone.dark, 5, opacity=0.4)
    canvas.stroke("M-180 -586C-100 -592 100 -592 180 -586", tone.light, 7, opacity=0.7)
    cushion = (
        "M-222 -292C-150 -312 150 -312 222 -292Q244 -284 240 -244"
        "L234 -196Q230 -176 206 -172C100 -160 -100 -160 -206 -172"
        "Q-230 -176 -234 -196L-240 -244Q-244 -284 -222 -292Z"
    )
    canvas.path(cushion, canvas.linear((0, tone.light), (0.4, tone.base), (1, tone.dark)))
    canvas.path(
        (
            "M-236 -216C-120 -196 120 -196 236 -216L234 -196Q230 -176 206 -172"
            "C100 -160 -100 -160 -206 -172Q-230 -176 -234 -196Z"
        ),
        tone.dark,
        opacity=0.6,
    )
    bars(canvas, OAKEN, "M-250 -160H250", width=24)
    bars(canvas, OAKEN, "M-262 0L-256 -360", "M262 4L256 -360", width=26)
    for side in (-1, 1):
        arm = (
            f"M{side * 296} -388C{side * 290} -404 {side * 190} -404 {side * 206} -372"
            f"L{side * 226} -352H{side * 290}Q{side * 304} -364 {side * 296} -388Z"
        )
        canvas.path(arm, lit(canvas, OAKEN))


def rocker(canvas: Canvas, tone: Tone) -> None:
    """Draw a rocking chair from the side."""
    canvas.shadow((10, 8), 330, 30)
    wood = shaded(mix(OAK, "#7a4b30", 0.25))
    bars(
        canvas,
        shaded(wood.dark),
        "M-300 -46Q0 34 300 -64",
        "M-130 -20L-110 -250",
        "M170 -24L140 -250",
        width=18,
    )
    bars(canvas, wood, "M-110 -250L-196 -690", width=24)
    back = "M-196 -690C-176 -700 -160 -696 -154 -676L-66 -300C-64 -280 -100 -270 -110 -286Z"
    canvas.path(back, canvas.linear((0, tone.light), (0.5, tone.base), (1, tone.dark)))
    canvas.stroke("M-176 -670L-92 -300", tone.light, 6, opacity=0.6)
    for share in (0.3, 0.55, 0.8):
        x, y = -196 + 86 * share, -690 + 400 * share
        canvas.stroke(f"M{x + 8:.0f} {y:.0f}l34 -8", tone.dark, 5, opacity=0.5)
    seat = (
        "M-130 -300Q-120 -330 -80 -326L170 -306Q204 -300 200 -272"
        "T164 -244L-96 -256Q-134 -262 -130 -300Z"
    )
    canvas.path(
        seat,
        canvas.linear((0, tone.light), (0.5, tone.base), (1, tone.dark), vector=(0, 0, 0.4, 1)),
    )
    bars(
        canvas,
        wood,
        "M-118 -244L176 -232",
        "M-150 -450C-60 -470 80 -446 210 -440Q232 -438 226 -418",
        "M186 -434L196 -240",
        "M-120 -244L-150 14",
        "M180 -232L196 2",
        width=20,
    )
    bars(canvas, wood, "M-330 -60Q0 76 330 -78", width=24)
    canvas.circle((-196, -690), 15, wood.base)


def stool(canvas: Canvas, tone: Tone) -> None:
    """Draw a padded stool on three legs."""
    canvas.shadow((30, 4), 250, 40)
    legs(canvas, shaded(OAKEN.dark), [(30, -320, 44, -34)], width=26)
    legs(canvas, OAKEN, [(-118, -330, -172, 0), (128, -330, 184, 6)], width=30)
    bars(canvas, OAKEN, "M-148 -130L160 -126", width=15)
    pad = TurnedShape([(170, -330), (214, -356), (220, -402), (196, -432)], tilt=0.2)
    canvas.path(pad.outline, lit(canvas, tone))
    canvas.ellipse(
        (0, -432), 196, 40, canvas.linear((0, tone.light), (1, mix(tone.light, tone.base, 0.6)))
    )
    canvas.circle((0, -434), 12, tone.dark)
    for x in (-110, -56, 56, 110):
        canvas.stroke(
            f"M{x * 0.25:.0f} -434Q{x * 0.7:.0f} {-438 + abs(x) * 0.06:.0f} {x} -430",
            tone.dark,
            4,
            opacity=0.35,
        )
    pad.band(canvas, shaded(tone.dark), -366, -358)


def barstool(canvas: Canvas, tone: Tone) -> None:
    """Draw a bar stool with a low back."""
    canvas.shadow((24, 0), 230, 36)
    iron = shaded("#3f3b42")
    bars(canvas, iron, "M-90 -440L-120 -40", "M100 -440L134 -40", width=14)
    bars(canvas, BRASSY, "M-116 -150Q10 -180 130 -150", width=14)
    bars(canvas, iron, "M-120 -440L-166 0", "M126 -440L176 6", width=17)
    bars(canvas, BRASSY, "M-146 -170Q6 -120 156 -166", width=18)
    back = (
        "M-168 -640C-176 -700 -100 -720 0 -720S176 -700 168 -640"
        "L158 -520C100 -500 -100 -500 -158 -520Z"
    )
    canvas.path(back, lit(canvas, tone))
    canvas.stroke("M-146 -660C-120 -700 120 -700 146 -660", tone.light, 7, opacity=0.6)
    seat = TurnedShape([(164, -440), (196, -458), (196, -496), (176, -514)], tilt=0.18)
    canvas.path(seat.outline, lit(canvas, tone))
    canvas.ellipse((0, -514), 176, 32, mix(tone.light, tone.base, 0.4))


def pouf(canvas: Canvas, tone: Tone) -> None:
    """Draw a drum of wool felt with a band."""
    canvas.shadow((40, 6), 330, 52)
    body = TurnedShape([(240, 0), (272, -24), (282, -150), (274, -290), (236, -326)], tilt=0.24)
    canvas.path(body.outline, lit(canvas, tone))
    body.band(canvas, shaded(tone.accent), -196, -112)
    for y in (-206, -102):
        body.band(canvas, shaded(CREAM), y, y + 10)
    top = canvas.linear((0, tone.light), (0.6, mix(tone.light, tone.base, 0.6)), (1, tone.base))
    canvas.ellipse((0, -326), 238, 57, top)
    for i in range(6):
        x = (-1, -0.5, 0.5, 1, 0.5, -0.5)[i] * 228
        y = -326 + (0, -1, -1, 0, 1, 1)[i] * 46
        canvas.stroke(f"M0 -330L{x:.0f} {y}", tone.dark, 4, opacity=0.35)
    canvas.ellipse((0, -331), 20, 8, tone.dark)


def cantilever(canvas: Canvas, tone: Tone) -> None:
    """Draw a chair of one bent tube."""
    canvas.shadow((20, 2), 290, 34)
    bars(
        canvas,
        shaded(STEELY.dark),
        "M-140 -700L-120 -300",
        "M200 -330Q232 -326 230 -290L222 -50Q220 -24 190 -24H-150",
        width=15,
    )
    seat = "M-186 -340L190 -356Q226 -352 224 -322L214 -298L-170 -282Q-200 -286 -200 -312Z"
    back = "M-206 -706Q-210 -732 -182 -734L150 -742Q176 -740 174 -716L158 -452L-186 -440Z"
    for shape in (back, seat):
        canvas.path(shape, lit(canvas, tone))
        with canvas.clipped(shape):
            for i in range(16):
                y = -740 + i * 30
                canvas.stroke(f"M-230 {y}L240 {y - 14}", tone.dark, 4, opacity=0.4)
            for i in range(16):
                canvas.stroke(f"M{-220 + i * 30} -760V-260", tone.light, 4, opacity=0.3)
    bars(
        canvas,
        STEELY,
        (
            "M-206 -730L-196 -320Q-194 -300 -170 -296L190 -306"
            "Q226 -306 224 -270L214 -30Q212 4 178 4H-200"
        ),
        "M176 -736L156 -346",
        width=19,
    )


CHAIRS = {
    "shell": Illustration(paint=shell, setting="floor", close_up=(70, -360)),
    "spindle": Illustration(paint=spindle, setting="floor"),
    "cafe": Illustration(paint=cafe, setting="floor"),
    "tub": Illustration(paint=tub, setting="floor"),
    "easy": Illustration(paint=easy, setting="floor"),
    "rocker": Illustration(paint=rocker, setting="floor"),
    "stool": Illustration(paint=stool, setting="floor", scale=1.2),
    "barstool": Illustration(paint=barstool, setting="floor"),
    "pouf": Illustration(paint=pouf, setting="floor", scale=1.05),
    "cantilever": Illustration(paint=cantilever, setting="floor"),
}
