"""Places where several products meet, 5:4; each product is the same drawing as in its hero."""

from collections.abc import Callable, Sequence

from vitrine.demo.drawing.bags import BAGS
from vitrine.demo.drawing.canvas import Canvas, Point, num, polygon
from vitrine.demo.drawing.ceramics import CERAMICS
from vitrine.demo.drawing.chairs import CHAIRS
from vitrine.demo.drawing.illustration import Illustration
from vitrine.demo.drawing.knitwear import KNITWEAR
from vitrine.demo.drawing.lamps import LAMPS
from vitrine.demo.drawing.palette import LIGHT, OAK, SHADE, WALNUT, mix, tone
from vitrine.demo.drawing.tableware import TABLEWARE
from vitrine.demo.drawing.woollies import WOOLLIES

WIDTH, HEIGHT = 1000, 800
THINGS: dict[str, Illustration] = {
    **LAMPS, **CHAIRS, **CERAMICS, **TABLEWARE, **BAGS, **KNITWEAR, **WOOLLIES,
}  # fmt: skip

Thing = tuple[str, str, float, float, float]
"""Drawing, colour, x, y, scale."""


def reading_corner(canvas: Canvas) -> None:
    """A lounge chair, a lamp and a plant."""
    _room(canvas, "#d9dfca", "#d8b48c", 560)
    _window(canvas, (90, 70), (250, 300))
    _frame(canvas, (470, 96), (150, 190), "#c4603f")
    canvas.ellipse((480, 680), 430, 84, "#c98f78", opacity=0.55)
    canvas.ellipse((480, 676), 380, 68, "#f1e0cd", opacity=0.8)
    _put(
        canvas,
        [
            ("tripod", "chalk", 790, 640, 0.74),
            ("tub", "plum", 480, 690, 0.8),
            ("planter", "moss", 170, 690, 0.72),
            ("mug", "rose", 858, 742, 0.16),
        ],
    )


def long_table(canvas: Canvas) -> None:
    """Three pendants above a laid table."""
    _room(canvas, "#f0d9c4", "#b98a68", 600)
    with canvas.clipped("M0 0H1000V586H0Z"):
        canvas.circle((500, 420), 300, mix("#f0d9c4", LIGHT, 0.55))
    _put(
        canvas,
        [
            ("bell", "forest", 230, 240, 0.42),
            ("bell", "coral", 500, 270, 0.42),
            ("bell", "forest", 770, 240, 0.42),
            ("shell", "ochre", 250, 742, 0.6),
            ("shell", "sky", 500, 742, 0.6),
            ("shell", "ochre", 750, 742, 0.6),
        ],
    )
    for x in (130, 840):
        canvas.path(
            polygon((x, 560), (x + 30, 560), (x + 22, 790), (x + 8, 790)), mix(WALNUT, SHADE, 0.2)
        )
    _board(canvas, 60, 880, 540, WALNUT)
    _put(
        canvas,
        [
            ("nest", "terracotta", 340, 544, 0.36),
            ("teapot", "ochre", 610, 544, 0.34),
            ("cup", "sage", 800, 546, 0.24),
        ],
    )


def window_sill(canvas: Canvas) -> None:
    """Five vases above the sea."""
    canvas.rect(
        (0, 0),
        (WIDTH, HEIGHT),
        canvas.linear((0, "#f7dfc4"), (0.7, "#f9ead6"), vector=(0, 0, 0, 1)),
    )
    canvas.circle((690, 250), 92, "#fbf3e0")
    canvas.rect(
        (0, 420), (WIDTH, 260), canvas.linear((0, "#8db9c4"), (1, "#4f8aa4"), vector=(0, 0, 0, 1))
    )
    for x, y, width in (
        (620, 440, 150),
        (560, 464, 250),
        (640, 492, 130),
        (500, 520, 120),
        (120, 470, 110),
        (220, 540, 150),
    ):
        canvas.rect((x, y), (width, 7), "#e8f0ea", round_by=4, opacity=0.7)
    canvas.path("M0 420L120 340L210 380L320 310L430 420Z", "#9cb0a6")
    canvas.path("M0 420L60 384L150 408L240 372L330 420Z", "#7f9a90")
    for x in (0, 484, 968):
        canvas.rect((x, 0), (32, 660), "#f6ede0")
        canvas.rect((x + 24, 0), (8, 660), "#dccdb8")
    canvas.rect((0, 0), (WIDTH, 34), "#f6ede0")
    canvas.rect(
        (0, 646), (WIDTH, 60), canvas.linear((0, "#fbf4ea"), (1, "#e5d5c0"), vector=(0, 0, 0, 1))
    )
    canvas.rect(
        (0, 706), (WIDTH, 94), canvas.linear((0, "#cfae8e"), (0.2, "#e6cbb0"), vector=(0, 0, 0, 1))
    )
    _put(
        canvas,
        [
            ("amphora", "terracotta", 150, 674, 0.56),
            ("bottle", "graphite", 335, 676, 0.56),
            ("gourd", "sage", 560, 674, 0.6),
            ("donut", "coral", 738, 676, 0.56),
            ("striped", "lake", 890, 674, 0.52),
        ],
    )


