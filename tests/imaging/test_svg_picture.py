"""SVG: which files are one, how large they are drawn, and what they may hold."""

import base64
from html import escape
from typing import Any

import pytest
from PIL import Image

from imaging.formats import is_svg
from imaging.model import CorruptImageError, UnsupportedFormatError
from tests.imaging.conftest import Shown
from tests.imaging.pictures import SRGB_PROFILE, close, encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = 'xmlns="http://www.w3.org/2000/svg"'
NAMES = f'{NAME} xmlns:xlink="http://www.w3.org/1999/xlink"'
SIZED = 'width="200" height="100"'
LEFT, RIGHT = (255, 0, 0, 255), (0, 128, 0, 255)
HALVES = (
    '<rect class="a" width="100" height="100" fill="#ff0000"/>'
    '<rect class="b" x="100" width="100" height="100" fill="#008000"/>'
)


def svg(inside: str, size: str = SIZED) -> bytes:
    return f"<svg {NAMES} {size}>{inside}</svg>".encode()


def halves(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the left half and of the right."""
    found = [image.getpixel((image.width * part // 4, image.height // 2)) for part in (1, 3)]
    return [pixel for pixel in found if isinstance(pixel, tuple)]


def inked(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Where the picture is rather opaque than not."""
    alpha: Any = image.getchannel("A")  # its `point` has no full types
    return alpha.point([0] * 128 + [255] * 128).getbbox()


def is_red_and_green(image: Image.Image) -> bool:
    return all(close(a, b) for a, b in zip(halves(image), (LEFT, RIGHT), strict=True))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("", (2000, 1000)),
        ('width="100%" height="100%"', (2000, 1000)),
        ('width="100%" height="500"', (2000, 1000)),
        ('width="500"', (2000, 1000)),
        ('height="500"', (2000, 1000)),
        ('height="5cm" width="50%"', (2000, 1000)),
        ('viewBox=""', (2000, 1000)),
        ('style="width:100%;height:100%"', (2000, 1000)),
        ('width="200" height="100"', (2000, 1000)),
        ('width="200px" height="75pt"', (2000, 1000)),
        ('viewBox="0 0 200 100"', (2000, 1000)),
        ('viewBox="0,0,200,100" width="100%" height="100%"', (2000, 1000)),
        ('viewBox="0 0 200 100" width="20mm"', (2000, 1000)),
        ('viewBox="0 0 200 100" width="3" height="3" preserveAspectRatio="none"', (2000, 2000)),
        ('viewBox="0 0 200 100" width="7.5" height="3.75"', (2000, 1000)),
        ('viewBox="0 0 200 100" width="100" height="100" preserveAspectRatio="xMidYMid slice"',
         None),
    ],
)  # fmt: skip
async def test_a_drawing_fills_its_picture(
    shown: Shown, size: str, expected: tuple[int, int] | None
) -> None:
    image = await shown(svg(HALVES, size))
    assert is_red_and_green(image)
    assert image.size == (expected or (2000, 2000))
    corner = image.getpixel((4, image.height - 4))
    assert isinstance(corner, tuple)
    assert close(corner, LEFT)


async def test_a_drawing_without_a_size_is_opaque_to_its_edges(shown: Shown) -> None:
    image = await shown(svg(HALVES, 'width="100%" height="100%"'))
    assert image.getchannel("A").getextrema() == (255, 255)


async def test_a_drawing_without_a_size_is_seen_from_its_origin(shown: Shown) -> None:
    image = await shown(svg('<rect x="100" y="50" width="100" height="50"/>', ""))
    assert image.size == (2000, 1000)
    assert inked(image) == (1000, 500, 2000, 1000)
    beyond = await shown(svg('<rect x="-100" y="-50" width="100" height="50"/>', 'width="9"'))
    assert beyond.size == (2000, 1000)
    assert inked(beyond) == (0, 0, 2000, 1000)


async def test_no_sheet_hides_how_large_a_drawing_is(shown: Shown) -> None:
    sheet = "<style>path{display:none} svg{width:100%;height:40%} *{stroke-width:0}</style>"
    assert is_red_and_green(await shown(svg(sheet + HALVES, 'width="100%" height="100%"')))


@pytest.mark.parametrize("size", ["", 'width="100%"', 'width="0" height="0"', 'viewBox="0 0 0 0"'])
async def test_a_drawing_of_nothing_has_no_size(shown: Shown, size: str) -> None:
    with pytest.raises(CorruptImageError):
        await shown(svg("<defs/>", size))


