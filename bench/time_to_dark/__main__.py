"""`vitrine bench time-to-dark`: the command."""

import os
from collections import Counter
from dataclasses import dataclass, replace
from typing import Annotated, Any

import uvloop
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress

from bench.report import Report
from bench.time_to_dark.catalogue import FULL, LICENCES, QUICK, Family, Sizes
from bench.time_to_dark.figures import aims_of, figures_of
from bench.time_to_dark.house import WatchedHouse, open_house
from bench.time_to_dark.loss import Loss
from bench.time_to_dark.measure import Measurement, measure
from bench.time_to_dark.places import PURGE_MARGIN_S
from bench.time_to_dark.run import Plan
from bench.varnish import varnish_version

_Flag = Annotated[bool, Parameter(negative=())]
_REVOCATIONS_PER_KEY = 200
_LICENCES, _LICENCES_EVERY_S = 60, 2.0
_SEED = 20_260_101


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """What `--quick` makes smaller.

    Attributes:
        every_s, every_many_s: between revocations, with one gateway and with more.
        send_timeout_s: the setting; the last pass of purges is due a lease and 5 s after it.
    """

    sizes: Sizes
    revocations: int
    every_s: float
    every_many_s: float
    send_timeout_s: float
    load_hz: float


_FULL = _Scale(
    sizes=FULL,
    revocations=1000,
    every_s=0.3,
    every_many_s=0.45,
    send_timeout_s=30,
    load_hz=200,
)
_QUICK = _Scale(
    sizes=QUICK,
    revocations=20,
    every_s=0.1,
    every_many_s=0.4,
    send_timeout_s=1,
    load_hz=50,
)

app = App(help="Measure how long an image is still delivered after its right has ended.")


@app.default
def main(  # noqa: PLR0913 - one parameter for each option
    *,
    gateways: int = 1,
    revocations: int | None = None,
    burst: int = 1,
    licence_assets: int | None = None,
    without: Loss | None = None,
    load_hz: float | None = None,
    seed: int = _SEED,
    varnish: bool = True,
    quick: _Flag = False,
    json: _Flag = False,
) -> None:
    """Revoke rights of random kinds under delivery load, and ask for the images meanwhile.

    Args:
        gateways: how many processes; all of them are asked.
        revocations: how many.
        burst: how many are committed at once; one in ten of them is watched.
        licence_assets: so many assets rest on each licence, and licences alone are revoked.
        without: purger, purge API or drivers are taken away, and with them the plain edge, which
            has nothing else.
        load_hz: requests a second of the load, all gateways and edges together.
        seed: of every random choice.
        varnish: whether to put one of each mode in front of the first gateway.
        quick: the smallest size that means something.
        json: print one JSON object.
    """
    scale = _QUICK if quick else _FULL
    if licence_assets is not None:
        scale = _of_licences(scale, licence_assets)
    count = revocations or scale.revocations
    keys = max(1, count // _REVOCATIONS_PER_KEY) if licence_assets is None else 0
    plan = Plan(
        revocations=count,
        key_revocations=keys,
        burst=burst,
        every_s=scale.every_s if gateways == 1 else scale.every_many_s,
        seed=seed,
    )
    rate_hz = load_hz or scale.load_hz
    console = Console(stderr=True, quiet=json)
    console.print("Making a catalogue, and starting everything")
    with (
        open_house(
            scale.sizes,
            gateways=gateways,
            with_varnish=varnish,
            without=without,
            send_timeout_s=scale.send_timeout_s,
        ) as house,
        Progress(console=console, disable=json) as progress,
    ):
        task = progress.add_task("revocations", total=count)
        measured = uvloop.run(
            measure(
                house, scale.sizes, plan, load_hz=rate_hz, advance=lambda: progress.advance(task)
            )
        )
    _report(house, scale.sizes, plan, rate_hz, measured).print(as_json=json)


def _of_licences(scale: _Scale, assets: int) -> _Scale:
    """Return the scale with nothing but licences that so many assets rest on."""
    size = LICENCES[Family.LICENCE]
    sizes = {Family.LICENCE: replace(size, others=max(0, assets - size.images))}
    return replace(scale, sizes=sizes, revocations=_LICENCES, every_s=_LICENCES_EVERY_S)


def _report(
    house: WatchedHouse, sizes: Sizes, plan: Plan, load_hz: float, measured: Measurement
) -> Report:
    figures = figures_of(measured)
    lease_s = house.settings.lease_s
    licence = sizes[Family.LICENCE]
    only_bounds = bool(len(house.gateways) > 1 or plan.burst > 1 or house.without or licence.others)
    settings: dict[str, Any] = {
        "gateways": len(house.gateways),
        "varnish": varnish_version() if house.edges else None,
        "images": sum(size.units * size.images for size in sizes.values()),
        "seed": plan.seed,
        "every_s": plan.every_s,
        "burst": plan.burst,
        "assets_of_a_licence": licence.images + licence.others,
        "without": house.without,
        "load_hz": load_hz,
        "lease_s": lease_s,
        "last_pass_after_s": house.settings.purge_times.last_s,
        "plain_margin_s": PURGE_MARGIN_S,
        "kinds": dict(sorted(Counter(each.kind for each in measured.seen.outcomes).items())),
        "cores": os.cpu_count(),
    }
    return Report(
        name="time-to-dark",
        settings=settings,
        figures=figures,
        at_most=aims_of(figures, only_bounds=only_bounds, lease_s=lease_s),
    )


if __name__ == "__main__":
    app()
