"""Colours of every kind of source become those of the reference, within a CIEDE2000 of 2.

Each chart goes the whole way: through an ingest child, and from its master through a render.
"""

import io
import struct
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from PIL import Image, ImageCms

from imaging.ingest import Ingestor, open_ingestor
from imaging.pipeline.colour import to_srgb
from imaging.vips import ICC_FIELD, set_blob
from imaging.vips import Image as VipsImage
from tests.imaging.colour.charts import (
    chart,
    chart_of_16_bits,
    colours,
    encoded_chart,
    heic_of,
    read_patches,
    stored_in,
    worst,
)
from tests.imaging.colour.delta_e import Triple
from tests.imaging.colour.profiles import adobe_rgb, display_p3, grey
from tests.imaging.colour.reference import (
    from_adobe_rgb,
    from_display_p3,
    from_grey,
    unchanged,
)
from tests.imaging.hostile.jpegs import garbage_profile
from tests.imaging.pictures import decoded, encoded, rendered, wanted
from tests.imaging.png import png_chunk

MOST = 2.0
PRESS = bytes(VipsImage.profile_load("cmyk"))
RELATIVE = ImageCms.Intent.RELATIVE_COLORIMETRIC


class ColourSource(NamedTuple):
    """A source, and the reference for the numbers that it holds."""

    make: Callable[[], bytes]
    channels: int
    reference: Callable[[tuple[float, ...]], Triple]


# gAMA and cHRM of a gamma of 1.0 and of Display P3 (RFC 2083, 4.2).
GAMA_CHRM = png_chunk(b"gAMA", struct.pack(">I", 100_000)) + png_chunk(
    b"cHRM",
    struct.pack(">8I", 31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000),
)

