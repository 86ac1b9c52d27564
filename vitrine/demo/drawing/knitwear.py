"""Sweaters, laid flat; the origin is their middle."""

from collections.abc import Callable

from vitrine.demo.drawing.canvas import Canvas
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.palette import CREAM, SHADE, Tone, mix, shaded
from vitrine.demo.drawing.stitch import Box, cable_rope, motif, rib, stockinette
from vitrine.demo.drawing.turned import lit

SNOW = shaded(CREAM)
BODY = (
    "M-112 -306C-180 -296 -206 -262 -216 -216L-212 262Q0 280 212 262"
    "L216 -216C206 -262 180 -296 112 -306Q0 -236 -112 -306Z"
)
SLIPOVER = (
    "M-112 -306L-172 -298C-146 -220 -158 -130 -212 -90L-212 262Q0 280 212 262L212 -90"
    "C158 -130 146 -220 172 -298L112 -306Q0 -236 -112 -306Z"
)
SLEEVE = "M-146 -300C-214 -290 -250 -246 -264 -196L-336 192Q-296 220 -240 212L-190 -90Z"
CUFF = "M-336 184L-344 258Q-302 280 -248 268L-238 204Q-290 212 -336 184Z"
HEM = "M-212 256Q0 274 212 256L206 330Q0 348 -206 330Z"
COLLAR = "M-112 -306C-96 -344 96 -344 112 -306Q0 -236 -112 -306Z"

Pattern = Callable[[Canvas, Tone, Box], None]

TRUNK = Box(left=-222, top=-312, right=222, bottom=290)
ARM = Box(left=-345, top=-305, right=-140, bottom=225)


def lay(canvas: Canvas, *shapes: str) -> None:
    """Cast the flat shadow of something that lies on a table."""
    for offset, opacity in ((20, 0.07), (11, 0.1)):
        with canvas.placed(offset, offset * 1.3):
            for shape in shapes:
                canvas.path(shape, SHADE, opacity=opacity)


def sweater(canvas: Canvas, tone: Tone, *, pattern: Pattern | None = None) -> None:
    """Draw a sweater; `pattern` is knitted into body and sleeves."""
    trim = _trim(tone)
    for side in (1, -1):
        with canvas.mirrored() if side < 0 else canvas.placed(0, 0):
            lay(canvas, SLEEVE, CUFF)
            _cloth(canvas, SLEEVE, tone, ARM, pattern)
            _ribbed(canvas, CUFF, trim, Box(left=-360, top=180, right=-220, bottom=290), slant=-8)
    _trunk(canvas, BODY, tone, pattern)
    _neck(canvas, trim)


def _trunk(canvas: Canvas, shape: str, tone: Tone, pattern: Pattern | None) -> None:
    lay(canvas, shape, HEM)
    _cloth(canvas, shape, tone, TRUNK, pattern)
    for side in (-1, 1):
        fold = f"M{side * 190} -90C{side * 184} -60 {side * 196} 120 {side * 200} 250"
        canvas.stroke(fold, tone.deep, 10, opacity=0.14)
    _ribbed(canvas, HEM, _trim(tone), Box(left=-216, top=250, right=216, bottom=350))


def _trim(tone: Tone) -> Tone:
    return shaded(mix(tone.base, tone.dark, 0.45))


def _cloth(canvas: Canvas, shape: str, tone: Tone, box: Box, pattern: Pattern | None) -> None:
    canvas.path(shape, lit(canvas, shaded(mix(tone.base, tone.light, 0.12))))
    with canvas.clipped(shape):
        if pattern:
            pattern(canvas, tone, box)
        stockinette(canvas, tone, box)


def _ribbed(canvas: Canvas, shape: str, tone: Tone, box: Box, *, slant: float = 0) -> None:
    canvas.path(shape, lit(canvas, tone))
    with canvas.clipped(shape):
        rib(canvas, tone, box, slant=slant)