@pytest.mark.parametrize(
    "inside",
    [
        "<style>@import url('https://a.example'); .a{fill:#ff0000} .b{fill:#008000}</style>",
        "<style>@font-face{src:url(data:,x)} .a{fill:#ff0000}.b{fill:#008000}</style>",
        "<style>/* url(x) \\ */ .a{fill:#ff0000}.b{fill:#008000}</style>",
        "<style><![CDATA[ @import 'x'; .a{fill:url('#p')} .b{fill:#008000}]]></style>",
        "<style>.a{fill:u\\72l('#p')}.b{fill:#008000;mask:url(//a.example)}</style>",
    ],
)
async def test_a_style_sheet_colours_the_drawing(shown: Shown, inside: str) -> None:
    paint = '<linearGradient id="p"><stop stop-color="#ff0000"/></linearGradient>'
    plain = HALVES.replace('fill="#ff0000"', "").replace('fill="#008000"', "")
    assert is_red_and_green(await shown(svg(inside + paint + plain)))


@pytest.mark.parametrize(
    "paint",
    [
        "fill=\"url('#p')\"",
        'fill="url(&quot;#p&quot;)"',
        'style="fill: url(&quot;#p&quot;)"',
        "style=\"fill:URL( '#p' )\"",
        'style="fill:u\\72l(#p);mask:url(//a.example)"',
    ],
)
async def test_a_reference_may_be_quoted_in_any_way(shown: Shown, paint: str) -> None:
    gradient = '<linearGradient id="p"><stop stop-color="#ff0000"/></linearGradient>'
    drawing = gradient + HALVES.replace('fill="#ff0000"', paint)
    assert is_red_and_green(await shown(svg(drawing)))


PARTS = (
    '<linearGradient id="p"><stop stop-color="#ff0000"/></linearGradient>'
    '<filter id="f"><feFlood flood-color="#ff0000"/></filter>'
    '<filter id="n"><feFlood flood-color="#0000ff"/></filter>'
)


@pytest.mark.parametrize(
    ("sheet", "style"),
    [
        ("", "fill:url(#p) !important"),
        ("", "fill:url('#p')!IMPORTANT;fill:blue"),
        (".a{fill:url(#p) !important}", "fill:blue"),
        (".a{fill:url(#p) #ff0000!important} #i{fill:blue}", ""),
        ("", "filter:url(#f) !important;filter:url(#n)"),
        (".a{filter:url(#f)!important} #i.a{filter:url(#n)}", ""),
        ("@media screen{.a{fill:#ff0000}}", ""),
        ("@media ALL , print{.a{fill:#ff0000}}", ""),
        ("@media only screen and (prefers-color-scheme: light){.a{fill:#ff0000}}", ""),
        (".a{fill:#ff0000} @media print{.a{fill:blue}}", ""),
        (".a{fill:#ff0000} @media screen and (max-width: 600px){.a{fill:blue}}", ""),
        ("@media{.a{fill:#ff0000}} @media (prefers-color-scheme:dark){.a{fill:blue}}", ""),
    ],
)
async def test_a_style_counts_for_what_it_does_in_a_browser(
    shown: Shown, sheet: str, style: str
) -> None:
    plain = HALVES.replace('fill="#ff0000"', f'id="i" style="{style}"')
    assert is_red_and_green(await shown(svg(f"<style>{sheet}</style>{PARTS}{plain}")))


@pytest.mark.parametrize(
    ("root", "width"),
    [
        ("", "6.25em"),
        ("", "12.5ex"),
        ("", "6.25rem"),
        ('font-size="20"', "5em"),
        ('style="font-size:20px"', "5em"),
        ('style="font-size:medium"', "6.25em"),
        ('font-size="x-large"', "4.166667em"),
    ],
)
async def test_letters_are_as_large_as_in_a_browser(shown: Shown, root: str, width: str) -> None:
    drawing = HALVES.replace('fill="#ff0000"', 'fill="#008000"')
    left = f'<rect width="{width}" height="100" fill="#ff0000"/>'
    image = await shown(svg(drawing + left, f"{SIZED} {root}"))
    edges = [image.getpixel((x, 500)) for x in (996, 1004)]
    assert edges == [LEFT, RIGHT]


def data_uri(head: str, data: bytes) -> str:
    return f"data:{head},{base64.b64encode(data).decode()}"


RED = Image.new("RGB", (20, 10), LEFT[:3])
JPEG, PNG = encoded(RED), encoded(RED, "PNG")
SMALL_SVG = svg('<rect width="200" height="100" fill="#ff0000"/>')


