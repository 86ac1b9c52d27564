"""AVIF and HEIC: which of their items is shown, and how it is turned, cropped and deepened."""

import io
import struct
from collections.abc import Callable
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from imaging.model import CorruptImageError, UnsupportedFormatError
from tests.imaging.conftest import Shown
from tests.imaging.heifs import (
    ALPHA,
    IMIR_TOP_DOWN,
    IROT_90,
    Item,
    avif,
    box,
    clap,
    coded,
    coded_heic,
    derived,
    heic,
    with_colours,
)
from tests.imaging.pictures import BLUE, GREEN, RED, SRGB_PROFILE, YELLOW, close, encoded, quadrants

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZE = 64, 48
MIDDLE = 8, 8


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours left and right above, left and right below."""
    width, height = image.size
    places = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    found = [image.getpixel(place) for place in places]
    return [pixel for pixel in found if isinstance(pixel, tuple)]


def alike(found: list[tuple[int, ...]], expected: list[tuple[int, ...]]) -> bool:
    return all(close(a, b, 12) for a, b in zip(found, expected, strict=True))


def opaque(*colours: tuple[int, int, int]) -> list[tuple[int, ...]]:
    return [(*colour, 255) for colour in colours]


def half_transparent() -> Image.Image:
    """Alpha: the left half transparent."""
    alpha = Image.new("L", SIZE, 255)
    alpha.paste(0, (0, 0, SIZE[0] // 2, SIZE[1]))
    return alpha


async def test_the_primary_item_of_several_is_shown(shown: Shown) -> None:
    first = Item(coded(Image.new("RGB", (20, 30), BLUE)))
    second = Item(coded(quadrants(*SIZE)))
    image = await shown(avif([first, second], primary=2))
    assert image.size == SIZE
    assert alike(corners(image), opaque(RED, GREEN, BLUE, YELLOW))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((IROT_90,), (GREEN, YELLOW, RED, BLUE)),
        ((IMIR_TOP_DOWN,), (BLUE, YELLOW, RED, GREEN)),
        ((IROT_90, IMIR_TOP_DOWN), (RED, BLUE, GREEN, YELLOW)),
        ((clap(16, 12, (-24, 1), (-18, 1)),), (RED, RED, RED, RED)),
        ((clap(32, 24, (16, 1), (12, 1)),), (YELLOW, YELLOW, YELLOW, YELLOW)),
        ((clap(60, 20, (0, 1), (0, 1)), IROT_90), (GREEN, YELLOW, RED, BLUE)),
    ],
)
async def test_a_picture_is_cropped_turned_and_mirrored(
    shown: Shown, more: tuple[bytes, ...], expected: tuple[tuple[int, int, int], ...]
) -> None:
    image = await shown(avif([Item(coded(quadrants(*SIZE)), more)]))
    assert alike(corners(image), opaque(*expected))


@pytest.mark.parametrize("more", [(IROT_90,), (IMIR_TOP_DOWN,), (clap(32, 48, (-16, 1), (0, 1)),)])
@pytest.mark.parametrize("is_alpha_too", [True, False])
async def test_transparency_is_turned_as_the_colours_are(
    shown: Shown,
    more: tuple[bytes, ...],
    is_alpha_too: bool,  # noqa: FBT001 - a table
) -> None:
    colour = Item(coded(quadrants(*SIZE)), more)
    alpha = Item(coded(half_transparent()), (ALPHA, *(more if is_alpha_too else ())), 1)
    image = await shown(avif([colour, alpha]))
    seen = [
        255 if each in {GREEN, YELLOW} else 0
        for each in {
            IROT_90: (GREEN, YELLOW, RED, BLUE),
            IMIR_TOP_DOWN: (BLUE, YELLOW, RED, GREEN),
        }.get(more[0], (RED, RED, BLUE, BLUE))
    ]
    assert all(abs(a[3] - b) < 12 for a, b in zip(corners(image), seen, strict=True))


async def test_transparency_that_is_turned_by_itself_is_refused(shown: Shown) -> None:
    for of_colour, of_alpha in (((), (IROT_90,)), ((IROT_90,), (IMIR_TOP_DOWN,))):
        colour = Item(coded(quadrants(*SIZE)), of_colour)
        alpha = Item(coded(half_transparent()), (ALPHA, *of_alpha), 1)
        with pytest.raises(UnsupportedFormatError):
            await shown(avif([colour, alpha]))


async def test_an_order_that_readers_differ_in_is_refused(shown: Shown) -> None:
    for more in ((IMIR_TOP_DOWN, IROT_90), (IROT_90, IROT_90)):
        with pytest.raises(UnsupportedFormatError):
            await shown(avif([Item(coded(quadrants(*SIZE)), more)]))


@pytest.mark.parametrize(
    "aperture",
    [
        clap(80, 48, (0, 1), (0, 1)),
        clap(31, 48, (0, 1), (0, 1)),
        clap(32, 48, (0, 0), (0, 1)),
        clap(0, 48, (0, 1), (0, 1)),
        clap(32, 48, (40, 1), (0, 1)),
    ],
)
async def test_a_crop_that_is_no_part_of_the_picture_is_corrupt(
    shown: Shown, aperture: bytes
) -> None:
    with pytest.raises(CorruptImageError):
        await shown(avif([Item(coded(quadrants(*SIZE)), (aperture,))]))


async def test_a_sequence_is_shown_by_its_first_frame(shown: Shown) -> None:
    still = Image.new("RGB", SIZE, GREEN)
    for mode in ("RGB", "RGBA"):
        frames = {"save_all": True, "append_images": [still.convert(mode)] * 2, "quality": 95}
        image = await shown(encoded(quadrants(*SIZE, mode), "AVIF", subsampling="4:4:4", **frames))
        assert alike(corners(image), opaque(RED, GREEN, BLUE, YELLOW))


@pytest.mark.parametrize("range_", ["full", "limited"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA"])
async def test_an_avif_of_any_range_is_as_light_as_it_was(
    shown: Shown, range_: str, mode: str
) -> None:
    picture = quadrants(*SIZE).convert(mode)
    grey = {"subsampling": "4:0:0"} if mode in {"L", "LA"} else {"subsampling": "4:4:4"}
    image = await shown(encoded(picture, "AVIF", quality=95, range=range_, **grey))
    assert alike(corners(image), corners(picture.convert("RGBA")))


async def test_colours_that_were_multiplied_by_their_alpha_are_divided(shown: Shown) -> None:
    picture = quadrants(*SIZE, "RGBA")
    picture.putalpha(128)
    for body in (
        encoded(picture, "AVIF", quality=95, subsampling="4:4:4", alpha_premultiplied=True),
        heic(mode="RGBa", samples=picture.convert("RGBa").tobytes()),
    ):
        assert alike(corners(await shown(body)), corners(picture))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
async def test_a_heic_may_be_grey(shown: Shown, mode: str) -> None:
    picture = quadrants(*SIZE).convert(mode)
    if "A" in mode:
        picture.putalpha(half_transparent())
    found = corners(await shown(heic(picture)))
    expected = corners(picture.convert("RGBA"))
    assert all(abs(a[3] - b[3]) < 12 for a, b in zip(found, expected, strict=True))
    assert alike(found[1::2], expected[1::2])


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
async def test_a_heic_may_be_deep(shown: Shown, mode: str) -> None:
    level = {"L": (90,), "LA": (90, 128), "RGB": RED, "RGBA": (*RED, 128)}[mode]
    samples = struct.pack(f"<{len(level)}H", *(part * 257 for part in level)) * (64 * 48)
    found = corners(await shown(heic(mode=f"{mode};16", samples=samples)))[0]
    expected = {"L": (90, 90, 90, 255), "LA": (90, 90, 90, 128), "RGB": (*RED, 255)}
    assert close(found, expected.get(mode, (*RED, 128)), 4)


async def test_a_heic_shows_its_primary_picture(shown: Shown) -> None:
    image = await shown(heic(Image.new("RGB", (80, 80), BLUE), quadrants(*SIZE)))
    assert alike(corners(image), opaque(RED, GREEN, BLUE, YELLOW))


WIDE = (180, 120, 90)


def _named(primaries: int, transfer: int) -> bytes:
    return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, 6, 0x80))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _in_srgb(primaries: int, gamma: float | None) -> tuple[int, ...]:
    """WIDE by the matrices of ITU-R BT.2087 and BT.601, and SMPTE EG 432, in linear light."""
    matrix = {
        1: ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
        12: ((1.2249, -0.2247, 0), (-0.0420, 1.0419, 0), (-0.0197, -0.0786, 1.0979)),
        6: ((0.9395, 0.0502, 0.0103), (0.0178, 0.9658, 0.0164), (-0.0016, -0.0044, 1.0060)),
    }[primaries]
    light = [part**gamma if gamma else _linear(part) for part in (each / 255 for each in WIDE)]
    mixed = (sum(a * b for a, b in zip(row, light, strict=True)) for row in matrix)
    return tuple(round(255 * (1.055 * part ** (1 / 2.4) - 0.055)) for part in mixed)


def _heic_named(primaries: int, transfer: int) -> bytes:
    file = io.BytesIO()
    library: Any = pillow_heif
    library.from_pillow(Image.new("RGB", SIZE, WIDE)).save(
        file, quality=95, chroma=444, color_primaries=primaries,
        transfer_characteristics=transfer, matrix_coefficients=6, full_range_flag=1,
    )  # fmt: skip
    return file.getvalue()


def _avif_named(primaries: int, transfer: int) -> bytes:
    return avif([Item(coded(Image.new("RGB", SIZE, WIDE)), (_named(primaries, transfer),))])


def _avif_data_named(primaries: int, transfer: int) -> bytes:
    """No box says anything of colours: the AV1 data alone does."""
    made = coded(Image.new("RGB", SIZE, WIDE))
    return avif([Item(made._replace(data=with_colours(made.data, primaries, transfer)))])


@pytest.mark.parametrize("make", [_avif_named, _avif_data_named, _heic_named])
@pytest.mark.parametrize(
    ("primaries", "transfer", "gamma"),
    [
        (1, 13, None),
        (1, 1, None),
        (2, 2, None),
        (6, 6, None),
        (9, 14, None),
        (12, 13, None),
        (1, 4, 2.2),
    ],
)
async def test_colours_that_are_named_by_numbers_become_srgb(
    shown: Shown,
    make: Callable[[int, int], bytes],
    primaries: int,
    transfer: int,
    gamma: float | None,
) -> None:
    found = corners(await shown(make(primaries, transfer)))[0]
    assert close(found[:3], _in_srgb(1 if primaries == 2 else primaries, gamma), 3)


@pytest.mark.parametrize("make", [_avif_named, _avif_data_named, _heic_named])
@pytest.mark.parametrize(("primaries", "transfer"), [(9, 16), (9, 18), (1, 16), (10, 13), (1, 9)])
async def test_colours_that_no_rendition_has_are_refused(
    shown: Shown, make: Callable[[int, int], bytes], primaries: int, transfer: int
) -> None:
    with pytest.raises(UnsupportedFormatError):
        await shown(make(primaries, transfer))


async def test_a_profile_comes_before_numbers(shown: Shown) -> None:
    profile = box(b"colr", b"prof" + SRGB_PROFILE)
    item = Item(coded(Image.new("RGB", SIZE, WIDE)), (profile, _named(9, 16)))
    assert close(corners(await shown(avif([item])))[0][:3], WIDE, 3)


SQUARE = 64, 64
OVERLAY = b"\0\0" + struct.pack(">4HHHhh", 65535, 0, 0, 65535, 128, 128, 0, 0)
GRID_OF_TWO = b"\0\0\0\1" + struct.pack(">HH", 100, 64)


def size(width: int, height: int) -> bytes:
    return box(b"ispe", b"\0" * 4 + struct.pack(">II", width, height))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((size(100, 64),), (RED, RED, BLUE, BLUE)),
        ((size(100, 64), IROT_90), (RED, BLUE, RED, BLUE)),
    ],
)
async def test_a_heic_may_be_a_grid_of_pictures(
    shown: Shown, more: tuple[bytes, ...], expected: tuple[tuple[int, int, int], ...]
) -> None:
    part = coded_heic(quadrants(*SQUARE))
    found = corners(await shown(derived(b"grid", part, shape=GRID_OF_TWO, uses=2, more=more)))
    pairs = zip(found, expected, strict=True)
    assert all(close(pixel[:3], colour) for pixel, colour in pairs)


@pytest.mark.parametrize(
    ("kind", "shape", "more"),
    [
        (b"iden", b"", (size(64, 64),)),
        (b"iovl", OVERLAY, (size(128, 128),)),
        (b"mski", b"\0" * 64, (size(8, 8),)),
        (b"unci", b"\0" * 64, (size(8, 8),)),
    ],
)
async def test_what_no_camera_writes_is_refused_wherever_it_is_in_a_heic(
    shown: Shown, kind: bytes, shape: bytes, more: tuple[bytes, ...]
) -> None:
    primary = derived(kind, coded_heic(quadrants(*SQUARE)), shape=shape, more=more)
    behind = heic(quadrants(*SQUARE)) + primary[primary.index(b"meta") - 4 :]
    for body in (primary, behind):
        with pytest.raises(UnsupportedFormatError, match="a plain grid"):
            await shown(body)


@pytest.mark.parametrize(
    ("kind", "shape", "uses"), [(b"iden", b"", 1), (b"iovl", OVERLAY, 1), (b"grid", GRID_OF_TWO, 2)]
)
async def test_parts_that_are_turned_by_themselves_are_refused(
    shown: Shown, kind: bytes, shape: bytes, uses: int
) -> None:
    for part in (coded_heic(quadrants(*SQUARE)), coded(quadrants(*SQUARE))):
        body = derived(kind, part, shape=shape, uses=uses, more=(size(64, 64),), of_part=(IROT_90,))
        with pytest.raises(UnsupportedFormatError):
            await shown(body)


async def test_an_avif_that_is_no_plain_grid_of_pictures_is_refused(shown: Shown) -> None:
    for kind, shape in ((b"iden", b""), (b"iovl", OVERLAY)):
        body = derived(kind, coded(quadrants(*SQUARE)), shape=shape, more=(size(64, 64),))
        with pytest.raises(UnsupportedFormatError, match="as one picture"):
            await shown(body)


async def test_a_heic_of_moving_pictures_alone_is_refused(shown: Shown) -> None:
    with pytest.raises(UnsupportedFormatError, match="moving"):
        await shown(box(b"ftyp", b"hevc\0\0\0\0hevcmsf1") + box(b"moov", bytes(8)))
