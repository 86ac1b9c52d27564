"""Backpacks, totes and travel bags, with their straps, pockets, zips and stitches."""

from vitrine.demo.drawing.canvas import Canvas, Point
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import BRASS, LEATHER, Tone, mix, shaded
from vitrine.demo.drawing.turned import lit

HIDE, BRASSY = shaded(LEATHER), shaded(BRASS)


def stitches(canvas: Canvas, d: str, paint: str) -> None:
    """Sew along a path."""
    canvas.stroke(d, paint, 3, opacity=0.75, dashes=(10, 9))


def strap(canvas: Canvas, d: str, tone: Tone, width: float) -> None:
    """Draw a flat band along a path."""
    canvas.stroke(d, tone.deep, width)
    canvas.stroke(d, tone.base, width * 0.78)
    stitches(canvas, d, tone.light)


def buckle(canvas: Canvas, centre: Point, size: float = 24) -> None:
    """Draw a brass buckle."""
    x, y = centre
    canvas.rect((x - size, y - size * 0.8), (size * 2, size * 1.6), BRASSY.dark, round_by=6)
    canvas.rect((x - size + 3, y - size * 0.8), (size * 2 - 7, size * 1.5), BRASSY.base, round_by=6)
    canvas.rect((x - size * 0.55, y - size * 0.4), (size * 1.1, size * 0.8), HIDE.dark, round_by=3)
    canvas.stroke(f"M{x} {y - size * 0.6:.0f}V{y + size * 0.6:.0f}", BRASSY.light, 5)


def zipper(canvas: Canvas, d: str, tone: Tone, pull: Point) -> None:
    """Draw a brass zip and its leather pull."""
    canvas.stroke(d, tone.deep, 13)
    canvas.stroke(d, BRASSY.base, 5, dashes=(5, 8))
    x, y = pull
    canvas.rect((x - 7, y), (14, 46), HIDE.base, round_by=6)
    canvas.circle((x, y), 9, BRASSY.base)


def pocket(canvas: Canvas, d: str, tone: Tone) -> None:
    """Lay a pocket on a bag: a little shadow, then the cloth."""
    with canvas.placed(6, 9):
        canvas.path(d, tone.deep, opacity=0.5)
    canvas.path(d, lit(canvas, tone))


def rolltop(canvas: Canvas, tone: Tone) -> None:
    """Draw a roll-top backpack."""
    canvas.shadow((40, 0), 290, 44)
    for x in (-214, 214):
        canvas.stroke(
            f"M{x * 0.8:.0f} -470C{x * 1.3:.0f} -400 {x * 1.32:.0f} -160 {x} -60", HIDE.dark, 34
        )
    canvas.stroke("M-60 -620C-60 -690 60 -690 60 -620", HIDE.dark, 20)
    body = (
        "M-206 -30L-220 -470Q-214 -540 -150 -560H150"
        "Q214 -540 220 -470L206 -30Q200 0 160 0H-160Q-200 0 -206 -30Z"
    )
    canvas.path(body, lit(canvas, tone))
    with canvas.clipped(body):
        canvas.rect((-240, -70), (480, 90), HIDE.dark)
        canvas.rect(
            (-240, -70),
            (480, 90),
            canvas.linear((0, HIDE.light, 0.7), (0.4, HIDE.base, 0.6), (1, HIDE.deep, 0.5)),
        )
        stitches(canvas, "M-230 -60H230", HIDE.light)
        canvas.path("M-220 -480Q0 -430 220 -480V-420Q0 -380 -220 -420Z", tone.deep, opacity=0.35)
    pocket(canvas, "M-140 -330H140V-130Q136 -104 110 -102H-110Q-136 -104 -140 -130Z", tone)
    zipper(canvas, "M-122 -306H122", tone, (86, -306))
    stitches(canvas, "M-126 -284V-134Q-122 -116 -104 -116H104Q122 -116 126 -134V-284", tone.light)
    roll = "M-206 -620Q-226 -640 -206 -660H206Q226 -640 206 -620L180 -496Q0 -470 -180 -496Z"
    pocket(canvas, roll, tone)
    canvas.rect((-216, -668), (432, 56), lit(canvas, shaded(tone.dark)), round_by=28)
    canvas.stroke("M-190 -656H190", tone.light, 6, opacity=0.6)
    for x in (-104, 104):
        canvas.rect((x - 18, -664), (36, 280), HIDE.dark, round_by=5)
        canvas.rect((x - 18, -664), (30, 276), HIDE.base, round_by=5)
        stitches(canvas, f"M{x - 10} -650V-400", HIDE.light)
        buckle(canvas, (x, -452))


