"""Knitted small things, laid flat: hats, scarves, mittens, socks."""

from math import cos, sin, sqrt

from vitrine.demo.drawing.canvas import Canvas, num
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.knitwear import SNOW, lay
from vitrine.demo.drawing.palette import Tone, mix, shaded
from vitrine.demo.drawing.stitch import Box, motif, rib, stockinette
from vitrine.demo.drawing.turned import lit


def beanie(canvas: Canvas, tone: Tone) -> None:
    """Draw a ribbed hat with a bobble."""
    crown = "M-216 110C-226 -90 -140 -226 0 -226S226 -90 216 110Z"
    fold = "M-236 84Q0 54 236 84Q250 150 240 226Q0 258 -240 226Q-250 150 -236 84Z"
    lay(canvas, crown, fold)
    canvas.path(crown, lit(canvas, tone))
    with canvas.clipped(crown):
        for i in range(-8, 9):
            x = i * 28
            canvas.stroke(
                f"M{x} 120C{num(x * 1.02)} -60 {num(x * 0.6)} -170 0 -236",
                tone.dark,
                7,
                opacity=0.5,
            )
            canvas.stroke(
                f"M{x + 9} 120C{num(x * 1.02 + 9)} -60 {num(x * 0.6 + 5)} -170 0 -236",
                tone.light,
                5,
                opacity=0.4,
            )
    canvas.path(fold, lit(canvas, shaded(mix(tone.base, tone.dark, 0.25))))
    with canvas.clipped(fold):
        rib(canvas, tone, Box(left=-250, top=40, right=250, bottom=260), size=24)
    bobble(canvas, shaded(mix(tone.accent, "#f4ecdf", 0.35)), -276)


def bobble(canvas: Canvas, tone: Tone, y: float) -> None:
    """Draw a pompom of many short threads."""
    canvas.circle((8, y + 12), 96, "#3a2a3c", opacity=0.14)
    canvas.circle(
        (0, y),
        90,
        canvas.radial(
            (0, tone.light), (0.6, tone.base), (1, tone.dark), centre=(0.38, 0.36), radius=0.66
        ),
    )
    for ring, (paint, reach) in enumerate(((tone.dark, 96), (tone.base, 92), (tone.light, 78))):
        threads = ""
        for i in range(150):
            if i * i // 7 % 3 != ring:
                continue
            turn, far = i * 2.39996, reach * sqrt(i / 150)  # as seeds sit in a sunflower
            x, dy = far * cos(turn), far * sin(turn)
            threads += f"M{num(x * 0.84)} {num(y + dy * 0.84)}L{num(x)} {num(y + dy)}"
        canvas.stroke(threads, paint, 9, opacity=0.6)


def scarf(canvas: Canvas, tone: Tone) -> None:
    """Draw a folded scarf with fringes."""
    cool, warm = tone, shaded(mix(tone.accent, tone.light, 0.25))
    loop = "M-70 -330Q60 -352 190 -320L206 300H40L-90 -290Z"
    tail = "M-190 -320Q-60 -356 70 -330Q96 -300 80 -270L-40 300H-206L-180 -260Z"
    for shape, shift, left in ((loop, 1, 40), (tail, 0, -206)):
        lay(canvas, shape)
        fringe = "".join(f"M{left + 6 + i * 14} 292v{64 + i % 3 * 8}" for i in range(12))
        canvas.stroke(fringe, cool.dark if shift else warm.dark, 8)
        canvas.path(shape, lit(canvas, cool))
        with canvas.clipped(shape):
            for i in range(14):
                y = -350 + i * 50 + shift * 14
                share = i / 13
                paint = mix(cool.light, warm.base, share)
                canvas.path(f"M-230 {y}H230V{y + 24}H-230Z", paint, opacity=0.95)
            for i in range(6):
                canvas.rect((-230, 180 + i * 22), (460, 9), SNOW.base, opacity=0.9)
            stockinette(canvas, cool, Box(left=-230, top=-360, right=230, bottom=310), size=13)
    canvas.path("M80 -270L-40 300L-8 300L96 -230Z", "#3a2a3c", opacity=0.14)


