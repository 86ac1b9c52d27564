"""`delivery-srcset`: all that a page may ask for of a large master, none of it made before."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.house import open_house
from bench.delivery.peers import PEERS, chosen_peers, settings_of, versions_of
from bench.delivery.pictures import enlarge, gather_photographs
from bench.delivery.renders import (
    FORMATS,
    PRESET,
    Rendition,
    figures_of,
    in_rounds,
    open_sides,
    ratios_of,
)
from bench.peers.ipx import has_jemalloc
from bench.report import Report
from bench.shop import preset
from imaging.pipeline.encode import QUALITY_PERCENT

_WIDTHS_PX = (320, 480, 640, 960, 1280, 1920)
_MASTER_PX = (6000, 4000)
_DRAWN_PX = (1500, 1000)
_LABEL = "srcset"
_AIM = 2.0

app = App(help="Measure how fast the srcsets of large masters are made, beside their peers.")


@app.default
def measure(  # noqa: PLR0913 - one parameter for each option
    *,
    data: Path | None = None,
    masters: int = 2,
    rounds: int = 5,
    connections: int = 8,
    peers: tuple[str, ...] = tuple(PEERS),
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask a gateway and its peers, in turn, for six widths in three formats of each master.

    Args:
        data: folder of photographs that are enlarged to masters; without it they are drawn.
        masters: of 24 megapixels, new in each round.
        rounds: that count; one more comes first and does not.
        connections: with one request in flight on each.
        peers: which take part, of `thumbor`, `ipx` and `imgproxy`; the first two are installed if
            need be, and the last where `VITRINE_BENCH_IMGPROXY` names it.
        quick: 1 master of 1.5 megapixels, 3 widths, 1 round, 4 connections, and only peers that are
            installed.
        json: print one JSON object.
    """
    size_px, widths_px = _MASTER_PX, _WIDTHS_PX
    if quick:
        masters, rounds, connections, size_px, widths_px = 1, 1, 4, _DRAWN_PX, _WIDTHS_PX[:3]
    taking_part = chosen_peers(peers, quick=quick)
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        drawn, place = Path(folder) / "drawn", Path(folder) / "pictures"
        count = masters * (rounds + 1)
        sources = gather_photographs(data, drawn, count, drawn_px=_DRAWN_PX, min_width_px=1)
        found = enlarge(sources, place, size_px)
        recipe = preset(PRESET, widths_px=widths_px, formats=list(FORMATS), sharpen=False)
        with (
            open_house(found, [recipe]) as house,
            open_sides(house, place, taking_part) as sides,
        ):
            asked_for = _rounds(found, widths_px, masters, rounds + 1)
            laps = in_rounds(sides, asked_for, connections=connections)
    ratios = ratios_of(laps)
    if taking_part:
        of_peers = zip(*(ratios[name] for name in taking_part), strict=True)
        ratios["best_peer"] = [min(each) for each in of_peers]
    Report(
        name="delivery-srcset",
        settings={
            "photographs": "drawn" if data is None else "given",
            "masters_each_round": masters,
            "master_px": size_px,
            "widths_px": widths_px,
            "quality_percent": {each.value: QUALITY_PERCENT[each] for each in FORMATS},
            "sharpen": False,
            "connections": connections,
            "rounds": rounds,
            **settings_of(peers, taking_part),
            "ipx_allocator": "jemalloc" if has_jemalloc() else "glibc",
            "cores": os.cpu_count(),
        },
        versions=versions_of(taking_part),
        figures=figures_of(laps),
        ratios=ratios,
        at_least={"best_peer": _AIM} if taking_part else {},
    ).print(as_json=json)


def _rounds(
    found: Sequence[Path], widths_px: Sequence[int], masters: int, count: int
) -> Iterator[Mapping[str, Sequence[Rendition]]]:
    """Ask for one master after the other, as pages do."""
    for number in range(count):
        yield {
            _LABEL: [
                Rendition(number=each, picture=found[each].name, width_px=width_px, format=wanted)
                for each in range(number * masters, (number + 1) * masters)
                for width_px in widths_px
                for wanted in FORMATS
            ]
        }


if __name__ == "__main__":
    app()