def daypack(canvas: Canvas, tone: Tone) -> None:
    """Draw a rounded daypack."""
    canvas.shadow((40, 0), 280, 42)
    for x in (-1, 1):
        canvas.stroke(f"M{x * 150} -540C{x * 290} -440 {x * 290} -180 {x * 200} -50", tone.deep, 40)
    canvas.stroke("M-46 -620C-46 -690 46 -690 46 -620", tone.deep, 24)
    body = (
        "M-220 -60V-410C-220 -560 -130 -630 0 -630"
        "S220 -560 220 -410V-60Q216 0 150 0H-150Q-216 0 -220 -60Z"
    )
    canvas.path(body, lit(canvas, tone))
    zipper(
        canvas,
        "M-182 -250V-400C-182 -520 -110 -588 0 -588S182 -520 182 -400V-250",
        tone,
        (-182, -280),
    )
    pocket(canvas, "M-180 -310Q0 -350 180 -310V-70Q176 -30 130 -28H-130Q-176 -30 -180 -70Z", tone)
    canvas.path("M-180 -310Q0 -350 180 -310V-240Q0 -278 -180 -240Z", tone.accent)
    zipper(canvas, "M-164 -236Q0 -272 164 -236", tone, (120, -244))
    canvas.rect((-38, -470), (76, 52), HIDE.base, round_by=8)
    canvas.circle((0, -444), 12, tone.base)
    canvas.path(
        "M-170 -470C-160 -540 -110 -580 -60 -596C-110 -560 -136 -520 -146 -460Z",
        "#ffffff",
        opacity=0.25,
    )


def flap(canvas: Canvas, tone: Tone) -> None:
    """Draw a rucksack with a flap and two leather straps."""
    canvas.shadow((40, 0), 320, 44)
    for x in (-1, 1):
        side = (
            f"M{x * 200} -330H{x * 282}Q{x * 300} -320 {x * 298} -290"
            f"L{x * 284} -60Q{x * 280} -34 {x * 250} -34H{x * 200}Z"
        )
        canvas.path(side, canvas.linear((0, tone.base), (1, tone.deep)))
        canvas.rect((200 if x > 0 else -294, -344), (94, 30), tone.dark, round_by=8)
    canvas.stroke("M-50 -600C-50 -680 50 -680 50 -600", HIDE.dark, 22)
    body = "M-216 -40L-210 -540H210L216 -40Q210 0 170 0H-170Q-210 0 -216 -40Z"
    canvas.path(body, lit(canvas, tone))
    pocket(canvas, "M-150 -250H150V-70Q146 -36 116 -34H-116Q-146 -36 -150 -70Z", tone)
    pocket(canvas, "M-158 -262H158V-196Q0 -160 -158 -196Z", shaded(tone.dark))
    cover = (
        "M-226 -560Q-222 -606 -176 -610H176Q222 -606 226 -560"
        "L220 -350Q216 -318 180 -316H-180Q-216 -318 -220 -350Z"
    )
    pocket(canvas, cover, tone)
    stitches(canvas, "M-206 -560V-352Q-204 -334 -180 -332H180Q204 -334 206 -352V-560", tone.light)
    for x in (-96, 96):
        canvas.rect((x - 20, -520), (40, 330), HIDE.dark, round_by=6)
        canvas.rect((x - 20, -520), (33, 326), HIDE.base, round_by=6)
        stitches(canvas, f"M{x - 11} -506V-206", HIDE.light)
        buckle(canvas, (x, -270), 27)


def kids(canvas: Canvas, tone: Tone) -> None:
    """Draw a kids' backpack with ears and a face."""
    canvas.shadow((36, 0), 270, 42)
    for x in (-1, 1):
        canvas.stroke(f"M{x * 160} -380C{x * 270} -320 {x * 270} -140 {x * 190} -40", tone.deep, 34)
        canvas.circle((x * 140, -480), 74, tone.dark)
        canvas.circle((x * 136, -478), 44, mix(tone.accent, tone.light, 0.4))
    canvas.stroke("M-40 -516C-40 -580 40 -580 40 -516", tone.deep, 22)
    body = (
        "M-216 -60V-310C-216 -450 -120 -520 0 -520"
        "S216 -450 216 -310V-60Q210 0 150 0H-150Q-210 0 -216 -60Z"
    )
    canvas.path(body, lit(canvas, tone))
    zipper(
        canvas,
        "M-180 -220V-310C-180 -420 -100 -484 0 -484S180 -420 180 -310V-220",
        tone,
        (180, -240),
    )
    for x in (-1, 1):
        canvas.circle((x * 76, -330), 17, "#3a2a3c")
        canvas.circle((x * 76 - 5, -336), 5, "#ffffff")
        canvas.ellipse((x * 122, -284), 28, 18, "#ea7f66", opacity=0.5)
    canvas.path("M-20 -306Q0 -318 20 -306Q14 -282 0 -280T-20 -306Z", "#3a2a3c")
    canvas.stroke("M-26 -266Q-12 -250 0 -266Q12 -250 26 -266", "#3a2a3c", 6)
    pocket(
        canvas,
        "M-160 -214Q0 -236 160 -214V-70Q156 -30 110 -28H-110Q-156 -30 -160 -70Z",
        shaded(mix(tone.light, "#fff5e4", 0.4)),
    )
    stitches(canvas, "M-142 -196Q0 -216 142 -196", tone.dark)


