"""The shop's colours: one palette for products, and the wall and floor that suit each."""

from dataclasses import dataclass

LIGHT = "#fff5e4"
SHADE = "#2b1d45"
"""Lights are mixed toward warm paper, shadows toward aubergine, so that all pictures agree."""

CREAM, BRASS, OAK, WALNUT, LEATHER, STEEL = (
    "#f4ecdf", "#cf9f4f", "#d2a06a", "#8a5a3b", "#a8683d", "#8d9096",
)  # fmt: skip
LEAF, SUNLIGHT, OPAL = "#4f7a58", "#ffdf9e", "#fff3da"

COLOURS = {
    "chalk": "#ece4d6",
    "sand": "#d9bd92",
    "ochre": "#dd9c33",
    "terracotta": "#c4603f",
    "coral": "#ea7f66",
    "rose": "#e0a79c",
    "plum": "#743f56",
    "ink": "#2c4163",
    "lake": "#4a7f9c",
    "sky": "#a5c8d4",
    "moss": "#7a8448",
    "sage": "#a3b596",
    "forest": "#2f5a4b",
    "graphite": "#4a4a50",
}

ROOMS = {
    "chalk": ("#c3cfbd", "#aebda8"),
    "sand": ("#c7d6d8", "#b0c4c8"),
    "ochre": ("#cadade", "#b3c8cf"),
    "terracotta": ("#f0ddc6", "#e2c6a6"),
    "coral": ("#d3e0d6", "#bccfc2"),
    "rose": ("#dfe3cf", "#cdd3b6"),
    "plum": ("#f1d9cd", "#e4bfae"),
    "ink": ("#f5dcc0", "#e8c39c"),
    "lake": ("#f6e3c8", "#ebcda6"),
    "sky": ("#f3d9c8", "#e8c0a9"),
    "moss": ("#f2e2bf", "#e5cd9c"),
    "sage": ("#f5e0d3", "#e9c7b3"),
    "forest": ("#f3d6c4", "#e5bba2"),
    "graphite": ("#ead9c4", "#dac0a2"),
}
"""Per colour: wall and floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One colour in the light and in the shade.

    Attributes:
        accent: a second colour that goes with it.
    """

    base: str
    light: str
    dark: str
    deep: str
    accent: str


ACCENTS = {
    "chalk": "terracotta", "sand": "lake", "ochre": "ink", "terracotta": "chalk", "coral": "plum",
    "rose": "chalk", "plum": "rose", "ink": "chalk", "lake": "chalk", "sky": "ink", "moss": "ochre",
    "sage": "forest", "forest": "rose", "graphite": "ochre",
}  # fmt: skip


def tone(colour: str) -> Tone:
    """Return a colour of the palette, by its option code."""
    return shaded(COLOURS[colour], accent=COLOURS[ACCENTS[colour]])


def shaded(base: str, *, accent: str = CREAM) -> Tone:
    """Return any colour in the light and in the shade."""
    return Tone(
        base=base,
        light=mix(_brightened(base), LIGHT, 0.2),
        dark=mix(base, SHADE, 0.24),
        deep=mix(base, SHADE, 0.48),
        accent=accent,
    )


def _brightened(colour: str) -> str:
    # mixing a dark blue with warm paper alone would turn it grey
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{min(255, round(c * 1.24 + 16)):02x}" for c in channels)


def mix(one: str, other: str, share: float) -> str:
    """Mix two `#rrggbb` colours; `share` is how much of the other there is, 0 to 1."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
