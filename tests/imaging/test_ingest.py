"""Ingest's eye: any kind of file, looked at in a child process."""

import asyncio
import base64
import hashlib
import io
import os
import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
import pytest_asyncio
from PIL import Image

from imaging.ingest import ChildLimits, Ingestor, open_ingestor
from imaging.ingest_worker import Worker
from imaging.model import (
    CorruptImageError,
    ImageTooLargeError,
    ProbeCrashedError,
    ProbedImage,
    ProbeTimeoutError,
    SourceLimits,
    UnsafeSvgError,
    UnsupportedFormatError,
)
from tests.imaging.pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    close,
    colour_at,
    decoded,
    encoded,
    noise,
    quadrants,
    rendered,
    wanted,
)

LIMITS = SourceLimits(pixels=4_000_000, file_bytes=5_000_000, svg_bytes=20_000, frames=20)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ingestor() -> AsyncGenerator[Ingestor]:
    async with open_ingestor(workers=1, source=LIMITS) as opened:
        yield opened


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def probe(ingestor: Ingestor, folder: Path, body: bytes, name: str = "a") -> ProbedImage:
    file = folder / name
    file.write_bytes(body)
    return await ingestor.probe(file)


def svg(inside: str = "", head: str = "", size: str = "width='40' height='20'") -> bytes:
    names = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
    return f"<?xml version='1.0'?>{head}<svg {names} {size}>{inside}</svg>".encode()


def frames(count: int, side_px: int = 40) -> list[Image.Image]:
    return [Image.new("RGB", (side_px, side_px), (step * 9 % 256, 99, 9)) for step in range(count)]


def animated(form: str, count: int) -> bytes:
    file = io.BytesIO()
    first, *rest = frames(count)
    first.save(file, form, save_all=True, append_images=rest, duration=40)
    return file.getvalue()


def heic(image: Image.Image) -> bytes:
    file = io.BytesIO()
    made: Any = pillow_heif.from_pillow(image)  # its `save` has no types
    made.save(file, quality=95, chroma=444)
    return file.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_still_is_its_own_master(ingestor: Ingestor, tmp_path: Path, form: str) -> None:
    body = encoded(quadrants(400, 300), form)
    found = await probe(ingestor, tmp_path, body, "it says.svg")
    assert found.sha256 == hashlib.sha256(body).hexdigest()
    assert found.size_bytes == len(body)
    assert (found.width_px, found.height_px, found.frames) == (400, 300, 1)
    assert found.mime == found.master_mime == f"image/{form.lower()}"
    assert found.master is None
    assert not found.has_alpha
    assert len(base64.b64decode(found.thumbhash)) > 5
    assert found.dominant_rgb.startswith("#")


@pytest.mark.parametrize("form", ["TIFF", "AVIF", "HEIF", "CMYK"])
async def test_a_photograph_of_another_kind_gets_a_jpeg_master(
    ingestor: Ingestor, tmp_path: Path, form: str
) -> None:
    picture = quadrants(400, 300)
    body = {
        "HEIF": lambda: heic(picture),
        "CMYK": lambda: encoded(picture.convert("CMYK")),
    }.get(form, lambda: encoded(picture, form))()
    found = await probe(ingestor, tmp_path, body)
    assert found.master is not None
    assert found.master_mime == "image/jpeg"
    image = rendered(found.master, wanted(200))
    assert image.size == (200, 150)
    if form != "CMYK":  # Pillow's way into CMYK has no profile to come back by
        assert close(colour_at(image, 0.1, 0.1), RED, 20)
        assert close(colour_at(image, 0.9, 0.1), GREEN, 20)
        assert close(colour_at(image, 0.1, 0.9), BLUE, 20)
        assert close(colour_at(image, 0.9, 0.9), YELLOW, 20)