def drawstring(canvas: Canvas, tone: Tone) -> None:
    """Draw a bucket bag closed by a cord."""
    canvas.shadow((40, 0), 270, 44)
    for x in (-1, 1):
        canvas.stroke(f"M{x * 90} -520C{x * 260} -460 {x * 280} -160 {x * 180} -40", HIDE.dark, 26)
    body = (
        "M-190 -24L-206 -380C-206 -450 -120 -480 -96 -520H96"
        "C120 -480 206 -450 206 -380L190 -24Q0 26 -190 -24Z"
    )
    canvas.path(body, lit(canvas, tone))
    with canvas.clipped(body):
        for x in (-130, -66, 8, 80, 140):
            canvas.path(f"M{x * 0.5:.0f} -520L{x - 12} -330L{x + 10} -350Z", tone.deep, opacity=0.4)
        canvas.path("M-220 -100Q0 -50 220 -100V40H-220Z", lit(canvas, HIDE))
        stitches(canvas, "M-220 -88Q0 -38 220 -88", HIDE.light)
        canvas.path("M-220 -270Q0 -226 220 -270V-226Q0 -182 -220 -226Z", tone.accent)
    ruffle = (
        "M-96 -520C-150 -580 -166 -620 -150 -640Q-110 -616 -70 -646Q-30 -616 10 -646"
        "Q50 -616 90 -644Q120 -620 152 -638C166 -616 150 -580 96 -520Z"
    )
    canvas.path(ruffle, lit(canvas, shaded(tone.base)))
    for x in (-70, -20, 40, 84):
        canvas.stroke(f"M{x * 0.7:.0f} -530L{x} -610", tone.dark, 5, opacity=0.5)
    canvas.rect((-108, -534), (216, 26), tone.deep, round_by=13)
    canvas.stroke(
        "M-20 -520C-60 -470 -70 -430 -56 -380M20 -520C40 -480 50 -440 34 -396", HIDE.base, 9
    )
    canvas.circle((-56, -374), 15, HIDE.dark)
    canvas.circle((34, -390), 15, HIDE.dark)
    canvas.rect((-22, -536), (44, 34), HIDE.base, round_by=9)


def tote(canvas: Canvas, tone: Tone) -> None:
    """Draw a canvas tote with a printed half sun."""
    canvas.shadow((40, 0), 290, 40)
    canvas.stroke("M-110 -430C-110 -700 110 -700 110 -430", tone.deep, 26)
    body = "M-226 -24L-236 -450H236L226 -24Q0 14 -226 -24Z"
    canvas.path(body, lit(canvas, tone))
    with canvas.clipped(body):
        canvas.path("M-130 -150A130 130 0 0 1 130 -150Z", tone.accent)
        for i in range(3):
            canvas.rect((-130 + i * 26, -138 + i * 26), (260 - i * 52, 12), tone.accent, round_by=6)
        canvas.path("M-236 -450L-190 -450L-206 0H-240Z", tone.light, opacity=0.4)
        canvas.path("M130 -450C90 -300 150 -160 110 0H240V-450Z", tone.deep, opacity=0.12)
        canvas.rect((-240, -450), (480, 34), tone.dark, opacity=0.4)
    stitches(canvas, "M-232 -410H232", tone.light)
    front = "M-120 -360V-440C-124 -720 124 -720 120 -440V-360"
    strap(canvas, front, shaded(mix(tone.base, tone.dark, 0.4)), 30)
    for x in (-120, 120):
        canvas.stroke(f"M{x - 9} -394L{x + 9} -366M{x + 9} -394L{x - 9} -366", tone.light, 4)