@pytest.mark.parametrize(
    "uri",
    [
        data_uri("image/jpg;base64", JPEG),
        data_uri("image/jpeg;base64", JPEG),
        data_uri("IMAGE/PNG;BASE64", PNG),
        data_uri(";base64", PNG),
        data_uri("image/png;base64", JPEG),
        data_uri("image/png;name=a.png;charset=utf-8; base64 ", PNG),
        data_uri("application/octet-stream;base64", PNG),
        data_uri("image/png;base64", PNG).rstrip("="),
        "Data:image/png;base64," + "\n ".join(base64.encodebytes(PNG).decode().split()),
        "data:image/png;base64," + base64.b64encode(PNG).decode().replace("+", "%2B"),
        "data:image/png," + "".join(f"%{byte:02x}" for byte in PNG),
        data_uri("image/gif;base64", encoded(RED, "GIF")),
        data_uri("image/webp;base64", encoded(RED, "WEBP", quality=100)),
        data_uri("image/avif;base64", encoded(RED, "AVIF", quality=100)),
        data_uri("image/svg+xml;base64", SMALL_SVG),
        "data:image/svg+xml;utf8," + SMALL_SVG.decode().replace("#", "%23"),
    ],
    ids=lambda uri: uri[:40],
)
@pytest.mark.parametrize("name", ["href", "xlink:href"])
async def test_an_embedded_picture_is_drawn(shown: Shown, name: str, uri: str) -> None:
    picture = f'<image width="100" height="100" preserveAspectRatio="none" {name}="{escape(uri)}"/>'
    assert is_red_and_green(await shown(svg(HALVES.replace("#ff0000", "#0000ff") + picture)))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
async def test_an_embedded_picture_is_upright_and_in_srgb(shown: Shown, form: str) -> None:
    turned = Image.new("RGB", (48, 96), LEFT[:3])
    turned.paste(RIGHT[:3], (0, 0, 48, 48))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right
    swapped = bytearray(SRGB_PROFILE)
    at, to = swapped.find(b"rXYZ"), swapped.find(b"gXYZ")
    swapped[at], swapped[to] = swapped[to], swapped[at]  # red is green in it
    turned_only = encoded(turned, form, exif=exif)
    exchanged = encoded(Image.merge("RGB", [turned.getchannel(each) for each in "GRB"]), form,
        exif=exif, icc_profile=bytes(swapped))  # fmt: skip
    for body in (turned_only, exchanged):
        uri = data_uri("image/x;base64", body)
        image = await shown(svg(f'<image width="200" height="100" href="{uri}"/>'))
        assert is_red_and_green(image)


@pytest.mark.parametrize(
    "uri",
    [
        data_uri("image/png;base64", b"no picture"),
        "data:image/png;base64,%%%",
        data_uri("image/png;base64", PNG[:60]),
        data_uri("image/svg+xml;base64", svg('<image href="http://a.example/"/>')),
        "data:image/png",
    ],
)
async def test_a_broken_embedded_picture_is_left_out(shown: Shown, uri: str) -> None:
    picture = f'<image width="200" height="100" href="{uri}"/>'
    assert is_red_and_green(await shown(svg(HALVES + picture)))


@pytest.mark.parametrize(("levels", "is_drawn"), [(3, True), (4, False)])
async def test_drawings_embedded_too_deeply_are_left_out(
    shown: Shown,
    levels: int,
    is_drawn: bool,  # noqa: FBT001 - a table
) -> None:
    drawing = svg('<rect width="200" height="100" fill="#0000ff"/>')
    for _ in range(levels):
        uri = data_uri("image/svg+xml;base64", drawing)
        drawing = svg(f'<image width="200" height="100" href="{uri}"/>')
    image = await shown(drawing)
    assert (image.getbbox() is not None) == is_drawn


TEXT = f"<svg {NAME} {SIZED}>{HALVES}</svg>"
PREFIXED = TEXT.replace("xmlns=", "xmlns:ns0=").replace("<svg", "<ns0:svg").replace(
    "</svg", "</ns0:svg"
).replace("<rect", "<ns0:rect")  # fmt: skip
DOCTYPE = (
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://a.example/svg11.dtd" '
    "[<!-- <html> ' --> <!ATTLIST svg a CDATA '>'>]>"
)


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        ("\ufeff<?xml version='1.0' encoding='UTF-16'?>" + TEXT).encode("utf-16-be"),
        ("<?xml version='1.0' encoding='utf-16'?>" + TEXT).encode("utf-16"),
        b"\xef\xbb\xbf" + TEXT.encode(),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><!-- \xe4 -->" + TEXT).encode("latin-1"),
        ("<?xml version='1.0' encoding='windows-1252'?><!-- \u20ac -->" + TEXT).encode("cp1252"),
        PREFIXED.encode(),
        f"<!-- {'licence ' * 90_000}-->{TEXT}".encode(),
        f"\n<!-- <svg> --><?a b?>{DOCTYPE}\n{TEXT}".encode(),
    ],
    ids=range(11),
)
async def test_an_svg_is_told_by_its_root(shown: Shown, body: bytes) -> None:
    assert is_red_and_green(await shown(body))


@pytest.mark.parametrize(
    "body",
    [
        b"<html><svg/></html>",
        b"<!-- <svg> --><html/>",
        b"<!DOCTYPE html [<!ENTITY a '<svg>'>]><p/>",
        b"<svgs/>",
        b"<!-- without end <svg>",
        b"<!DOCTYPE svg",
        b"<?xml",
        b"hello <svg/>",
        b"",
    ],
)
async def test_what_has_another_root_is_none(shown: Shown, body: bytes) -> None:
    assert not is_svg(body)
    with pytest.raises(UnsupportedFormatError):
        await shown(body)
