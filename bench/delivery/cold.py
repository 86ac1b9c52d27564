"""`delivery-cold`: every request a rendition that nobody has made, of photographs in one width."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.house import open_house
from bench.delivery.peers import PEERS, chosen_peers, settings_of, versions_of
from bench.delivery.pictures import gather_photographs
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

_WIDTH_PX = 640
_PICTURE_PX = (1274, 1580)
#: A median of as much is level with a peer: rounds of one and the same server differ by more.
_LEVEL = 0.97

app = App(help="Measure how fast renditions are made, beside their peers.")


@app.default
def measure(  # noqa: PLR0913 - one parameter for each option
    *,
    data: Path | None = None,
    pictures: int = 600,
    rounds: int = 5,
    connections: int = 8,
    peers: tuple[str, ...] = tuple(PEERS),
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask a gateway and its peers, in turn, for the same renditions, one format after the other.

    Args:
        data: folder of photographs at least 640 px wide; without it pictures are drawn.
        pictures: how many of them; each is rendered in one round.
        rounds: that count; one more comes first and does not.
        connections: with one request in flight on each.
        peers: which take part, of `thumbor`, `ipx` and `imgproxy`; the first two are installed if
            need be, and the last where `VITRINE_BENCH_IMGPROXY` names it.
        quick: 4 pictures, 1 round, 4 connections, and only peers that are installed.
        json: print one JSON object.
    """
    if quick:
        pictures, rounds, connections = 4, 1, 4
    taking_part = chosen_peers(peers, quick=quick)
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        place = Path(folder) / "pictures"
        found = gather_photographs(
            data, place, pictures, drawn_px=_PICTURE_PX, min_width_px=_WIDTH_PX
        )
        recipe = preset(PRESET, widths_px=[_WIDTH_PX], formats=list(FORMATS), sharpen=False)
        with (
            open_house(found, [recipe]) as house,
            open_sides(house, place, taking_part) as sides,
        ):
            laps = in_rounds(sides, _rounds(found, rounds + 1), connections=connections)
    Report(
        name="delivery-cold",
        settings={
            "photographs": "drawn" if data is None else "given",
            "pictures": len(found),
            "width_px": _WIDTH_PX,
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
        ratios=ratios_of(laps),
        at_least={
            **dict.fromkeys(taking_part, _LEVEL),
            **{f"{peer}_memory": 1.0 for peer in taking_part},
        },
    ).print(as_json=json)


def _rounds(found: Sequence[Path], count: int) -> Iterator[Mapping[str, Sequence[Rendition]]]:
    """Deal the pictures out to the rounds: each is new in its round."""
    for number in range(count):
        yield {
            wanted.value: [
                Rendition(number=each, picture=found[each].name, width_px=_WIDTH_PX, format=wanted)
                for each in range(number, len(found), count)
            ]
            for wanted in FORMATS
        }


if __name__ == "__main__":
    app()
