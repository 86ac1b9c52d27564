"""`delivery-mixed`: what those who ask for stored renditions notice of those who ask for new ones.

The load is open: requests come at a fixed rate, whether or not the ones before are answered.
"""

import math
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.client import ClientTimes, Request, ask, get
from bench.delivery.house import DeliveryHouse, open_house
from bench.delivery.pictures import gather_photographs
from bench.delivery.renders import FORMATS, PRESET
from bench.report import Figure, Report
from bench.shop import preset

_WARM_PX, _COLD_PX = 320, 640
_PICTURE_PX = (1274, 1580)
_COLD_SHARE = 0.05
_WARM_IN_A_ROUND = 3_000
_AIM = 3.0
_SEED = 20_260_101

app = App(help="Measure how long stored renditions take while others are being made.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Warm:
    """The warm requests of one round.

    Attributes:
        latencies_s: ascending.
        repeated: how often the gateway was busy and a request was sent again, of any kind.
    """

    latencies_s: Sequence[float]
    repeated: int

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that so many percent do not exceed."""
        rank = math.ceil(percent / 100 * len(self.latencies_s))
        return round(1000 * self.latencies_s[max(0, rank - 1)], 2)


@app.default
def measure(  # noqa: PLR0913 - one parameter for each option
    *,
    data: Path | None = None,
    pictures: int = 350,
    rate_hz: float = 200,
    rounds: int = 5,
    connections: int = 64,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Ask for stored renditions alone, then with one new rendition in twenty, in turn.

    Args:
        data: folder of photographs at least 640 px wide; without it pictures are drawn.
        pictures: how many of them; they bound how many new renditions there are.
        rate_hz: requests a second with the new ones; those of the warm ones are the same in both.
        rounds: of each kind.
        connections: that are kept; a request that finds none free waits, and that counts.
        quick: 20 pictures, 1 round.
        json: print one JSON object.
    """
    if quick:
        pictures, rounds = 20, 1
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        place = Path(folder) / "pictures"
        found = gather_photographs(
            data, place, pictures, drawn_px=_PICTURE_PX, min_width_px=_COLD_PX
        )
        recipe = preset(PRESET, widths_px=[_WARM_PX, _COLD_PX], formats=list(FORMATS))
        with open_house(found, [recipe]) as house:
            load = _Load(house, connections=connections)
            cold_each = min(
                round(_WARM_IN_A_ROUND * _COLD_SHARE / (1 - _COLD_SHARE)),
                len(load.cold) // rounds,
            )
            alone, mixed = load.run_in_turn(rounds, cold_each, rate_hz)
    growth = [
        with_cold.percentile_ms(99) / without.percentile_ms(99)
        for with_cold, without in zip(mixed, alone, strict=True)
    ]
    Report(
        name="delivery-mixed",
        settings={
            "photographs": "drawn" if data is None else "given",
            "pictures": len(found),
            "rate_hz": rate_hz,
            "warm_share": 1 - _COLD_SHARE,
            "cold_in_a_round": cold_each,
            "connections": connections,
            "rounds": rounds,
            "cores": os.cpu_count(),
        },
        figures={
            **_figures("alone", alone),
            **_figures("mixed", mixed),
            "warm_p99_growth": Figure(values=[round(each, 3) for each in growth], unit="times"),
        },
        at_most={"warm_p99_growth": _AIM},
    ).print(as_json=json)


class _Load:
    """The requests of a house: those whose renditions are stored, and those for new ones.

    Attributes:
        cold: each for a rendition that has not been made; ask once for each.
    """

    def __init__(self, house: DeliveryHouse, *, connections: int) -> None:
        self._chance = random.Random(_SEED)  # noqa: S311 - an order
        self._port = house.gateway.port
        self._connections = connections
        warm, self.cold = (list(_requests(house, width_px)) for width_px in (_WARM_PX, _COLD_PX))
        self._chance.shuffle(self.cold)
        # few at once: what is not stored yet waits for a render
        ask(self._port, warm, connections=8)
        self._warm = cycle(warm)

    def run_in_turn(
        self, rounds: int, cold_each: int, rate_hz: float
    ) -> tuple[list[_Warm], list[_Warm]]:
        """Return the rounds without and those with new renditions; which is first changes."""
        alone: list[_Warm] = []
        mixed: list[_Warm] = []
        for number in range(rounds):
            cold = self.cold[number * cold_each : (number + 1) * cold_each]
            kinds = [(alone, ()), (mixed, cold)]
            for kept, added in kinds if number % 2 else reversed(kinds):
                kept.append(self.run(added, len(cold), rate_hz))
        return alone, mixed

    def run(self, cold: Sequence[Request], cold_planned: int, rate_hz: float) -> _Warm:
        """Send warm requests at their rate, and these cold ones spread among them.

        Args:
            cold: none: the same warm load without them.
            cold_planned: how many there are in the round that it is compared with.
            rate_hz: of warm and cold requests together, where there are cold ones.
        """
        count = round(cold_planned * (1 - _COLD_SHARE) / _COLD_SHARE)
        warm = [next(self._warm) for _ in range(count)]
        is_cold = [False] * len(warm) + [True] * len(cold)
        self._chance.shuffle(is_cold)
        warm_left, cold_left = iter(warm), iter(cold)
        requests = [next(cold_left if each else warm_left) for each in is_cold]
        rate = rate_hz if cold else rate_hz * (1 - _COLD_SHARE)
        outcome: ClientTimes = ask(
            self._port, requests, connections=self._connections, rate_hz=rate
        )
        latencies = zip(outcome.latencies_s, is_cold, strict=True)
        return _Warm(
            latencies_s=sorted(seconds for seconds, new in latencies if not new),
            repeated=outcome.repeated,
        )


def _requests(house: DeliveryHouse, width_px: int) -> Iterator[Request]:
    for image in house.images:
        for wanted in FORMATS:
            yield get(image.url(house.keys, preset=PRESET, width_px=width_px, format=wanted))


def _figures(name: str, rounds: Sequence[_Warm]) -> dict[str, Figure]:
    figures = {
        f"{name}_p{percent}_ms": Figure(
            values=[each.percentile_ms(percent) for each in rounds], unit="ms"
        )
        for percent in (50, 99)
    }
    repeated = Figure(values=[each.repeated for each in rounds], unit="requests")
    return {**figures, f"{name}_repeated": repeated}


if __name__ == "__main__":
    app()