EIGHT: Mapping[str, ColourSource] = {
    "untagged.png": ColourSource(partial(encoded_chart, 3, "PNG"), 3, unchanged),
    "untagged.jpg": ColourSource(partial(encoded_chart, 3, "JPEG"), 3, unchanged),
    "adobe.png": ColourSource(partial(encoded_chart, 3, "PNG", adobe_rgb()), 3, from_adobe_rgb),
    "adobe.jpg": ColourSource(partial(encoded_chart, 3, "JPEG", adobe_rgb()), 3, from_adobe_rgb),
    "adobe.tif": ColourSource(partial(encoded_chart, 3, "TIFF", adobe_rgb()), 3, from_adobe_rgb),
    "p3.jpg": ColourSource(partial(encoded_chart, 3, "JPEG", display_p3()), 3, from_display_p3),
    "p3.png": ColourSource(partial(encoded_chart, 3, "PNG", display_p3()), 3, from_display_p3),
    "p3.webp": ColourSource(partial(encoded_chart, 3, "WEBP", display_p3()), 3, from_display_p3),
    "p3.avif": ColourSource(partial(encoded_chart, 3, "AVIF", display_p3()), 3, from_display_p3),
    "grey.png": ColourSource(partial(encoded_chart, 1, "PNG"), 1, unchanged),
    "grey.jpg": ColourSource(partial(encoded_chart, 1, "JPEG"), 1, unchanged),
    "grey22.png": ColourSource(
        partial(encoded_chart, 1, "PNG", grey(2.2)), 1, partial(from_grey, 2.2)
    ),
    "grey22.jpg": ColourSource(
        partial(encoded_chart, 1, "JPEG", grey(2.2)), 1, partial(from_grey, 2.2)
    ),
    "grey18.tif": ColourSource(
        partial(encoded_chart, 1, "TIFF", grey(1.8)), 1, partial(from_grey, 1.8)
    ),
}
SIXTEEN: Mapping[str, ColourSource] = {
    "untagged": ColourSource(partial(chart_of_16_bits, 3), 3, unchanged),
    "adobe": ColourSource(partial(chart_of_16_bits, 3, adobe_rgb()), 3, from_adobe_rgb),
    "p3": ColourSource(partial(chart_of_16_bits, 3, display_p3()), 3, from_display_p3),
    "grey": ColourSource(partial(chart_of_16_bits, 1), 1, unchanged),
    "grey22": ColourSource(partial(chart_of_16_bits, 1, grey(2.2)), 1, partial(from_grey, 2.2)),
    # PNG's own description of colours is not read: such a file is taken for sRGB.
    "gama-chrm": ColourSource(partial(chart_of_16_bits, 3, None, GAMA_CHRM), 3, unchanged),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ingestor() -> AsyncGenerator[Ingestor]:
    async with open_ingestor(workers=1) as opened:
        yield opened


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def delivered(ingestor: Ingestor, folder: Path, body: bytes) -> Image.Image:
    file = folder / "chart"
    file.write_bytes(body)
    probed = await ingestor.probe(file)
    return rendered(probed.master or body, wanted(128)).convert("RGB")


async def difference(
    ingestor: Ingestor, folder: Path, body: bytes, channels: int, expected: Iterable[Triple]
) -> float:
    image = await delivered(ingestor, folder, body)
    return worst(read_patches(image, channels), expected)


@pytest.mark.parametrize("name", EIGHT)
async def test_eight_bits_look_like_the_reference(
    ingestor: Ingestor, tmp_path: Path, name: str
) -> None:
    kind = EIGHT[name]
    body = kind.make()
    expected = map(kind.reference, stored_in(body, kind.channels))
    assert await difference(ingestor, tmp_path, body, kind.channels, expected) <= MOST


@pytest.mark.parametrize("name", SIXTEEN)
async def test_sixteen_bits_look_like_the_reference(
    ingestor: Ingestor, tmp_path: Path, name: str
) -> None:
    kind = SIXTEEN[name]
    stored = [tuple(part / 65_535 for part in each) for each in colours(kind.channels, 65_535)]
    expected = map(kind.reference, stored)
    assert await difference(ingestor, tmp_path, kind.make(), kind.channels, expected) <= MOST


async def test_a_picture_of_a_phone_looks_like_the_reference(
    ingestor: Ingestor, tmp_path: Path
) -> None:
    # The numbers that were encoded: no other decoder of HEVC is here.
    body = heic_of(chart(3), display_p3())
    expected = [from_display_p3([part / 255 for part in each]) for each in colours(3, 255)]
    assert await difference(ingestor, tmp_path, body, 3, expected) <= MOST


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
@pytest.mark.parametrize("profile", [PRESS, None])
async def test_cmyk_looks_as_little_cms_makes_it(
    ingestor: Ingestor, tmp_path: Path, form: str, profile: bytes | None
) -> None:
    # Pillow writes the JPEG as Adobe does, inverted and marked so. Without a profile it is taken
    # for the one that libvips brings.
    body = encoded_chart(4, form, profile)
    # The master is a JPEG, and so is this: 8 bits of YCbCr move a dark patch by up to 2.3.
    expected = fractions(decoded(encoded(by_little_cms(decoded(body)))))
    assert await difference(ingestor, tmp_path, body, 4, expected) <= MOST


@pytest.mark.parametrize("profile", [PRESS, None])
async def test_cmyk_itself_is_converted_as_by_little_cms(profile: bytes | None) -> None:
    source = chart(4)
    image = VipsImage.new_from_memory(source.tobytes(), *source.size, 4, "uchar")
    image = image.copy(interpretation="cmyk")
    if profile is not None:
        set_blob(image, ICC_FIELD, profile)
    converted = decoded(bytes(to_srgb(image).pngsave_buffer()))
    assert worst(read_patches(converted, 4), fractions(by_little_cms(source))) <= MOST


def by_little_cms(image: Image.Image) -> Image.Image:
    source, srgb = (
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
        for profile in (PRESS, bytes(VipsImage.profile_load("srgb")))
    )
    converted = ImageCms.profileToProfile(
        image, source, srgb, renderingIntent=RELATIVE, outputMode="RGB"
    )
    assert converted is not None
    return converted


def fractions(image: Image.Image) -> list[Triple]:
    return [(red / 255, green / 255, blue / 255) for red, green, blue in read_patches(image, 4)]


@pytest.mark.parametrize("profile", [b"junk" * 99, garbage_profile(b"RGB "), display_p3()[:300]])
async def test_a_profile_that_is_garbage_is_none(
    ingestor: Ingestor, tmp_path: Path, profile: bytes
) -> None:
    body = encoded_chart(3, "PNG", profile)
    expected = map(unchanged, stored_in(body, 3))
    assert await difference(ingestor, tmp_path, body, 3, expected) <= MOST


async def test_without_its_profile_a_chart_would_look_wrong(
    ingestor: Ingestor, tmp_path: Path
) -> None:
    """The measure itself sees what it is for."""
    body = encoded_chart(3, "PNG")
    for reference in (from_adobe_rgb, from_display_p3):
        expected = map(reference, stored_in(body, 3))
        assert await difference(ingestor, tmp_path, body, 3, expected) > MOST
