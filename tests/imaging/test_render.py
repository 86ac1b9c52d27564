"""The pipeline: pixels in, pixels out."""

from pathlib import Path

import pytest
from PIL import Image

from catalog.delivery.model import CropMode, FocalPoint, Format
from imaging.model import BrokenSourceError
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.vips import Image as VipsImage
from imaging.vips import Stop
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
from tests.imaging.stopping import steps_of

FORMATS = (Format.JPEG, Format.WEBP, Format.AVIF, Format.PNG)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_the_size_and_the_picture(form: Format) -> None:
    image = rendered(encoded(quadrants(1200, 800)), wanted(320, form))
    assert image.size == (320, 213)
    assert close(colour_at(image, 0.1, 0.1), RED)
    assert close(colour_at(image, 0.9, 0.1), GREEN)
    assert close(colour_at(image, 0.1, 0.9), BLUE)
    assert close(colour_at(image, 0.9, 0.9), YELLOW)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_master_may_be_jpeg_png_or_webp(form: str) -> None:
    image = rendered(encoded(quadrants(900, 600), form), wanted(300))
    assert image.size == (300, 200)
    assert close(colour_at(image, 0.1, 0.1), RED)


@pytest.mark.parametrize("form", ["GIF", "TIFF", "AVIF", "BMP"])
def test_no_other_format_is_decoded_as_a_master(form: str) -> None:
    with pytest.raises(BrokenSourceError):
        open_master(encoded(quadrants(90, 60), form))


def test_svg_is_never_decoded_as_a_master() -> None:
    with pytest.raises(BrokenSourceError):
        open_master(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = quadrants(600, 400)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = rendered(encoded(stored, exif=exif), wanted(300))
    assert image.size == (300, 200)
    assert close(colour_at(image, 0.1, 0.1), RED)
    assert close(colour_at(image, 0.9, 0.1), GREEN)
    assert close(colour_at(image, 0.1, 0.9), BLUE)


@pytest.mark.parametrize(
    ("x", "y", "colour"), [(0, 0, RED), (1, 0, GREEN), (0, 1, BLUE), (1, 1, YELLOW)]
)
@pytest.mark.parametrize("ratio", [(1, 4), (4, 1)])
def test_a_crop_keeps_the_focal_point(
    x: float, y: float, colour: tuple[int, ...], ratio: tuple[int, int]
) -> None:
    request = wanted(100, mode=CropMode.FILL, ratio=ratio, focal=FocalPoint(x=x, y=y))
    image = rendered(encoded(quadrants(1000, 1000)), request)
    assert image.width / image.height == ratio[0] / ratio[1]
    assert close(colour_at(image, x, y), colour)


def test_without_a_focal_point_the_crop_goes_where_the_eye_goes() -> None:
    picture = Image.new("RGB", (1200, 300), (200, 200, 200))
    picture.paste(RED, (1050, 100, 1150, 200))
    image = rendered(encoded(picture), wanted(100, mode=CropMode.FILL, ratio=(1, 1)))
    assert image.size == (100, 100)
    assert any(close(colour_at(image, x / 20, 0.5), RED, 40) for x in range(21))


def test_pad_puts_the_picture_in_the_middle_of_the_background() -> None:
    request = wanted(200, mode=CropMode.PAD, ratio=(1, 1), background="#00ff00")
    image = rendered(encoded(Image.new("RGB", (400, 200), RED)), request)
    assert image.size == (200, 200)
    assert close(colour_at(image, 0.5, 0.5), RED)
    assert close(colour_at(image, 0.5, 0.05), (0, 255, 0))
    assert close(colour_at(image, 0.5, 0.95), (0, 255, 0))


def test_transparency_is_flattened_for_jpeg_and_kept_elsewhere() -> None:
    picture = quadrants(400, 400, "RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 200, 200))
    master = encoded(picture, "PNG")
    flat = rendered(master, wanted(200, Format.JPEG, background="#0000ff"))
    assert flat.mode == "RGB"
    assert close(colour_at(flat, 0.1, 0.1), (0, 0, 255))
    assert close(colour_at(flat, 0.9, 0.1), GREEN)
    for form in (Format.PNG, Format.WEBP, Format.AVIF):
        image = rendered(master, wanted(200, form))
        assert image.mode == "RGBA"
        assert image.getchannel("A").getpixel((20, 20)) == 0
        assert image.getchannel("A").getpixel((180, 20)) == 255


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK"])
def test_any_colour_becomes_srgb(mode: str) -> None:
    picture = quadrants(400, 400).convert(mode)
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = rendered(encoded(picture, form), wanted(200, Format.JPEG))
    assert image.mode == "RGB"
    assert image.size == (200, 200)
    if mode in {"L", "LA"}:
        grey = picture.convert("RGB").getpixel((10, 10))
        assert isinstance(grey, tuple)
        assert close(colour_at(image, 0.1, 0.1), grey)


def test_sixteen_bits_become_eight() -> None:
    picture = Image.new("I;16", (300, 300), 0x8000)
    image = rendered(encoded(picture, "PNG"), wanted(100))
    assert close(colour_at(image, 0.5, 0.5), (128, 128, 128))


def test_a_wide_gamut_is_brought_to_srgb_and_its_profile_dropped() -> None:
    colour = VipsImage.black(300, 300, bands=3).linear([1.0], [200.0, 60.0, 30.0]).cast("uchar")
    wide = colour.copy(interpretation="srgb").icc_transform("p3", input_profile="srgb", depth=8)
    master = wide.jpegsave_buffer(Q=95)
    assert close(colour_at(decoded(master), 0.5, 0.5), (185, 71, 44))  # the numbers as stored
    image = rendered(master, wanted(100))
    assert close(colour_at(image, 0.5, 0.5), (200, 60, 30), 2)
    assert "icc_profile" not in image.info


def test_a_profile_that_is_junk_does_not_break_the_picture() -> None:
    image = rendered(encoded(quadrants(300, 300), icc_profile=b"junk" * 99), wanted(100))
    assert close(colour_at(image, 0.1, 0.1), RED)


def test_nothing_is_larger_than_4096_px_a_side() -> None:
    tall = encoded(Image.new("RGB", (100, 9000), RED), "PNG")
    assert rendered(tall, wanted(100)).size == (46, 4096)
    wide = encoded(Image.new("RGB", (9000, 100), RED), "PNG")
    assert rendered(wide, wanted(9000)).size == (4096, 46)


def test_equal_requests_give_equal_bytes() -> None:
    opened = open_master(encoded(noise(400, 300)))
    bodies = {render(opened, wanted(200, Format.WEBP), Stop()).body for _ in range(3)}
    assert len(bodies) == 1


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.98])
def test_a_truncated_master_is_broken(form: str, part: float) -> None:
    whole = encoded(noise(300, 300), form)
    with pytest.raises(BrokenSourceError):
        rendered(whole[: int(len(whole) * part)], wanted(300))


