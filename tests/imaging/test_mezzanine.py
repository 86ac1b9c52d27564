"""Mezzanines: a large master is decoded once, and nobody can tell by the bytes."""

import asyncio
import math
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.delivery.geometry import Size, plan
from catalog.delivery.model import CropMode, FocalPoint, Format, RenditionRequest
from imaging.file_cache import FileCache
from imaging.mezzanine import (
    LONG_EDGE_PX,
    Mezzanine,
    Mezzanines,
    make_mezzanine,
    mezzanine_serving,
    mezzanine_size,
)
from imaging.model import BrokenSourceError, RenderDeadlineError, Rendition
from imaging.pipeline.load import RenderSource, open_master
from imaging.pool import PoolLimits, RenderPool, open_render_pool
from imaging.vips import Image as VipsImage
from imaging.vips import Stop
from tests.imaging.pictures import (
    BLUE,
    GREEN,
    RED,
    SHA,
    close,
    colour_at,
    decoded,
    encoded,
    photograph,
    quadrants,
    wanted,
)

_MIB = 1024 * 1024
_LARGE = 4000, 2010  # hardly large, so that it is decoded fast


class CountingCache(FileCache):
    """The folder, and how often something was written to it."""

    writes = 0

    def write(self, key: str, fill: Callable[[Path], None]) -> bool:
        self.writes += 1
        return super().write(key, fill)


def cache_in(folder: Path, max_mib: int = 500) -> CountingCache:
    return CountingCache(folder, max_bytes=max_mib * _MIB)


@asynccontextmanager
async def gateway_on(cache: FileCache | None) -> AsyncGenerator[RenderPool]:
    async with open_render_pool(PoolLimits(threads=2), mezzanines=cache) as pool:
        yield pool


async def rendered_on(
    cache: FileCache | None, master: bytes, *requests: RenditionRequest
) -> list[Rendition]:
    """The renditions of a gateway that starts and ends with them."""
    async with gateway_on(cache) as pool:
        return [await pool.run(master, request) for request in requests]


def only_file_in(folder: Path) -> Path:
    (file,) = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return file


async def no_master() -> bytes:
    await asyncio.sleep(0)
    raise AssertionError("the master was fetched")


@pytest.fixture(scope="module")
def large() -> bytes:
    return encoded(photograph(*_LARGE), quality=92)


@pytest.fixture(scope="module")
def flat() -> bytes:
    return encoded(quadrants(*_LARGE))