STAR = (
    ".....x.....", ".....x.....", "....xxx....", "x...xxx...x", ".xxxxxxxxx.", "..xxxxxxx..",
    ".xxxxxxxxx.", "x...xxx...x", "....xxx....", ".....x.....", ".....x.....",
)  # fmt: skip


def mittens(canvas: Canvas, tone: Tone) -> None:
    """Draw a pair of mittens on a cord."""
    canvas.stroke("M-130 250C-130 420 130 420 140 250", SNOW.dark, 9)
    for side in (-1, 1):
        with canvas.placed(side * 158, 10, turn_deg=side * 7):
            if side > 0:
                _mitten(canvas, tone)
            else:
                with canvas.mirrored():
                    _mitten(canvas, tone)


def _mitten(canvas: Canvas, tone: Tone) -> None:
    hand = "M-112 150L-116 -110C-116 -236 -60 -284 0 -284S116 -236 116 -110L112 150Q0 166 -112 150Z"
    thumb = "M-100 90C-190 60 -214 -30 -196 -82C-182 -122 -130 -110 -128 -70Q-122 -30 -96 -20Z"
    cuff = "M-120 146Q0 164 120 146L112 262Q0 280 -112 262Z"
    lay(canvas, hand, thumb, cuff)
    for shape in (thumb, hand):
        canvas.path(shape, lit(canvas, tone))
        with canvas.clipped(shape):
            if shape == hand:
                motif(canvas, SNOW.base, STAR, at=(-82, -170), size=15)
                motif(
                    canvas,
                    SNOW.base,
                    ["x.x.x.x.x.x.x.x.x.", ".x.x.x.x.x.x.x.x.x"],
                    at=(-130, 80),
                    size=15,
                )
            stockinette(canvas, tone, Box(left=-230, top=-300, right=130, bottom=170), size=15)
    canvas.path(cuff, lit(canvas, shaded(mix(tone.accent, tone.base, 0.25))))
    with canvas.clipped(cuff):
        rib(
            canvas,
            shaded(mix(tone.accent, tone.base, 0.25)),
            Box(left=-124, top=130, right=124, bottom=290),
            size=19,
        )


def socks(canvas: Canvas, tone: Tone) -> None:
    """Draw a pair of socks with contrast heels."""
    with canvas.placed(96, -18, turn_deg=5):
        _sock(canvas, tone)
    with canvas.placed(-66, 26, turn_deg=-4):
        _sock(canvas, tone)


def _sock(canvas: Canvas, tone: Tone) -> None:
    shape = (
        "M-82 -260L-76 60Q-76 110 -112 140L-230 214C-290 256 -262 330 -186 318"
        "C-110 306 20 250 74 180Q96 150 94 100L90 -260Q0 -244 -82 -260Z"
    )
    cuff = "M-86 -330Q0 -314 94 -330L92 -236Q0 -220 -84 -236Z"
    other = shaded(mix(tone.accent, "#f4ecdf", 0.2))
    lay(canvas, shape, cuff)
    canvas.path(shape, lit(canvas, tone))
    with canvas.clipped(shape):
        canvas.circle((98, 172), 92, other.base)
        canvas.circle((-262, 306), 112, other.base)
        for y in (-196, -164):
            canvas.rect((-100, y), (210, 15), other.base)
        stockinette(canvas, tone, Box(left=-300, top=-270, right=110, bottom=330), size=13)
        canvas.path(
            "M94 -260L94 100Q96 150 74 180L40 200Q62 150 56 90L50 -260Z", tone.deep, opacity=0.2
        )
    canvas.path(cuff, lit(canvas, other))
    with canvas.clipped(cuff):
        rib(canvas, other, Box(left=-90, top=-340, right=100, bottom=-220), size=16)


WOOLLIES = {
    "beanie": Illustration(paint=beanie, setting="flat", scale=1.15),
    "scarf": Illustration(paint=scarf, setting="flat", scale=1.1),
    "mittens": Illustration(paint=mittens, setting="flat"),
    "socks": Illustration(paint=socks, setting="flat", scale=1.1),
}
