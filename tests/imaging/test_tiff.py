"""TIFF: what its samples mean, and whose first page is no picture to show."""

import struct
from collections.abc import Sequence

import pytest
from PIL import Image

from imaging.model import CorruptImageError, UnsupportedFormatError
from tests.imaging.conftest import Shown
from tests.imaging.pictures import close, encoded
from tests.imaging.tiffs import SIDE_PX, TiffShape, directory, tiff

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIXELS = SIDE_PX * SIDE_PX
WHITE_IS_0, BLACK_IS_0, RGB, PALETTE, MASK, CMYK, YCBCR, LAB = 0, 1, 2, 3, 4, 5, 6, 8
EXTRA, FORMAT, SUB_DIRECTORIES = 338, 339, 330
RED = (200, 40, 20)
UNUSED = 7  # in a sample that is no alpha: it would leave next to nothing of the picture
RAMP = [row / (SIDE_PX - 1) for row in range(SIDE_PX)]


def pixel(image: Image.Image, x: int = 1, y: int = 1) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


def packed(form: str, samples: Sequence[float], planar: int = 1) -> bytes:
    """The same pixel everywhere, sample by sample or plane by plane."""
    if planar == 1:
        return struct.pack(f"{form[0]}{len(samples)}{form[1]}", *samples) * PIXELS
    return b"".join(struct.pack(form, each) * PIXELS for each in samples)


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize(
    ("kinds", "alpha"),
    [
        ([0], None),
        ([1], 0),
        ([2], 0),
        ([999], 0),
        ([0, 0], None),
        ([0, 2], 1),
        ([0, 1], 1),
        ([2, 0], 0),
        ([1, 0, 0], 0),
    ],
)
@pytest.mark.parametrize("depth", [8, 16])
async def test_only_a_declared_alpha_is_transparency(
    shown: Shown, depth: int, kinds: list[int], alpha: int | None, planar: int
) -> None:
    is_associated = alpha is not None and kinds[alpha] == 1
    colour = [part // 2 if is_associated else part for part in RED]
    extra = [128 if at == alpha else UNUSED for at in range(len(kinds))]
    times = 257 if depth == 16 else 1
    form = "<H" if depth == 16 else "<B"
    body = tiff(
        packed(form, [each * times for each in (*colour, *extra)], planar),
        photometric=RGB,
        bits=[depth] * (3 + len(kinds)),
        fields={EXTRA: (3, kinds), 284: (3, [planar])},
    )
    assert close(pixel(await shown(body)), (*RED, 255 if alpha is None else 128), 6)


@pytest.mark.parametrize(("photometric", "colour"), [(BLACK_IS_0, [90]), (CMYK, [0, 0, 0, 0])])
@pytest.mark.parametrize(("kinds", "alpha"), [([0], 255), ([2], 128), ([0, 2], 128)])
async def test_so_it_is_in_grey_and_cmyk(
    shown: Shown, photometric: int, colour: list[int], kinds: list[int], alpha: int
) -> None:
    samples = [*colour, *[UNUSED] * (len(kinds) - 1), alpha if 2 in kinds else UNUSED]
    fields = {EXTRA: (3, kinds)}
    for form, times in (("<B", 1), ("<H", 257)):
        body = tiff(
            packed(form, [each * times for each in samples]),
            photometric=photometric,
            bits=[8 if times == 1 else 16] * len(samples),
            fields=fields,
        )
        seen = 90 if photometric == BLACK_IS_0 else 255
        assert close(pixel(await shown(body)), (seen, seen, seen, alpha), 4)


async def test_a_fourth_sample_that_is_not_declared_is_what_all_readers_take_it_for(
    shown: Shown,
) -> None:
    rgb = tiff(packed("<B", [*RED, 128]), photometric=RGB, bits=[8] * 4)
    grey = tiff(packed("<B", [90, UNUSED]), photometric=BLACK_IS_0, bits=[8] * 2)
    assert pixel(await shown(rgb)) == (*RED, 128)
    assert close(pixel(await shown(grey)), (90, 90, 90, 255), 2)


@pytest.mark.parametrize(
    ("order", "letter", "bits", "kind", "most"),
    [
        ("<", "I", 32, 1, 2**32 - 1),
        (">", "I", 32, 1, 2**32 - 1),
        ("<", "f", 32, 3, 1),
        (">", "f", 32, 3, 1),
        ("<", "e", 16, 3, 1),
        (">", "H", 16, 1, 65535),
        ("<", "B", 8, 4, 255),
    ],
)
@pytest.mark.parametrize("colours", [1, 3])
async def test_a_ramp_of_any_depth_goes_from_black_to_white(  # noqa: PLR0913, PLR0917 - a table
    shown: Shown, order: str, letter: str, bits: int, kind: int, most: int, colours: int
) -> None:
    values = [(step * most if kind == 3 else round(step * most)) for step in RAMP]
    samples = b"".join(
        struct.pack(f"{order}{letter}", value) * (SIDE_PX * colours) for value in values
    )
    body = tiff(
        samples,
        photometric=RGB if colours == 3 else BLACK_IS_0,
        bits=[bits] * colours,
        fields={FORMAT: (3, [kind] * colours)},
        shape=TiffShape(order),
    )
    image = await shown(body)
    for row, step in enumerate(RAMP):
        assert close(pixel(image, 3, row), (*[round(step * 255)] * 3, 255), 5)


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("photometric", [WHITE_IS_0, BLACK_IS_0])
async def test_shallow_grey_is_spread(shown: Shown, bits: int, photometric: int) -> None:
    most = 2**bits - 1
    row = "".join(f"{column % 2 * most:0{bits}b}" for column in range(SIDE_PX))
    body = tiff(int(row, 2).to_bytes(bits) * SIDE_PX, photometric=photometric, bits=[bits])
    image = await shown(body)
    light = 255 if photometric == BLACK_IS_0 else 0
    assert close(pixel(image, 1, 0), (*[light] * 3, 255), 20)
    assert close(pixel(image, 0, 0), (*[255 - light] * 3, 255), 20)


@pytest.mark.parametrize(
    ("photometric", "bits", "fields"),
    [
        (BLACK_IS_0, [32], {FORMAT: (3, [2])}),  # signed
        (BLACK_IS_0, [8], {FORMAT: (3, [2])}),
        (RGB, [16] * 3, {FORMAT: (3, [2] * 3)}),
        (BLACK_IS_0, [64], {FORMAT: (3, [3])}),
        (WHITE_IS_0, [32], {FORMAT: (3, [3])}),
        (RGB, [16] * 3, {FORMAT: (3, [3] * 3), 284: (3, [2])}),
        (BLACK_IS_0, [12], {}),
        (RGB, [4] * 3, {}),
        (RGB, [8, 16, 8], {}),
        (CMYK, [32] * 4, {}),
        (CMYK, [8] * 4, {332: (3, [2])}),  # other inks
        (CMYK, [8] * 6, {332: (3, [2])}),
        (YCBCR, [8] * 3, {}),  # not in JPEG
        (LAB, [8] * 3, {}),
        (9, [8] * 3, {}),
        (10, [8] * 3, {}),
        (MASK, [8], {}),
        (32844, [16], {}),
        (BLACK_IS_0, [8], {259: (3, [34887])}),  # LERC
        (BLACK_IS_0, [8], {254: (4, [4])}),
    ],
)
async def test_samples_that_would_be_shown_wrongly_are_refused(
    shown: Shown, photometric: int, bits: list[int], fields: dict[int, tuple[int, list[int]]]
) -> None:
    samples = bytes(PIXELS * -(-sum(bits) // 8))
    with pytest.raises(UnsupportedFormatError):
        await shown(tiff(samples, photometric=photometric, bits=bits, fields=fields))


@pytest.mark.parametrize("value", [-0.5, 1.5, float("nan"), float("inf"), 255.0])
async def test_floats_outside_0_to_1_are_refused(shown: Shown, value: float) -> None:
    samples = packed("<f", [0.5])[:-4] + struct.pack("<f", value)
    body = tiff(samples, photometric=BLACK_IS_0, bits=[32], fields={FORMAT: (3, [3])})
    with pytest.raises(UnsupportedFormatError, match="0 to 1"):
        await shown(body)


@pytest.mark.parametrize(
    ("bits", "fields"),
    [([8, 8], {}), ([8] * 5, {EXTRA: (3, [0])}), ([8] * 4, {EXTRA: (3, [0, 2])}), ([8] * 65, {})],
)
async def test_what_contradicts_itself_is_corrupt(
    shown: Shown, bits: list[int], fields: dict[int, tuple[int, list[int]]]
) -> None:
    with pytest.raises(CorruptImageError):
        await shown(tiff(bytes(PIXELS * len(bits)), photometric=RGB, bits=bits, fields=fields))


@pytest.mark.parametrize(
    "shape", [TiffShape("<", big=True), TiffShape(">", big=True), TiffShape(">")]
)
async def test_big_files_and_big_ends_are_read(shown: Shown, shape: TiffShape) -> None:
    body = tiff(
        packed("<B", [*RED, UNUSED]),
        photometric=RGB,
        bits=[8] * 4,
        fields={EXTRA: (3, [0])},
        shape=shape,
    )
    assert close(pixel(await shown(body)), (*RED, 255), 4)


@pytest.mark.parametrize("following", [99_999_999, 9, 8])
async def test_a_later_page_that_is_broken_does_not_matter(shown: Shown, following: int) -> None:
    body = tiff(packed("<B", RED), photometric=RGB, bits=[8] * 3, following=following)
    assert close(pixel(await shown(body)), (*RED, 255), 4)


async def test_a_page_in_jpeg_is_read(shown: Shown) -> None:
    for mode in ("RGB", "L", "CMYK"):
        image = Image.new("RGB", (64, 48), (90, 90, 90)).convert(mode)
        found = pixel(await shown(encoded(image, "TIFF", compression="jpeg")))
        assert found[3] == 255
        assert mode == "CMYK" or close(found, (90, 90, 90, 255), 6)


def beginning_with(
    fields: dict[int, tuple[int, list[int]]], nested: dict[int, tuple[int, list[int]]] | None = None
) -> bytes:
    """A TIFF whose first page is said to be something else, with another directory below it."""
    samples = packed("<B", RED)
    below = {256: (3, [80]), 257: (3, [80]), **(nested or {})}

    def made(at: int) -> bytes:
        said = {**fields, **({} if nested is None else {SUB_DIRECTORIES: (4, [at])})}
        return tiff(samples, photometric=RGB, bits=[8] * 3, fields=said)

    at = len(made(0))
    return made(at) + directory(below, at)


@pytest.mark.parametrize(
    "body",
    [
        beginning_with({50706: (1, [1, 4, 0, 0])}),  # DNGVersion
        beginning_with({254: (4, [1])}, {262: (3, [32803])}),  # NEF, ARW: a colour filter array
        beginning_with({}, {262: (3, [32803])}),
        beginning_with({}, {262: (3, [34892])}),
        beginning_with({}, {259: (3, [34713])}),  # Nikon's compression
        beginning_with({33421: (3, [2, 2])}),
        beginning_with({50752: (3, [1])}),
    ],
)
async def test_a_raw_file_of_a_camera_is_refused(shown: Shown, body: bytes) -> None:
    with pytest.raises(UnsupportedFormatError, match="raw"):
        await shown(body)


async def test_the_signatures_of_cameras_are_refused(shown: Shown) -> None:
    page = directory({256: (3, [8]), 257: (3, [8]), 262: (3, [2])}, 16)
    canon = b"II*\0\x10\0\0\0CR\2\0\0\0\0\0" + page
    phase_one = b"II*\0\x10\0\0\0IIII\0\0\0\0" + page
    others = [b"IIRO\x08\0\0\0" + bytes(90), b"IIU\0\x18\0\0\0" + bytes(90)]
    for body in (canon, phase_one, *others):
        with pytest.raises(UnsupportedFormatError):
            await shown(body)


@pytest.mark.parametrize(
    "body",
    [
        beginning_with({254: (4, [1])}, {}),
        beginning_with({255: (3, [2])}, {}),
        beginning_with({}, {}),  # larger than the page that it is below
    ],
)
async def test_a_preview_of_another_picture_is_refused(shown: Shown, body: bytes) -> None:
    with pytest.raises(UnsupportedFormatError, match="preview"):
        await shown(body)


async def test_a_smaller_picture_below_the_first_is_none_of_our_business(shown: Shown) -> None:
    body = beginning_with({}, {254: (4, [1]), 256: (3, [4]), 257: (3, [4])})
    assert close(pixel(await shown(body)), (*RED, 255), 4)
    assert close(pixel(await shown(beginning_with({254: (4, [1])}))), (*RED, 255), 4)


async def test_tiles_of_one_plane_each_are_refused(shown: Shown) -> None:
    tiles = {284: (3, [2]), 322: (3, [16]), 323: (3, [16])}
    body = tiff(bytes(3 * PIXELS), photometric=RGB, bits=[8] * 3, fields=tiles)
    with pytest.raises(UnsupportedFormatError, match="interleaved"):
        await shown(body)
