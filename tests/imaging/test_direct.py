"""What is called in libvips directly gives what pyvips gives, and the same errors."""

import logging
from collections.abc import Callable

import pytest

from catalog.delivery.geometry import Size
from catalog.delivery.model import Format
from imaging import direct
from imaging.pipeline.encode import encode
from imaging.vips import Image, VipsError, get_number, source_of
from tests.imaging.pictures import encoded, noise, photograph, rendered, wanted

_MASTER = encoded(photograph(400, 300))
_XMP = 2
_BY_PYVIPS: dict[Format, Callable[[Image], bytes]] = {
    Format.JPEG: lambda image: image.jpegsave_buffer(Q=70, optimize_coding=True, keep=_XMP),
    Format.WEBP: lambda image: image.webpsave_buffer(Q=70, effort=4, keep=_XMP),
    Format.AVIF: lambda image: image.heifsave_buffer(Q=70, effort=1, compression="av1", keep=_XMP),
    Format.PNG: lambda image: image.pngsave_buffer(keep=_XMP),
}


def _thumbnail() -> Image:
    return Image.thumbnail_source(source_of(_MASTER), 80, height=50, size="force", no_rotate=True)


def test_a_thumbnail_has_the_same_pixels() -> None:
    image = direct.thumbnail(source_of(_MASTER), 80, 50)
    assert direct.size_of(image) == Size(width_px=80, height_px=50)
    assert bytes(image.write_to_memory()) == bytes(_thumbnail().write_to_memory())


def test_a_header_has_size_and_metadata() -> None:
    header = direct.open_header(source_of(encoded(noise(30, 20), progressive=True)))
    assert direct.size_of(header) == Size(width_px=30, height_px=20)
    assert get_number(header, "interlaced", 0) == 1


@pytest.mark.parametrize("form", _BY_PYVIPS)
def test_every_format_has_the_same_bytes(form: Format) -> None:
    assert encode(_thumbnail(), form, 70) == _BY_PYVIPS[form](_thumbnail())


def test_a_copy_has_metadata_of_its_own() -> None:
    image = _thumbnail()
    direct.copy(image).set_type(image.get_typeof("width"), "added", 1)
    assert image.get_typeof("added") == 0


def test_what_cannot_be_read_or_written_says_why() -> None:
    with pytest.raises(VipsError, match="not in a known format"):
        direct.open_header(source_of(b"no picture"))
    with pytest.raises(VipsError, match="not in a known format"):
        direct.thumbnail(source_of(b"no picture"), 80, 50)
    cut = direct.thumbnail(source_of(_MASTER[: len(_MASTER) // 2]), 80, 50)
    with pytest.raises(VipsError, match="JPEG"):
        encode(cut, Format.PNG, None)


def test_of_libvips_only_warnings_come_to_python(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="pyvips"):
        rendered(_MASTER, wanted(80, Format.JPEG))
        assert caplog.messages == []
        Image.new_from_buffer(_MASTER[: len(_MASTER) // 2], "").avg()
    assert any("premature end of JPEG image" in each for each in caplog.messages)