def duffel(canvas: Canvas, tone: Tone) -> None:
    """Draw a barrel-shaped travel bag."""
    canvas.shadow((30, 0), 370, 46)
    canvas.stroke("M-120 -300C-120 -500 120 -500 120 -300", HIDE.deep, 22)
    body = (
        "M-320 -160C-330 -280 -290 -352 -220 -356H220C290 -352 330 -280 320 -160"
        "C316 -50 290 0 230 0H-230C-290 0 -316 -50 -320 -160Z"
    )
    canvas.path(
        body,
        canvas.linear((0, tone.light), (0.35, tone.base), (1, tone.deep), vector=(0.1, 0, 0.2, 1)),
    )
    with canvas.clipped(body):
        canvas.path("M-340 -90Q0 -60 340 -90V20H-340Z", lit(canvas, HIDE))
        stitches(canvas, "M-340 -78Q0 -48 340 -78", HIDE.light)
        for x in (-1, 1):
            canvas.path(
                f"M{x * 250} -370C{x * 220} -250 {x * 220} -100 {x * 250} 10H{x * 340}V-370Z",
                tone.deep,
                opacity=0.28,
            )
            stitches(
                canvas, f"M{x * 250} -370C{x * 220} -250 {x * 220} -100 {x * 250} 10", tone.light
            )
    zipper(canvas, "M-210 -340H210", tone, (176, -340))
    pocket(canvas, "M-90 -236H90V-120Q88 -104 70 -104H-70Q-88 -104 -90 -120Z", tone)
    stitches(canvas, "M-78 -216H78", tone.light)
    handle = "M-150 -80V-300C-150 -530 150 -530 150 -300V-80"
    strap(canvas, handle, HIDE, 30)
    canvas.rect((-52, -492), (104, 44), HIDE.deep, round_by=20)
    canvas.rect((-52, -492), (100, 36), HIDE.dark, round_by=18)
    for x in (-150, 150):
        canvas.circle((x, -268), 11, BRASSY.base)


def messenger(canvas: Canvas, tone: Tone) -> None:
    """Draw a messenger bag with a wide flap."""
    canvas.shadow((30, 0), 340, 42)
    canvas.stroke("M-250 -300C-260 -640 260 -640 250 -300", HIDE.deep, 30)
    canvas.stroke("M-250 -300C-260 -636 260 -636 250 -300", HIDE.base, 22)
    body = "M-280 -330H280L270 -36Q264 0 226 0H-226Q-264 0 -270 -36Z"
    canvas.path(body, lit(canvas, shaded(tone.dark)))
    cover = (
        "M-290 -330Q-288 -376 -246 -380H246Q288 -376 290 -330"
        "V-170Q286 -104 216 -100H-216Q-286 -104 -290 -170Z"
    )
    pocket(canvas, cover, tone)
    stitches(canvas, "M-270 -330V-172Q-266 -124 -212 -120H212Q266 -124 270 -172V-330", tone.light)
    canvas.path("M-290 -250H290V-206H-290Z", tone.accent)
    for x in (-270, 270):
        canvas.rect((x - 24, -350), (48, 60), HIDE.base, round_by=8)
        canvas.circle((x, -318), 10, BRASSY.base)
    canvas.rect((-34, -160), (68, 96), HIDE.base, round_by=10)
    canvas.circle((0, -92), 13, BRASSY.base)
    stitches(canvas, "M-24 -150H24", HIDE.light)


def sling(canvas: Canvas, tone: Tone) -> None:
    """Draw a crescent-shaped sling."""
    canvas.shadow((30, 0), 280, 36)
    canvas.stroke("M-250 -240C-220 -660 220 -660 250 -240", tone.deep, 28)
    canvas.stroke("M-250 -240C-220 -656 220 -656 250 -240", tone.base, 18)
    buckle(canvas, (172, -476), 26)
    body = (
        "M-290 -240C-280 -60 -140 0 0 0S280 -60 290 -240C292 -276 262 -290 236 -270"
        "C120 -190 -120 -190 -236 -270C-262 -290 -292 -276 -290 -240Z"
    )
    canvas.path(body, lit(canvas, tone))
    zipper(canvas, "M-240 -226C-110 -140 110 -140 240 -226", tone, (-196, -200))
    stitches(canvas, "M-262 -170C-210 -50 -100 -22 0 -22S210 -50 262 -170", tone.light)
    canvas.path(
        "M-256 -190C-230 -110 -180 -66 -130 -46C-180 -90 -210 -140 -222 -190Z",
        "#ffffff",
        opacity=0.22,
    )


BAGS = {
    "rolltop": Illustration(paint=rolltop, setting="floor", close_up=(80, -480)),
    "daypack": Illustration(paint=daypack, setting="floor"),
    "flap": Illustration(paint=flap, setting="floor"),
    "kids": Illustration(paint=kids, setting="floor", scale=1.1),
    "drawstring": Illustration(paint=drawstring, setting="floor"),
    "tote": Illustration(paint=tote, setting="floor", scale=1.05),
    "duffel": Illustration(paint=duffel, setting="floor"),
    "messenger": Illustration(paint=messenger, setting="floor"),
    "sling": Illustration(paint=sling, setting="floor"),
}