@pytest.mark.parametrize("form", ["TIFF", "AVIF", "HEIF", "WEBP", "PNG"])
async def test_transparency_is_seen_and_survives(
    ingestor: Ingestor, tmp_path: Path, form: str
) -> None:
    picture = quadrants(400, 300, "RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 200, 150))
    body = heic(picture) if form == "HEIF" else encoded(picture, form)
    found = await probe(ingestor, tmp_path, body)
    assert found.has_alpha
    image = rendered(found.master or body, wanted(200))
    assert image.getchannel("A").getpixel((20, 20)) == 0
    assert image.getchannel("A").getpixel((180, 20)) == 255


async def test_an_alpha_channel_without_transparency_is_none(
    ingestor: Ingestor, tmp_path: Path
) -> None:
    found = await probe(ingestor, tmp_path, encoded(quadrants(40, 30, "RGBA"), "PNG"))
    assert not found.has_alpha


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
async def test_an_animation_gets_its_first_frame_as_master(
    ingestor: Ingestor, tmp_path: Path, form: str
) -> None:
    found = await probe(ingestor, tmp_path, animated(form, 5))
    assert found.frames == 5
    assert (found.width_px, found.height_px) == (40, 40)
    assert found.master is not None
    assert close(colour_at(rendered(found.master, wanted(40)), 0.5, 0.5), (0, 99, 9), 20)


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
async def test_sizes_are_those_of_the_upright_picture(
    ingestor: Ingestor, tmp_path: Path, form: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    body = encoded(quadrants(400, 300), form, exif=exif)
    found = await probe(ingestor, tmp_path, body)
    assert (found.width_px, found.height_px) == (300, 400)
    assert rendered(found.master or body, wanted(150)).size == (150, 200)


async def test_an_svg_is_drawn_at_2000_px(ingestor: Ingestor, tmp_path: Path) -> None:
    drawing = svg("<rect width='20' height='20' fill='#dc1e1e'/>")
    found = await probe(ingestor, tmp_path, drawing)
    assert (found.width_px, found.height_px) == (2000, 1000)
    assert (found.mime, found.master_mime, found.has_alpha) == ("image/svg+xml", "image/png", True)
    assert found.dominant_rgb == "#dc1e1e"
    assert found.master is not None
    image = decoded(found.master)
    assert close(colour_at(image, 0.2, 0.5), RED)
    assert image.getchannel("A").getpixel((1900, 500)) == 0


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
        "<image href='file:///etc/hostname' width='9' height='9'/>",
        "<image xlink:href='http://127.0.0.1:9/' width='9' height='9'/>",
        "<style>@import url(http://127.0.0.1:9/);</style>",
        "<g onload='alert(1)' style='fill:url(http://127.0.0.1:9/#a)'/>",
        "<!-- a comment --><?xml-stylesheet href='http://127.0.0.1:9/'?>",
    ],
)
async def test_an_svg_that_reaches_out_is_drawn_without_that(
    ingestor: Ingestor, tmp_path: Path, inside: str
) -> None:
    whole = svg(inside + "<rect width='40' height='20' fill='#1e1edc'/>")
    found = await probe(ingestor, tmp_path, whole)
    assert found.dominant_rgb == "#1e1edc"


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE svg [<!ENTITY a 'b'>]>",
        "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE svg [<!ENTITY % a SYSTEM 'http://127.0.0.1:9/'> %a;]>",
    ],
)
async def test_an_svg_with_entities_is_refused(
    ingestor: Ingestor, tmp_path: Path, head: str
) -> None:
    with pytest.raises(UnsafeSvgError):
        await probe(ingestor, tmp_path, svg(head=head))


async def test_an_svg_that_is_no_xml_is_refused(ingestor: Ingestor, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSvgError):
        await probe(ingestor, tmp_path, b"<svg><g></svg>")
    with pytest.raises(UnsafeSvgError):
        await probe(ingestor, tmp_path, svg("<g>" * 500 + "</g>" * 500))


@pytest.mark.parametrize("size", ["width='0' height='0'", ""])
async def test_an_svg_without_a_size_is_corrupt(
    ingestor: Ingestor, tmp_path: Path, size: str
) -> None:
    with pytest.raises(CorruptImageError):
        await probe(ingestor, tmp_path, svg(size=size))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.95])
async def test_a_truncated_file_is_corrupt(
    ingestor: Ingestor, tmp_path: Path, form: str, part: float
) -> None:
    picture = noise(200, 200)
    body = heic(picture) if form == "HEIF" else encoded(picture, form)
    with pytest.raises(CorruptImageError):
        await probe(ingestor, tmp_path, body[: int(len(body) * part)])


@pytest.mark.parametrize(
    "body",
    [b"", b"\0" * 100, b"%PDF-1.7", b"BM" + bytes(60), b"<html></html>", b"hello", b"\x1f\x8b\x08"],
)
async def test_what_is_no_image_is_unsupported(
    ingestor: Ingestor, tmp_path: Path, body: bytes
) -> None:
    with pytest.raises(UnsupportedFormatError):
        await probe(ingestor, tmp_path, body, "photo.jpg")


