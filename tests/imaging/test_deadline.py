"""A deadline stops the work, and what could not be stopped is no master."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from catalog.delivery.model import Format
from imaging.decode_bounds import MOST_SCANS
from imaging.ingest import open_ingestor
from imaging.ingest_worker import ChildLimits
from imaging.mezzanine import make_mezzanine, mezzanine_size
from imaging.model import (
    BrokenSourceError,
    CorruptImageError,
    OverloadedError,
    ProbeCrashedError,
    ProbeTimeoutError,
    RenderDeadlineError,
    Rendition,
)
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.pool import PoolLimits, RenderPool, open_render_pool
from imaging.vips import Image as VipsImage
from imaging.vips import Stop
from tests.imaging.bombs import endless_jpeg, filtered_svg, nested_svg
from tests.imaging.pictures import (
    RED,
    close,
    colour_at,
    encoded,
    noise,
    quadrants,
    rendered,
    wanted,
)
from tests.imaging.stopping import StopAfter, steps_of


def vips_image(image: Image.Image) -> VipsImage:
    """Pillow interlaces no PNG, and finds no room for a progressive JPEG of noise."""
    whole = VipsImage.new_from_memory(image.tobytes(), *image.size, 3, "uchar")
    return whole.copy(interpretation="srgb")


KINDS: dict[str, Callable[[Image.Image], bytes]] = {
    "jpeg": encoded,
    "progressive jpeg": lambda image: vips_image(image).jpegsave_buffer(Q=95, interlace=True),
    "png": lambda image: encoded(image, "PNG", compress_level=1),
    "interlaced png": lambda image: vips_image(image).pngsave_buffer(interlace=True, compression=1),
    "webp": lambda image: encoded(image, "WEBP", method=0),
}
IN_ONE_CALL = ("progressive jpeg", "interlaced png", "webp")


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_decode_of_any_master_is_left_when_it_is_stopped(kind: str) -> None:
    opened = open_master(KINDS[kind](noise(1500, 1500)))

    def work(stop: Stop) -> object:
        return render(opened, wanted(1500, Format.WEBP), stop)

    assert steps_of(work, 3) < steps_of(work, None)


def test_the_making_of_a_mezzanine_is_left_when_it_is_stopped(kind: str) -> None:
    opened = open_master(KINDS[kind](quadrants(4000, 2010)))
    size = mezzanine_size(opened.upright)
    assert size is not None

    def work(stop: Stop) -> object:
        return make_mezzanine(opened, size, stop)

    def is_left() -> bool:
        stop = StopAfter(1)
        try:
            work(stop)
        except RenderDeadlineError:
            return stop.steps < steps_of(work, None)
        return False

    # on a busy machine libvips often tells of the steps of a WebP once all are done
    assert any(is_left() for _ in range(40))


async def serve_again(pool: RenderPool) -> Rendition:
    """Render something small, once the one thread has come free."""
    for _ in range(2_000):
        try:
            return await pool.run(encoded(quadrants(90, 90)), wanted(50))
        except (OverloadedError, RenderDeadlineError):  # still held; or a machine this busy
            await asyncio.sleep(0.01)
    raise AssertionError("the thread never came free")


async def test_the_thread_serves_on_after_the_deadline(kind: str) -> None:
    large = KINDS[kind](noise(2400, 2000))
    async with open_render_pool(PoolLimits(threads=1, queue=0, deadline_s=0.1)) as pool:
        for _ in range(2):
            with pytest.raises(RenderDeadlineError):
                await pool.run(large, wanted(2400, Format.WEBP))
            assert (await serve_again(pool)).width_px == 50


@pytest.mark.parametrize("name", IN_ONE_CALL)
async def test_a_raster_that_could_not_be_stopped_gets_another_master(
    tmp_path: Path, name: str
) -> None:
    body = KINDS[name](Image.new("RGB", (5100, 5000), RED))
    file = tmp_path / "a"
    file.write_bytes(body)
    with pytest.raises(BrokenSourceError):
        open_master(file)
    with pytest.raises(BrokenSourceError):
        open_master(body)
    async with open_ingestor(workers=1) as ingestor:
        found = await ingestor.probe(file)
    assert found.master is not None
    assert (found.width_px, found.height_px) == (5100, 5000)
    assert close(colour_at(rendered(found.master, wanted(50)), 0.5, 0.5), RED)


@pytest.mark.parametrize("name", ["jpeg", "png"])
async def test_one_that_can_be_stopped_is_its_own_master(tmp_path: Path, name: str) -> None:
    file = tmp_path / "a"
    file.write_bytes(KINDS[name](Image.new("RGB", (5100, 5000), RED)))
    async with open_ingestor(workers=1) as ingestor:
        assert (await ingestor.probe(file)).master is None
    assert open_master(file).upright.pixels == 5100 * 5000


async def test_a_jpeg_of_many_scans_is_no_master(tmp_path: Path) -> None:
    assert rendered(endless_jpeg(800, MOST_SCANS), wanted(80)).size == (80, 80)
    file = tmp_path / "a.jpg"
    file.write_bytes(endless_jpeg(800, MOST_SCANS + 1))
    with pytest.raises(BrokenSourceError):
        open_master(file)
    with pytest.raises(BrokenSourceError):
        open_master(file.read_bytes())
    async with open_ingestor(workers=1) as ingestor:
        found = await ingestor.probe(file)
    assert found.master is not None
    assert rendered(found.master, wanted(80)).size == (80, 80)


@pytest.mark.parametrize(
    "bomb",
    [endless_jpeg(8000, 3000), nested_svg(40), nested_svg(6, 30), filtered_svg(120)],
    ids=["scans", "deep use", "wide use", "filters"],
)
async def test_a_bomb_ends_at_the_limits_of_the_child(tmp_path: Path, bomb: bytes) -> None:
    file = tmp_path / "bomb"
    file.write_bytes(bomb)
    limits = ChildLimits(cpu_s=2, wall_s=30, address_space_bytes=1024**3)
    async with open_ingestor(workers=1, child=limits) as ingestor:
        with pytest.raises((ProbeTimeoutError, ProbeCrashedError, CorruptImageError)):
            await ingestor.probe(file)
        file.write_bytes(encoded(quadrants(40, 30)))
        assert (await ingestor.probe(file)).width_px == 40
