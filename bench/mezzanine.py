"""`mezzanine`: what a large master costs and loses, rendered directly and from its mezzanine.

Photographs are enlarged to 24 megapixels and given grain, so that there is detail at every scale.
The reference of a width is the whole picture, decoded without shrinking and then scaled. Times are
those of the processor, which others on the machine change little.
"""

import math
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import App, Parameter

from bench.report import Figure, Report
from catalog.delivery.geometry import Size, plan
from catalog.delivery.model import Format, Recipe, RenditionRequest
from imaging.mezzanine import Mezzanine, make_mezzanine, mezzanine_serving, mezzanine_size
from imaging.pipeline.load import OpenMaster, RenderSource, open_master
from imaging.pipeline.render import render
from imaging.vips import Image, Stop

_PIXELS = 24_000_000
_WIDTHS_PX = (320, 640, 960, 1280, 1600, 1920, 2240, 2560)
_TIMED_PX = 640
_FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF)
_AT_LEAST_DB = 45.0
_SAME_DB = 99.0  # stands for infinity
_GRAIN = 5.0
_SEED = 7

T = TypeVar("T")

app = App(help="Measure renditions of large masters, directly and from the mezzanine.")


@dataclass
class _Measured:
    values: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, name: str, value: float) -> None:
        self.values.setdefault(name, []).append(value)


@app.default
def measure(
    *,
    data: Path | None = None,
    photographs: int = 24,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Print PSNR per width, processor milliseconds per format and for making a mezzanine.

    Args:
        data: folder with JPEG photographs, also below it; without it pictures are made up.
        photographs: how many of them, spread over the folder.
        quick: one picture.
        json: print one JSON object.
    """
    count = 1 if quick else photographs
    measured = _Measured()
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        master = Path(folder) / "master.jpg"
        for image in _photographs(data, count):
            image.jpegsave(str(master), Q=92)
            _measure(master, measured)
    quality = [values for name, values in measured.values.items() if name.endswith("_mezzanine_db")]
    worst = Figure(values=[min(map(min, quality))], unit="db")
    Report(
        name="mezzanine",
        settings={
            "photographs": count,
            "pixels": _PIXELS,
            "data": "given" if data else "made up",
            "machine": platform.machine(),
            "cores": os.cpu_count(),
        },
        figures={
            name: Figure(values=values, unit=name.rpartition("_")[2])
            for name, values in measured.values.items()
        }
        | {"worst_mezzanine_db": worst},
        at_least={"worst_mezzanine_db": _AT_LEAST_DB},
    ).print(as_json=json)


def _photographs(data: Path | None, count: int) -> Iterator[Image]:
    if data is None:
        for number in range(count):
            yield _grainy(_made_up(number))
        return
    files = sorted(data.rglob("*.jpg"))
    for path in files[:: max(1, len(files) // count)][:count]:
        small = Image.new_from_file(str(path), access="sequential").colourspace("srgb")
        yield _grainy(small)


def _grainy(image: Image) -> Image:
    scale = math.sqrt(_PIXELS / (image.width * image.height))
    large = image.resize(scale, kernel="cubic")
    grain = Image.gaussnoise(large.width, large.height, mean=0, sigma=_GRAIN, seed=_SEED)
    return large.add(grain).cast("uchar").copy(interpretation="srgb")


def _made_up(number: int) -> Image:
    """Return clouds of three sizes with hard edges between them."""
    size = 1500, 1000
    bands: list[Image] = []
    for band in range(3):
        seed = 31 * number + band
        clouds = Image.perlin(*size, cell_size=200, seed=seed)
        fine = Image.perlin(*size, cell_size=16, seed=seed + 1000)
        edges = clouds.relational_const("more", [0.1]).linear([0.3], [0.0])
        bands.append(clouds.linear([60.0], [120.0]).add(fine.linear([30.0], [0.0])).add(edges))
    return bands[0].bandjoin(bands[1]).bandjoin(bands[2]).cast("uchar").copy(interpretation="srgb")


def _measure(path: Path, measured: _Measured) -> None:
    master = open_master(path)
    size = mezzanine_size(master.upright)
    if size is None:
        raise ValueError("the master is too small to have a mezzanine")
    mezzanine, made_ms = _timed(lambda: make_mezzanine(master, size, Stop()))
    measured.add("make_ms", made_ms)
    whole = Image.new_from_file(str(path)).copy_memory()
    for width_px in _WIDTHS_PX:
        _compare(whole, master, mezzanine, width_px, measured)
    for wanted in _FORMATS:
        request = _request(_TIMED_PX, wanted)
        for name, opened in (("direct", master), ("mezzanine", mezzanine)):
            _, taken_ms = _timed(partial(render, opened, request, Stop()))
            measured.add(f"{wanted}_{_TIMED_PX}_{name}_ms", taken_ms)


def _compare(
    whole: Image, master: OpenMaster, mezzanine: Mezzanine, width_px: int, measured: _Measured
) -> None:
    scaled = plan(master.upright, _request(width_px, Format.PNG).recipe, width_px).scaled
    if mezzanine_serving(master.upright, scaled) is None:
        return  # of a tall picture a wide one is rendered directly
    reference = whole.thumbnail_image(scaled.width_px, height=scaled.height_px, size="force")
    kept = reference.copy_memory()
    direct_db, mezzanine_db = (psnr_db(kept, each, scaled) for each in (master, mezzanine))
    measured.add(f"psnr_{width_px}_direct_db", direct_db)
    measured.add(f"psnr_{width_px}_mezzanine_db", mezzanine_db)
    if direct_db < _SAME_DB:  # the decoder shrank: else the direct render is the reference
        measured.add(f"gain_{width_px}_db", mezzanine_db - direct_db)


def psnr_db(reference: Image, opened: RenderSource, scaled: Size) -> float:
    """Return the peak signal-to-noise ratio of a scaled picture, before it is encoded."""
    difference = reference.cast("short").subtract(opened.load(scaled, Stop()).cast("short"))
    error = difference.multiply(difference).avg()
    return min(_SAME_DB, 10 * math.log10(255**2 / error)) if error else _SAME_DB


def _request(width_px: int, wanted: Format) -> RenditionRequest:
    return RenditionRequest(
        source_sha256="0" * 64, master_key="", recipe=Recipe(), width_px=width_px, format=wanted
    )


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    done = work()
    return done, (time.process_time() - began) * 1000


if __name__ == "__main__":
    app()