def _neck(canvas: Canvas, trim: Tone) -> None:
    canvas.path("M-112 -306C-90 -330 90 -330 112 -306Q0 -262 -112 -306Z", trim.deep)
    canvas.path(COLLAR, trim.deep)
    band = "M-112 -306C-96 -348 96 -348 112 -306L94 -300C70 -318 -70 -318 -94 -300Z"
    canvas.path(band, trim.dark)
    front = "M-118 -306Q0 -226 118 -306L94 -300Q0 -256 -94 -300Z"
    canvas.path("M-124 -302Q0 -206 124 -302L96 -312Q0 -250 -96 -312Z", lit(canvas, trim))
    canvas.stroke(front, trim.deep, 2, opacity=0.4)


def crew(canvas: Canvas, tone: Tone) -> None:
    """Draw a plain crew-neck sweater."""
    sweater(canvas, tone)


PEAKS = (
    "x.x.x.x.", ".x.x.x.x", "........", "xxxxxxxx", "........", "...x....", "..xxx...", ".xxxxx..",
    "xxx.xxx.", "xx...xx.", "x..x..x.", "..xxx...", "...x....", "........", "xxxxxxxx",
    "........", "x.x.x.x.", ".x.x.x.x",
)  # fmt: skip


def yoke(canvas: Canvas, tone: Tone) -> None:
    """Draw a sweater with a round yoke of peaks."""
    warm = mix(tone.accent, "#ea7f66", 0.55)

    def peaks(canvas: Canvas, _: Tone, box: Box) -> None:
        across = round((box.right - box.left) / 11) // 8 + 1
        sag = 74 if box is TRUNK else 0
        for i, row in enumerate(PEAKS):
            paint = warm if i in {3, 10, 11, 12, 14} else SNOW.base
            top = -312 + i * 12 if sag else -250 + i * 12
            motif(canvas, paint, [row * across], at=(box.left, top), size=11, sag=sag)
        for i in range(8):
            lice = "." * (4 * (i % 2)) + "x......." * across
            motif(canvas, SNOW.base, [lice], at=(box.left, 0 + i * 44), size=11)

    sweater(canvas, tone, pattern=peaks)


def striped(canvas: Canvas, tone: Tone) -> None:
    """Draw a sweater with stripes."""

    def stripes(canvas: Canvas, _: Tone, __: Box) -> None:
        for i in range(12):
            y = -196 + i * 44
            canvas.path(
                f"M-360 {y}Q0 {y + 22} 360 {y}V{y + 20}Q0 {y + 42} -360 {y + 20}Z", tone.base
            )

    sweater(canvas, SNOW, pattern=stripes)


def cable(canvas: Canvas, tone: Tone) -> None:
    """Draw a heavy sweater with three cables and a high neck."""

    def cables(canvas: Canvas, tone: Tone, box: Box) -> None:
        if box is TRUNK:
            for x in (-124, 0, 124):
                cable_rope(canvas, tone, x, -290, 280)
        else:
            with canvas.placed(-268, 0, turn_deg=10):
                cable_rope(canvas, tone, 0, -260, 260)

    sweater(canvas, tone, pattern=cables)
    high_neck(canvas, tone)


def high_neck(canvas: Canvas, tone: Tone) -> None:
    """Fold a collar over."""
    roll = "M-108 -380Q0 -398 108 -380Q124 -330 116 -284Q0 -250 -116 -284Q-124 -330 -108 -380Z"
    lay(canvas, roll)
    canvas.path("M-104 -382Q0 -410 104 -382Q0 -362 -104 -382Z", tone.deep)
    _ribbed(canvas, roll, tone, Box(left=-124, top=-400, right=124, bottom=-240))


def turtleneck(canvas: Canvas, tone: Tone) -> None:
    """Draw a ribbed turtleneck."""

    def ribs(canvas: Canvas, tone: Tone, box: Box) -> None:
        rib(canvas, tone, box, size=26)

    sweater(canvas, tone, pattern=ribs)
    high_neck(canvas, tone)


