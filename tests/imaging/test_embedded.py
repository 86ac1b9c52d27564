"""What a file says about itself, however badly it says it."""

from typing import Any, cast

import pyexiv2
import pytest
from PIL import Image

from imaging.model import Embedded
from imaging.probing.embedded import embedded_in
from tests.imaging.pictures import encoded, quadrants


def said(
    *, xmp: dict[str, object] | None = None, iptc: dict[str, str] | None = None, encoding: str
) -> bytes:
    opened = cast("Any", pyexiv2.ImageData(encoded(quadrants(40, 30))))
    opened.modify_xmp(xmp or {})
    opened.modify_iptc(iptc or {}, encoding)
    body = bytes(opened.get_bytes())
    opened.close()
    return body


def with_exif(tag: int, value: object) -> bytes:
    exif = Image.Exif()
    exif[tag] = value
    exif[0x8298] = "(c) Ann"
    return encoded(quadrants(40, 30), exif=exif)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_iptc_is_read_in_the_encoding_that_it_is_in(encoding: str) -> None:
    body = said(iptc={"Iptc.Application2.Copyright": "© Jürgen Müller"}, encoding=encoding)
    assert embedded_in(body).copyright == "© Jürgen Müller"


def test_xmp_comes_before_iptc() -> None:
    body = said(
        xmp={"Xmp.photoshop.Credit": "Ann"},
        iptc={"Iptc.Application2.Credit": "Bo", "Iptc.Application2.ObjectName": "A lamp"},
        encoding="utf-8",
    )
    assert embedded_in(body) == Embedded(title="A lamp", credit="Ann")


def test_a_field_of_windows_that_is_no_list_of_bytes_hides_only_exif() -> None:
    broken = with_exif(0x9C9B, "abc")  # XPTitle, as text
    assert embedded_in(broken) == Embedded()
    opened = cast("Any", pyexiv2.ImageData(broken))
    opened.modify_xmp({"Xmp.photoshop.Credit": "Ann"})
    assert embedded_in(bytes(opened.get_bytes())).credit == "Ann"
    opened.close()


def test_what_no_database_takes_is_left_out() -> None:
    assert embedded_in(with_exif(0x010E, "x")).copyright == "(c) Ann"
    body = said(iptc={"Iptc.Application2.Copyright": "A\0nn\x1b  &\r\n Bo"}, encoding="utf-8")
    assert embedded_in(body).copyright == "A nn & Bo"


@pytest.mark.parametrize("body", [b"", b"x", b"<svg/>", b"\xff\xd8\xff"])
def test_of_what_is_no_image_nothing_is_known(body: bytes) -> None:
    assert embedded_in(body) == Embedded()