async def test_no_file_is_unsupported(ingestor: Ingestor, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormatError):
        await ingestor.probe(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnsupportedFormatError):
        await ingestor.probe(tmp_path / "pipe")


async def test_too_many_bytes_pixels_or_frames_are_too_large(
    ingestor: Ingestor, tmp_path: Path
) -> None:
    for body in (
        bytes(LIMITS.file_bytes + 1),
        encoded(Image.new("L", (2001, 2000)), "PNG"),
        encoded(Image.new("L", (17_000, 1)), "PNG"),
        animated("GIF", 21),
        animated("WEBP", 21),
        svg("<g/>" * 6000),
    ):
        with pytest.raises(ImageTooLargeError):
            await probe(ingestor, tmp_path, body)


async def test_an_opaque_drawing_gets_a_master_without_alpha(
    ingestor: Ingestor, tmp_path: Path
) -> None:
    found = await probe(ingestor, tmp_path, svg("<rect width='40' height='20' fill='#dc1e1e'/>"))
    assert (found.has_alpha, found.master_mime) == (False, "image/png")
    assert found.master is not None
    assert decoded(found.master).mode == "RGB"


async def test_what_the_file_says_of_itself_is_read(ingestor: Ingestor, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8298] = "(c) Ann"
    found = await probe(ingestor, tmp_path, encoded(quadrants(40, 30), exif=exif))
    assert found.notice == "(c) Ann"


async def test_a_child_that_was_killed_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(encoded(quadrants(40, 30), "PNG"))
    worker = Worker(tmp_path, SourceLimits(), ChildLimits())
    assert (await worker.probe(file)).width_px == 40
    before = worker.pid
    assert before is not None
    os.kill(before, signal.SIGSTOP)
    call = asyncio.create_task(worker.probe(file))
    await asyncio.sleep(0.05)  # the request is in the pipe of a child that does not read it
    os.kill(before, signal.SIGKILL)
    with pytest.raises(ProbeCrashedError):
        await call
    assert (await worker.probe(file)).width_px == 40
    assert worker.pid != before
    await worker.end()
    assert worker.pid is None


async def test_a_child_that_hangs_is_ended_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(encoded(quadrants(40, 30), "PNG"))
    worker = Worker(tmp_path, SourceLimits(), ChildLimits(wall_s=2.0))
    await worker.probe(file)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(ProbeTimeoutError):
        await worker.probe(file)
    assert (await worker.probe(file)).width_px == 40
    await worker.end()


async def test_a_file_that_takes_too_much_cpu_is_ended(tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    # A blur of this size over a large canvas takes the renderer many seconds.
    blur = "<filter id='f'><feGaussianBlur stdDeviation='90'/></filter>"
    file.write_bytes(svg(blur + "<rect width='40' height='40' filter='url(#f)'/>" * 900))
    worker = Worker(tmp_path, SourceLimits(), ChildLimits(cpu_s=1))
    with pytest.raises(ProbeTimeoutError):
        await worker.probe(file)
    await worker.end()


async def test_a_file_that_needs_too_much_memory_is_a_typed_error(tmp_path: Path) -> None:
    file = tmp_path / "a.webp"
    file.write_bytes(encoded(Image.new("RGB", (9000, 9000)), "WEBP", method=0))
    worker = Worker(tmp_path, SourceLimits(), ChildLimits(address_space_bytes=400 * 1024**2))
    with pytest.raises((ProbeCrashedError, CorruptImageError)):
        await worker.probe(file)
    await worker.end()


async def test_a_child_is_replaced_after_its_share_of_files(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(encoded(quadrants(40, 30), "PNG"))
    worker = Worker(tmp_path, SourceLimits(), ChildLimits(files=2))
    await worker.probe(file)
    assert worker.pid is not None
    await worker.probe(file)
    assert worker.pid is None
    await worker.end()


async def test_a_call_that_is_cancelled_ends_the_child(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(encoded(noise(2000, 2000), "PNG"))
    async with open_ingestor(workers=1) as ingestor:
        call = asyncio.create_task(ingestor.probe(file))
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert (await ingestor.probe(file)).width_px == 2000