def breakfast(canvas: Canvas) -> None:
    """A laid breakfast table."""
    _room(canvas, "#cfdcdc", "#cfdcdc", 800)
    _window(canvas, (330, 60), (340, 330))
    _board(canvas, -20, 1040, 520, "#e3b98a", depth=300)
    canvas.path(polygon((60, 600), (940, 600), (1000, 760), (0, 760)), "#f7eee0", opacity=0.85)
    for x in range(-2, 13):
        canvas.stroke(f"M{90 + x * 70} 600L{40 + x * 80} 760", "#ea7f66", 4, opacity=0.35)
    _put(
        canvas,
        [
            ("plate", "ochre", 500, 600, 0.62),
            ("butter", "chalk", 790, 640, 0.46),
            ("mug", "ink", 220, 640, 0.5),
            ("eggcups", "coral", 560, 712, 0.4),
            ("mug", "rose", 330, 716, 0.5),
        ],
    )


def desk_scene(canvas: Canvas) -> None:
    """A desk by the window."""
    _room(canvas, "#eed7bd", "#c08c68", 610)
    _window(canvas, (110, 60), (300, 330))
    _frame(canvas, (760, 110), (140, 180), "#4a7f9c")
    for x in (130, 800):
        canvas.path(
            polygon((x, 470), (x + 28, 470), (x + 20, 740), (x + 8, 740)), mix(OAK, SHADE, 0.15)
        )
    _board(canvas, 80, 800, 450, OAK)
    _books(canvas, (600, 450), ("#c4603f", "#f4ecdf", "#2f5a4b", "#dd9c33"))
    _put(
        canvas,
        [
            ("desk", "lake", 330, 456, 0.56),
            ("mug", "sage", 780, 456, 0.22),
            ("cafe", "coral", 470, 744, 0.62),
            ("daypack", "lake", 880, 750, 0.48),
        ],
    )


def ferry_deck(canvas: Canvas) -> None:
    """Luggage on a ship, mountains behind."""
    canvas.rect(
        (0, 0),
        (WIDTH, HEIGHT),
        canvas.linear((0, "#b7d2d8"), (0.6, "#f6e2cc"), vector=(0, 0, 0, 1)),
    )
    canvas.circle((760, 170), 70, "#fbf3e0")
    canvas.path(
        "M0 380L140 210L230 290L360 150L520 340L640 250L800 370L900 300L1000 380V420H0Z", "#8fa6b4"
    )
    canvas.path(
        "M360 150L400 198L372 214L350 196L322 200ZM140 210L170 242L140 250L118 236Z", "#f4ecdf"
    )
    canvas.path("M0 400L200 320L380 390L560 330L760 400L1000 350V430H0Z", "#5f8094")
    canvas.rect(
        (0, 406), (WIDTH, 200), canvas.linear((0, "#6fa0b0"), (1, "#3f7389"), vector=(0, 0, 0, 1))
    )
    for x, y, width in (
        (80, 440, 160),
        (380, 462, 120),
        (690, 436, 190),
        (560, 500, 150),
        (180, 520, 130),
    ):
        canvas.rect((x, y), (width, 6), "#e8f0ea", round_by=3, opacity=0.6)
    for x in range(20, 1000, 120):
        canvas.rect((x, 372), (12, 210), "#f6ede0")
    for y, thick in ((366, 20), (440, 13), (510, 13)):
        canvas.rect((0, y), (WIDTH, thick), "#f6ede0", round_by=6)
        canvas.rect((0, y + 9), (WIDTH, 5), "#cdbfae", opacity=0.7)
    canvas.rect((0, 576), (WIDTH, 224), "#b98a62")
    for i in range(-6, 22):
        canvas.stroke(
            f"M{500 + (i - 8) * 64} 576L{500 + (i - 8) * 120} 800", "#8f6546", 4, opacity=0.7
        )
    canvas.rect((0, 570), (WIDTH, 12), "#7d573c")
    with canvas.clipped("M0 368H1000V800H0Z"):
        _put(canvas, [("yoke", "ink", 800, 452, 0.42)])
    _put(canvas, [("duffel", "terracotta", 640, 744, 0.62), ("rolltop", "ochre", 280, 730, 0.68)])


