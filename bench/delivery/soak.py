"""`soak`: whether the engine's memory stays flat over thousands of renders of every kind.

The engine is the gateway's: its render pool with its limits, in a process of its own with no cache
of renditions, so that what grows is what is lost.
"""

import asyncio
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from cyclopts import App, Parameter

from bench.delivery.pictures import copy_photographs, draw_photographs, enlarge
from bench.report import Figure, Report
from catalog.delivery.model import CropMode, Format, Recipe, RenditionRequest
from imaging.pool import PoolLimits, RenderPool, open_render_pool

_PICTURE_PX = (1274, 1580)
_LARGE_PX = (6000, 4000)
_LARGE_EVERY = 50
_FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG)
_WIDTHS_PX = (160, 320, 480, 640, 960)
_DEADLINE_S = 120.0
_SETTLED_S = 3.0
_QUICK_RENDERS = 20
_SEED = 20_260_101
_AIM = 1.1
_MIB = 1024 * 1024
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

app = App(help="Measure whether memory stays flat over many renders of every kind.")


@app.default
def measure(
    *,
    data: Path | None = None,
    renders: int = 10_000,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Render in every format, many sizes and crops; compare the memory at the end and early on.

    Args:
        data: folder of photographs; without it pictures are drawn.
        renders: in all; the growth counts from a tenth of them on.
        quick: 20 renders, and no rest between them: the figures mean nothing.
        json: print one JSON object.
    """
    if quick:
        renders = _QUICK_RENDERS
    with TemporaryDirectory(prefix="vitrine-bench-") as folder:
        # elsewhere: what drawing leaves behind is not the engine's
        with ProcessPoolExecutor(1, get_context("spawn")) as painter:
            small, large = painter.submit(
                _pictures, Path(folder), data, 4 if quick else 60
            ).result()
        settled_s = 0.0 if quick else _SETTLED_S
        early, late, samples = asyncio.run(_soak(small, large, renders, settled_s))
    Report(
        name="soak",
        settings={
            "renders": renders,
            "early_at": renders // 10,
            "pictures": len(small),
            "large_masters_every": _LARGE_EVERY,
            "formats": [each.value for each in _FORMATS],
            "malloc_arena_max": os.environ.get("MALLOC_ARENA_MAX"),
            "cores": os.cpu_count(),
        },
        figures={
            "rss_growth": Figure(values=[round(late / early, 3)], unit="times"),
            "rss_early_mib": Figure(values=[round(early / _MIB, 1)], unit="MiB"),
            "rss_late_mib": Figure(values=[round(late / _MIB, 1)], unit="MiB"),
            "rss_mib": Figure(values=[round(each / _MIB, 1) for each in samples], unit="MiB"),
        },
        at_most={"rss_growth": _AIM},
    ).print(as_json=json)


def _pictures(folder: Path, data: Path | None, count: int) -> tuple[Sequence[Path], Sequence[Path]]:
    small = (
        draw_photographs(folder / "pictures", count, _PICTURE_PX)
        if data is None
        else copy_photographs(data, folder / "pictures", count, min_width_px=1)
    )
    return small, enlarge(small[:2], folder / "large", _LARGE_PX)


async def _soak(
    small: Sequence[Path], large: Sequence[Path], renders: int, settled_s: float
) -> tuple[int, int, Sequence[int]]:
    """Return resident bytes after a tenth, at the end, and after each twentieth.

    Each is taken once the pool has been idle and has given back what is free: else what happened
    to be rendered last decides.
    """
    chance = random.Random(_SEED)  # noqa: S311 - a mixture
    work = ((_master(chance, number, small, large), _wanted(chance)) for number in range(renders))
    samples: list[int] = []
    step = max(1, renders // 20)
    # a machine that others use too must not end a render: those have tests of their own
    async with open_render_pool(PoolLimits(deadline_s=_DEADLINE_S, idle_s=_SETTLED_S / 2)) as pool:
        while batch := list(islice(work, step)):
            await _render(pool, batch)
            await asyncio.sleep(settled_s)
            samples.append(_resident_bytes())
    return samples[1], samples[-1], samples


async def _render(pool: RenderPool, batch: Sequence[tuple[Path, RenditionRequest]]) -> None:
    """Keep all threads and a short queue busy, as a gateway under load."""
    left = iter(batch)

    async def work() -> None:
        for master, request in left:
            await pool.run(master, request)

    async with asyncio.TaskGroup() as group:
        for _ in range(2 * PoolLimits().threads):
            group.create_task(work())


def _master(
    chance: random.Random, number: int, small: Sequence[Path], large: Sequence[Path]
) -> Path:
    return chance.choice(large if number % _LARGE_EVERY == 0 else small)


def _wanted(chance: random.Random) -> RenditionRequest:
    mode = chance.choice(list(CropMode))
    recipe = Recipe(
        mode=mode,
        ratio=chance.choice((None, (1, 1), (4, 5), (16, 9))),
        widths_px=_WIDTHS_PX,
        formats=_FORMATS,
    )
    return RenditionRequest(
        source_sha256="0" * 64,
        master_key="originals",
        recipe=recipe,
        width_px=chance.choice(_WIDTHS_PX),
        format=chance.choice(_FORMATS),
    )


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES


if __name__ == "__main__":
    app()