def cardigan(canvas: Canvas, tone: Tone) -> None:
    """Draw a buttoned cardigan with two pockets."""
    sweater(canvas, tone)
    trim = shaded(mix(tone.base, tone.dark, 0.45))
    opening = "M-92 -326C-60 -338 60 -338 92 -326L14 -70H-14Z"
    canvas.path(opening, trim.deep)
    canvas.path("M-76 -326C-50 -334 50 -334 76 -326L70 -306C40 -314 -40 -314 -70 -306Z", trim.dark)
    band = "M-112 -316L-88 -330L14 -80V336H-16V-60ZM112 -316L88 -330L-2 -86L-16 -60V336H16V-60Z"
    canvas.path(band, lit(canvas, trim))
    canvas.stroke("M16 -56V334", trim.deep, 4, opacity=0.5)
    for x in (-146, 146):
        canvas.rect(
            (x - 58, 116),
            (116, 124),
            lit(canvas, shaded(mix(tone.base, tone.light, 0.12))),
            round_by=10,
        )
        _ribbed(
            canvas,
            f"M{x - 60} 106H{x + 60}V138H{x - 60}Z",
            trim,
            Box(left=x - 60, top=106, right=x + 60, bottom=138),
        )
        canvas.stroke(
            f"M{x - 58} 140V230Q{x - 58} 240 {x - 48} 240H{x + 48}Q{x + 58} 240 {x + 58} 230V140",
            tone.deep,
            3,
            opacity=0.4,
        )
    for i in range(5):
        y = -40 + i * 86
        canvas.circle((2, y + 3), 15, trim.deep)
        canvas.circle((0, y), 14, "#8a5a3b")
        canvas.circle((-2, y - 2), 9, "#b07a52")
        canvas.circle((-4, y), 2, "#5a3826")
        canvas.circle((3, y), 2, "#5a3826")


def vest(canvas: Canvas, tone: Tone) -> None:
    """Draw an argyle slipover."""

    def argyle(canvas: Canvas, tone: Tone, _: Box) -> None:
        for row in range(6):
            for column in range(-3, 4):
                x, y = column * 108 + (row % 2) * 54, -300 + row * 108
                paint = mix(tone.accent, tone.light, 0.2) if row % 2 else tone.deep
                canvas.path(
                    f"M{x} {y - 100}L{x + 52} {y}L{x} {y + 100}L{x - 52} {y}Z", paint, opacity=0.75
                )
        for k in range(-8, 9):
            x = k * 108
            canvas.stroke(
                f"M{x} -400L{x + 416} 400M{x} -400L{x - 416} 400",
                SNOW.base,
                3,
                opacity=0.8,
                dashes=(9, 7),
            )

    _trunk(canvas, SLIPOVER, tone, argyle)
    trim = shaded(tone.deep)
    canvas.path("M-100 -330C-60 -344 60 -344 100 -330L0 -120Z", trim.deep)
    canvas.path("M-122 -306L-96 -334L0 -136L96 -334L122 -306L0 -84Z", lit(canvas, trim))
    for side in (-1, 1):
        arm = f"M{side * 166} -296C{side * 140} -220 {side * 152} -130 {side * 206} -86"
        canvas.stroke(arm, trim.dark, 26)
        canvas.stroke(arm, trim.base, 18)


KNITWEAR = {
    "crew": Illustration(paint=crew, setting="flat"),
    "yoke": Illustration(paint=yoke, setting="flat", close_up=(0, -190)),
    "striped_sweater": Illustration(paint=striped, setting="flat"),
    "cable": Illustration(paint=cable, setting="flat"),
    "turtleneck": Illustration(paint=turtleneck, setting="flat"),
    "cardigan": Illustration(paint=cardigan, setting="flat"),
    "vest": Illustration(paint=vest, setting="flat", scale=1.1),
}