def hallway(canvas: Canvas) -> None:
    """A rail of hooks above a stool."""
    _room(canvas, "#d7ddd0", "#c79c7c", 640)
    canvas.rect((0, 470), (WIDTH, 170), mix("#d7ddd0", SHADE, 0.07))
    for x in range(0, 1001, 100):
        canvas.rect((x, 474), (4, 166), mix("#d7ddd0", SHADE, 0.14))
    canvas.rect((0, 464), (WIDTH, 12), mix("#d7ddd0", LIGHT, 0.7))
    canvas.rect((110, 128), (780, 40), mix(OAK, SHADE, 0.1), round_by=10)
    canvas.rect((110, 126), (780, 30), OAK, round_by=10)
    for x in (210, 400, 590, 780):
        canvas.circle((x, 150), 17, mix(WALNUT, SHADE, 0.3))
        canvas.circle((x - 2, 146), 14, WALNUT)
    with canvas.clipped("M0 0H1000V528H0Z"):
        _put(canvas, [("tote", "plum", 210, 532, 0.6)])
    _put(
        canvas,
        [
            ("scarf", "ochre", 404, 292, 0.46),
            ("beanie", "coral", 592, 238, 0.34),
            ("crew", "graphite", 782, 286, 0.5),
            ("stool", "rose", 560, 734, 0.5),
            ("drawstring", "ink", 830, 744, 0.46),
            ("daypack", "coral", 230, 744, 0.36),
        ],
    )


def wardrobe(canvas: Canvas) -> None:
    """Four sweaters on a wooden rail."""
    _room(canvas, "#f1dfce", "#d5ae8a", 690)
    with canvas.clipped("M0 0H1000V676H0Z"):
        canvas.circle((500, 430), 330, mix("#f1dfce", LIGHT, 0.6))
    for x in (60, 940):
        canvas.stroke(f"M{x} 160V720", mix(OAK, SHADE, 0.25), 20)
        canvas.stroke(f"M{x - 3} 160V720", OAK, 12)
        canvas.stroke(f"M{x - 46} 728H{x + 46}", mix(OAK, SHADE, 0.2), 18)
    canvas.stroke("M30 160H970", mix(OAK, SHADE, 0.25), 20)
    canvas.stroke("M30 157H970", OAK, 13)
    rail = (
        ("crew", "ochre"),
        ("striped_sweater", "lake"),
        ("cable", "chalk"),
        ("cardigan", "sage"),
    )
    for i, (drawing, colour) in enumerate(rail):
        x = 164 + i * 224
        canvas.stroke(
            (
                f"M{x} 222V186C{x} 170 {x + 22} 170 {x + 22} 150"
                f"C{x + 22} 130 {x - 16} 130 {x - 14} 152"
            ),
            "#8d9096",
            6,
        )
        canvas.stroke(f"M{x - 66} 262Q{x} 196 {x + 66} 262", WALNUT, 12)
        _put(canvas, [(drawing, colour, x, 372, 0.36)])
    _put(canvas, [("pouf", "forest", 250, 742, 0.3), ("duffel", "graphite", 720, 746, 0.36)])


def night_table(canvas: Canvas) -> None:
    """A lamp that is still on."""
    _room(canvas, "#3d4870", "#5a4a66", 690)
    canvas.rect((580, 60), (320, 340), "#f4ecdf", round_by=8, opacity=0.25)
    canvas.rect(
        (594, 74), (292, 312), canvas.linear((0, "#1d2547"), (1, "#39477a"), vector=(0, 0, 0, 1))
    )
    canvas.circle((790, 170), 46, "#f6e7c4")
    canvas.circle((772, 160), 42, "#232c52")
    for i in range(1, 26):
        canvas.circle(
            (600 + i * 0.7548777 % 1 * 280, 80 + i * 0.5698403 % 1 * 290),
            1.6 + i % 3,
            "#f6e7c4",
            opacity=0.8,
        )
    canvas.rect((734, 74), (12, 312), "#8f93a8")
    canvas.rect((594, 226), (292, 12), "#8f93a8")
    for x in (110, 800):
        canvas.path(polygon((x, 560), (x + 34, 560), (x + 24, 770), (x + 10, 770)), "#4a3038")
    _board(canvas, 60, 840, 540, "#7a4b3b")
    _books(canvas, (560, 540), ("#a34f3c", "#d8c7ad", "#52705f"))
    _put(
        canvas,
        [
            ("mushroom", "ochre", 250, 546, 0.6),
            ("globe", "terracotta", 480, 548, 0.42),
            ("clip", "rose", 800, 546, 0.44),
        ],
    )


