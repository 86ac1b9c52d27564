"""`delivery-bytes`: how many bytes a picture takes in each format, where all look equally good.

Each server makes the same pictures at a few qualities. How good they look is SSIMULACRA2 against
the whole original, scaled once by Pillow: whoever gives an encoder softer pixels pays for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from cyclopts import App, Parameter
from PIL import Image

from bench.delivery.client import ask, get
from bench.delivery.equally_good import AllMade, Made, OutputKind, figures_of, ratios_of
from bench.delivery.house import open_house
from bench.delivery.peers import PEERS, chosen_peers, settings_of, versions_of
from bench.delivery.pictures import copy_photographs, draw_photographs
from bench.delivery.renders import FORMATS, RenderSide, Rendition, open_sides, preset_of
from bench.peers.ssimulacra2 import SSIMULACRA2, scores
from bench.report import Report
from bench.shop import preset
from catalog.delivery.model import Format
from imaging.pipeline.encode import QUALITY_PERCENT

_FEWEST = 0.99  # within one percent of whoever takes the fewest bytes
_APART = 1.0  # between the scores of the formats' default qualities, at the most
_CONNECTIONS = 4
_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How large a run is.

    Attributes:
        drawn_px: width and height of pictures that are drawn.
        width_px: of what is made of a picture.
        ladder_percent: the qualities of each format, two at the least.
    """

    drawn_px: tuple[int, int] = (1274, 1580)
    width_px: int = 640
    ladder_percent: Mapping[Format, Sequence[int]]


_WHOLE = _Size(
    ladder_percent={
        Format.JPEG: (60, 70, 80, 90),
        Format.WEBP: (60, 70, 80, 90),
        Format.AVIF: (45, 55, 65, 75),
    }
)
_QUICK = _Size(
    drawn_px=(320, 400),
    width_px=160,
    ladder_percent={Format.JPEG: (60, 90), Format.WEBP: (60, 90), Format.AVIF: (45, 75)},
)

app = App(help="Measure the bytes of pictures that look equally good, beside the peers.")


@app.default
def measure(
    *,
    data: Path | None = None,
    pictures: int = 12,
    groups: int = 3,
    peers: tuple[str, ...] = tuple(PEERS),
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Have a gateway and its peers make the same pictures at a few qualities of each format.

    Args:
        data: folder of photographs at least 640 px wide; without it pictures are drawn.
        pictures: how many of them.
        groups: that they are dealt out to; each gives one value.
        peers: which take part, of `thumbor`, `ipx` and `imgproxy`; the first two are installed if
            need be, and the last where `VITRINE_BENCH_IMGPROXY` names it.
        quick: 1 picture, 160 px wide, at two qualities of each format, only peers that are
            installed, and only bytes where the measure of scores is not.
        json: print one JSON object.
    """
    size = _QUICK if quick else _WHOLE
    if quick:
        pictures, groups = 1, 1
    else:
        SSIMULACRA2.install()
    taking_part = chosen_peers(peers, quick=quick)
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        place = Path(folder) / "pictures"
        found = (
            draw_photographs(place, pictures, size.drawn_px)
            if data is None
            else _spread(copy_photographs(data, place, _MOST, min_width_px=size.width_px), pictures)
        )
        with (
            open_house(found, list(_presets(size))) as house,
            open_sides(house, place, taking_part) as sides,
        ):
            answers = _Answers(found, size, Path(folder) / "answers")
            for name, side in sides.items():
                answers.take(name, side)
        made = answers.scored()
    ratios = ratios_of(made, groups)
    Report(
        name="delivery-bytes",
        settings={
            "photographs": "drawn" if data is None else "given",
            "pictures": len(found),
            "groups": groups,
            "width_px": size.width_px,
            "quality_percent": {each.value: QUALITY_PERCENT[each] for each in FORMATS},
            "ladder_percent": {each.value: size.ladder_percent[each] for each in FORMATS},
            "sharpen": False,
            **settings_of(peers, taking_part),
        },
        versions={**versions_of(taking_part), **SSIMULACRA2.versions},
        figures=figures_of(made, groups),
        ratios=ratios,
        at_least={name: _FEWEST for name in taking_part if name in ratios},
        at_most={"scores_apart": _APART} if ratios else {},
    ).print(as_json=json)


def _spread(found: Sequence[Path], count: int) -> Sequence[Path]:
    """Return so many of all: those that lie side by side are often of one kind."""
    return found[:: max(1, len(found) // count)][:count]


def _presets(size: _Size) -> Iterator[dict[str, Any]]:
    """Yield one that states no quality, and one for each quality that is asked for."""
    recipe = {"widths_px": [size.width_px], "formats": list(FORMATS), "sharpen": False}
    yield preset(preset_of(None), **recipe)
    for percent in sorted({each for ladder in size.ladder_percent.values() for each in ladder}):
        stated = {each.value: percent for each in FORMATS}
        yield preset(preset_of(percent), **recipe, quality_percent=stated)


class _Answers:
    """What the servers made, in files, beside the originals in the same size."""

    def __init__(self, pictures: Sequence[Path], size: _Size, folder: Path) -> None:
        self._pictures = pictures
        self._size = size
        self._folder = folder
        self._made: dict[OutputKind, list[Path]] = {}
        folder.mkdir()

    def take(self, name: str, side: RenderSide) -> None:
        """Ask a server for every picture in every format and quality."""
        for wanted, ladder in self._size.ladder_percent.items():
            for percent in (None, *ladder):
                kind = OutputKind(name, wanted, percent)
                self._made[kind] = self._ask(side, kind)

    def scored(self) -> AllMade:
        """Return what was made; without scores where their measure is not installed."""
        paths = [path for made in self._made.values() for path in made]
        pairs = [(self._original_of(number, path), path) for number, path in self._numbered()]
        found = iter(scores(pairs) if SSIMULACRA2.is_installed else [None] * len(paths))
        return {
            kind: [Made(path.stat().st_size, next(found)) for path in made]
            for kind, made in self._made.items()
        }

    def _numbered(self) -> Iterator[tuple[int, Path]]:
        for made in self._made.values():
            yield from enumerate(made)

    def _ask(self, side: RenderSide, kind: OutputKind) -> list[Path]:
        wanted = [
            Rendition(
                number=number,
                picture=path.name,
                width_px=self._size.width_px,
                format=kind.format,
                quality_percent=kind.quality_percent,
            )
            for number, path in enumerate(self._pictures)
        ]
        stem = f"{kind.side}-{kind.quality_percent}"
        paths = [self._folder / f"{stem}-{each.number}.{kind.format}" for each in wanted]

        def take(index: int, _head: bytes, body: bytes) -> None:
            paths[index].write_bytes(body)

        requests = [get(side.url_of(each)) for each in wanted]
        ask(side.server.port, requests, connections=_CONNECTIONS, take=take)
        return paths

    def _original_of(self, number: int, made: Path) -> Path:
        """Return the original as large as what was made of it, which is not the same for all."""
        with Image.open(made) as answer:
            size_px = answer.size
        path = self._folder / f"original-{number}-{size_px[1]}.png"
        if not path.is_file():
            with Image.open(self._pictures[number]) as picture:
                colour = picture.convert("RGB")
            scaled = colour.resize(size_px, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType] - an optional dependency's type
            scaled.save(path, compress_level=1)
        return path


if __name__ == "__main__":
    app()