@pytest.mark.parametrize(
    "master", [b"", b"x", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + bytes(99), b"RIFF\0\0\0\0WEBP"]
)
def test_what_only_begins_like_an_image_is_broken(master: bytes) -> None:
    with pytest.raises(BrokenSourceError):
        rendered(master, wanted())


def test_a_large_file_that_is_away_before_it_is_decoded_could_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "master"
    file.write_bytes(encoded(quadrants(90, 60)) + bytes(5 * 1024**2))  # too large to be read once
    opened = open_master(file)
    file.unlink()
    with pytest.raises(BrokenSourceError) as caught:
        render(opened, wanted(90), Stop())
    assert isinstance(caught.value.__cause__, OSError)


def test_a_bomb_is_refused_by_its_header() -> None:
    # 20,000 x 20,000 px in a kilobyte of PNG header and nothing behind it.
    head = bytearray(encoded(Image.new("L", (1, 1)), "PNG"))
    head[16:24] = (20_000).to_bytes(4, "big") * 2
    with pytest.raises(BrokenSourceError):
        open_master(bytes(head))


@pytest.mark.parametrize("form", [Format.JPEG, Format.WEBP, Format.PNG])
@pytest.mark.parametrize("focal", [None, FocalPoint(x=0.5, y=0.5)])
def test_a_render_that_is_stopped_ends_in_the_middle(
    form: Format, focal: FocalPoint | None
) -> None:
    opened = open_master(encoded(noise(1500, 1500), "PNG", compress_level=1))
    request = wanted(1500, form, mode=CropMode.FILL, ratio=(3, 2), focal=focal)

    def work(stop: Stop) -> object:
        return render(opened, request, stop)

    assert steps_of(work, 3) < steps_of(work, None) / 2