def _put(canvas: Canvas, things: Sequence[Thing]) -> None:
    for drawing, colour, x, y, scale in things:
        with canvas.placed(x, y, scale):
            THINGS[drawing].paint(canvas, tone(colour))


def _room(canvas: Canvas, wall: str, ground: str, horizon: float) -> None:
    paint = canvas.linear(
        (0, mix(wall, LIGHT, 0.35)), (1, mix(wall, SHADE, 0.06)), vector=(0, 0, 1, 1)
    )
    canvas.rect((0, 0), (WIDTH, HEIGHT), paint)
    low = canvas.linear(
        (0, mix(ground, SHADE, 0.1)),
        (0.3, ground),
        (1, mix(ground, LIGHT, 0.2)),
        vector=(0, 0, 0, 1),
    )
    canvas.rect((0, horizon), (WIDTH, HEIGHT - horizon), low)
    canvas.rect((0, horizon - 14), (WIDTH, 14), mix(wall, LIGHT, 0.5))


def _window(canvas: Canvas, corner: Point, size: Point) -> None:
    (x, y), (width, height) = corner, size
    canvas.rect((x - 16, y - 16), (width + 32, height + 32), "#f8f0e4", round_by=6)
    canvas.rect(corner, size, canvas.linear((0, "#a9cdd6"), (1, "#f3e6d0"), vector=(0, 0, 0, 1)))
    low, high = num(y + height * 0.78), num(y + height * 0.6)
    hills = (
        f"M{x} {y + height}V{low}Q{x + width * 0.3:.0f} {high} {x + width * 0.55:.0f} {low}"
        f"T{x + width} {y + height * 0.7:.0f}V{y + height}Z"
    )
    canvas.path(hills, "#8fab92")
    canvas.rect((x + width / 2 - 6, y), (12, height), "#f8f0e4")
    canvas.rect((x, y + height * 0.45), (width, 12), "#f8f0e4")
    canvas.rect((x - 30, y + height + 14), (width + 60, 16), "#fdf8ef", round_by=4)


def _frame(canvas: Canvas, corner: Point, size: Point, paint: str) -> None:
    (x, y), (width, height) = corner, size
    canvas.rect((x + 8, y + 12), size, SHADE, opacity=0.14)
    canvas.rect(corner, size, OAK)
    canvas.rect((x + 9, y + 9), (width - 18, height - 18), "#fbf4e8")
    canvas.circle((x + width / 2, y + height * 0.44), width * 0.24, paint)
    canvas.path(
        (
            f"M{x + 24} {y + height - 30}"
            f"Q{x + width / 2} {y + height * 0.5:.0f} {x + width - 24} {y + height - 30}Z"
        ),
        mix(paint, SHADE, 0.4),
    )


def _board(
    canvas: Canvas, left: float, width: float, top: float, wood: str, *, depth: float = 34
) -> None:
    canvas.rect(
        (left, top),
        (width, depth),
        canvas.linear(
            (0, mix(wood, LIGHT, 0.3)),
            (0.4, wood),
            (1, mix(wood, SHADE, 0.25)),
            vector=(0, 0, 0, 1),
        ),
        round_by=8,
    )
    canvas.rect((left + 4, top), (width - 8, 7), mix(wood, LIGHT, 0.55), round_by=3)


def _books(canvas: Canvas, corner: Point, paints: Sequence[str]) -> None:
    x, y = corner
    for i, paint in enumerate(paints):
        top, inset = y - (i + 1) * 24, i * 9 % 22
        canvas.rect((x + inset, top), (150 - i * 8, 23), paint, round_by=4)
        canvas.rect((x + inset + 14, top + 8), (40, 5), LIGHT, opacity=0.6)


SCENES: dict[str, Callable[[Canvas], None]] = {
    "reading_corner": reading_corner,
    "long_table": long_table,
    "window_sill": window_sill,
    "breakfast": breakfast,
    "desk_scene": desk_scene,
    "ferry_deck": ferry_deck,
    "hallway": hallway,
    "wardrobe": wardrobe,
    "night_table": night_table,
}