@pytest.mark.parametrize(
    ("upright", "expected"),
    [
        ((3600, 2400), (2560, 1707)),
        ((2400, 3600), (1707, 2560)),
        ((10_000, 10_000), (2560, 2560)),
        ((3264, 2448), None),  # 7.99 megapixels: decoded fast enough
        ((2900, 2900), (2560, 2560)),
        ((16_384, 16), None),
    ],
)
def test_only_a_large_master_has_one(
    upright: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    size = mezzanine_size(Size(width_px=upright[0], height_px=upright[1]))
    assert (size and (size.width_px, size.height_px)) == expected


@pytest.mark.parametrize(
    ("width_px", "mode", "ratio", "serves"),
    [
        (640, CropMode.FIT, None, True),
        (LONG_EDGE_PX, CropMode.FIT, None, True),
        (LONG_EDGE_PX + 1, CropMode.FIT, None, False),
        (1700, CropMode.FILL, (1, 1), True),
        (1800, CropMode.FILL, (1, 1), False),  # scaled to a height of 1800 before it is cropped
        (4000, CropMode.PAD, (16, 9), False),
        (1000, CropMode.PAD, (1, 1), True),
    ],
)
def test_it_serves_where_no_crop_of_it_is_enlarged(
    width_px: int, mode: CropMode, ratio: tuple[int, int] | None, *, serves: bool
) -> None:
    upright = Size(width_px=6000, height_px=4000)
    scaled = plan(upright, wanted(mode=mode, ratio=ratio).recipe, width_px).scaled
    assert (mezzanine_serving(upright, scaled) is not None) is serves


@pytest.mark.parametrize("form", [Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG])
async def test_the_bytes_do_not_depend_on_what_is_kept(
    large: bytes, tmp_path: Path, form: Format
) -> None:
    requests = [
        wanted(320, form),
        wanted(300, form, mode=CropMode.FILL, ratio=(1, 1)),
        wanted(300, form, mode=CropMode.FILL, ratio=(4, 5), focal=FocalPoint(x=0.8, y=0.3)),
        wanted(400, form, mode=CropMode.PAD, ratio=(1, 1)),
    ]
    cache = cache_in(tmp_path)
    first = await rendered_on(cache, large, *requests)
    later = await rendered_on(cache_in(tmp_path), large, *reversed(requests))
    without = await rendered_on(None, large, *requests)
    assert first == later[::-1] == without
    assert cache.writes == 1


async def test_six_widths_in_three_formats_are_one_decode(large: bytes, tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    async with gateway_on(cache) as pool:
        made = await asyncio.gather(
            *(
                pool.run(large, wanted(width_px, form))
                for width_px in (160, 320, 480, 640, 800, 960)
                for form in (Format.JPEG, Format.WEBP, Format.AVIF)
            )
        )
    assert len({rendition.body for rendition in made}) == 18
    assert cache.writes == 1


async def test_what_is_kept_needs_no_master_even_after_a_restart(
    flat: bytes, tmp_path: Path
) -> None:
    first = await rendered_on(cache_in(tmp_path), flat, wanted(320))
    async with gateway_on(cache_in(tmp_path)) as pool:
        assert await pool.run(no_master, wanted(320)) == first[0]
        with pytest.raises(AssertionError, match="fetched"):
            await pool.run(no_master, wanted(3000))  # larger than the mezzanine
        with pytest.raises(AssertionError, match="fetched"):
            await pool.run(no_master, replace(wanted(320), source_sha256="cd" * 32))


async def test_a_small_master_and_a_large_rendition_leave_nothing(
    flat: bytes, tmp_path: Path
) -> None:
    cache = cache_in(tmp_path)
    await rendered_on(cache, encoded(quadrants(900, 600)), wanted(320))
    await rendered_on(cache, flat, wanted(3000))
    assert cache.usage().files == 0


async def test_another_version_of_a_picture_never_meets_the_old_one(tmp_path: Path) -> None:
    old, new = wanted(90), replace(wanted(90), source_sha256="cd" * 32)
    cache = cache_in(tmp_path)
    async with gateway_on(cache) as pool:
        red = encoded(quadrants(*_LARGE))
        await pool.run(red, old)
        blue = encoded(quadrants(*_LARGE).rotate(180))
        image = decoded((await pool.run(blue, new)).body)
    assert not close(colour_at(image, 0.1, 0.1), RED)
    assert cache.usage().files == 2


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda body: body[:0],
    "header": lambda body: body[:20],
    "half": lambda body: body[: len(body) // 2],
    "longer": lambda body: body + b"\0",
    "pixels": lambda body: body[:90_000] + b"\x55" * 9 + body[90_009:],
    "magic": lambda body: b"x" + body[1:],
    "size": lambda body: body[:12] + bytes([body[12] ^ 1]) + body[13:],
    "checksum": lambda body: body[:28] + bytes([body[28] ^ 1]) + body[29:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_file_is_made_again_and_never_served(
    flat: bytes, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    cache = cache_in(tmp_path)
    async with gateway_on(cache) as pool:
        first = await pool.run(flat, wanted(320))
        file = only_file_in(tmp_path)
        sound = file.read_bytes()
        assert await pool.run(flat, wanted(320)) == first  # now the process knows it as sound
        file.write_bytes(damage(sound))
        assert await pool.run(flat, wanted(320)) == first
        assert file.read_bytes() == sound
        file.write_bytes(damage(sound))
    assert await rendered_on(cache, flat, wanted(320)) == [first]
    assert file.read_bytes() == sound


async def test_a_disk_that_takes_nothing_costs_only_time(flat: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    nowhere = cache_in(tmp_path / "file" / "below")
    assert await rendered_on(nowhere, flat, wanted(320)) == await rendered_on(
        None, flat, wanted(320)
    )
    assert nowhere.writes == 1


async def test_the_folder_stays_in_its_bound(flat: bytes, tmp_path: Path) -> None:
    cache = cache_in(tmp_path, max_mib=25)
    requests = [replace(wanted(50), source_sha256=f"{number:064x}") for number in range(5)]
    await rendered_on(cache, flat, *requests)
    assert 0 < cache.usage().size_bytes <= 25 * _MIB


async def test_a_broken_master_is_broken_for_all_who_wait(tmp_path: Path) -> None:
    cut = encoded(photograph(*_LARGE))[:-5000]
    async with gateway_on(cache_in(tmp_path)) as pool:
        found = await asyncio.gather(
            *(pool.run(cut, wanted(width_px)) for width_px in (100, 200, 300)),
            return_exceptions=True,
        )
    assert {type(each) for each in found} == {BrokenSourceError}
    assert cache_in(tmp_path).usage().files == 0


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA"])
async def test_colour_transparency_and_orientation_survive(tmp_path: Path, mode: str) -> None:
    picture = quadrants(*_LARGE).convert(mode)
    if mode == "RGBA":
        picture.paste((0, 0, 0, 0), (2000, 1005, 4000, 2010))
    exif = picture.getexif()
    exif[0x0112] = 3  # upside down
    master = encoded(picture, "PNG" if mode == "RGBA" else "JPEG", exif=exif)
    (rendition,) = await rendered_on(cache_in(tmp_path), master, wanted(320))
    image = decoded(rendition.body)
    assert image.size == (320, 161)
    if mode == "RGBA":
        assert image.getchannel("A").getpixel((10, 10)) == 0
        assert close(colour_at(image, 0.1, 0.9), GREEN)
        assert close(colour_at(image, 0.9, 0.1), BLUE)
    elif mode == "L":
        assert image.mode == "RGB"
        grey = quadrants(90, 90).convert("L").getpixel((80, 10))
        assert isinstance(grey, int)
        assert close(colour_at(image, 0.1, 0.9), (grey,) * 3)
    else:
        assert colour_at(image, 0.9, 0.9)[0] > 150  # red, as far as this ink goes


def test_who_waits_for_another_hears_the_own_deadline() -> None:
    mezzanines, begun, end = Mezzanines(), threading.Event(), threading.Event()
    picture = _tiny()

    def slow() -> Mezzanine:
        begun.set()
        end.wait(10)
        return picture

    def run(make: Callable[[], Mezzanine], stop: Stop) -> Mezzanine:
        with mezzanines.find_or_make(SHA, make, stop) as found:
            return found

    over = Stop()
    over.set()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(run, slow, Stop())
        assert begun.wait(10)
        with pytest.raises(RenderDeadlineError):
            run(_unasked, over)
        end.set()
        assert first.result() is picture


def test_a_maker_that_is_stopped_hands_over_to_who_waits() -> None:
    mezzanines, begun = Mezzanines(), threading.Event()
    picture = _tiny()
    waiting = threading.Event()

    def stopped() -> Mezzanine:
        begun.set()
        waiting.wait(10)
        raise RenderDeadlineError("its own time is over")

    class Asked(Stop):
        def __call__(self) -> bool:
            waiting.set()
            return False

    def run(make: Callable[[], Mezzanine], stop: Stop) -> Mezzanine:
        with mezzanines.find_or_make(SHA, make, stop) as found:
            return found

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(run, stopped, Stop())
        assert begun.wait(10)
        assert run(lambda: picture, Asked()) is picture
        with pytest.raises(RenderDeadlineError):
            first.result()


def _tiny() -> Mezzanine:
    size = Size(width_px=1, height_px=1)
    return Mezzanine(upright=size, size=size, bands=3, pixels=b"\0\0\0")


def _unasked() -> Mezzanine:
    raise AssertionError("made twice")


def test_it_is_as_good_as_a_render_that_decodes_everything(tmp_path: Path) -> None:
    file = tmp_path / "master.jpg"
    file.write_bytes(encoded(photograph(6000, 4000), quality=92))
    master = open_master(file)
    size = mezzanine_size(master.upright)
    assert size is not None
    mezzanine = make_mezzanine(master, size, Stop())
    whole = VipsImage.new_from_file(str(file)).copy_memory()

    for width_px in (160, 320, 640, 960, 1280, 1600, 1920, 2240, 2560):
        scaled = plan(master.upright, wanted().recipe, width_px).scaled
        reference = whole.thumbnail_image(scaled.width_px, height=scaled.height_px, size="force")
        kept = reference.copy_memory()
        direct_db, found_db = (_psnr_db(kept, each, scaled) for each in (master, mezzanine))
        assert found_db >= 45
        # Where the decoder does not shrink, the direct render is the reference; above 49 dB what
        # is left is rounding.
        assert direct_db == math.inf or found_db >= min(direct_db, 49), width_px


def _psnr_db(reference: VipsImage, opened: RenderSource, scaled: Size) -> float:
    difference = reference.cast("short").subtract(opened.load(scaled, Stop()).cast("short"))
    error = difference.multiply(difference).avg()
    return 10 * math.log10(255**2 / error) if error else math.inf
