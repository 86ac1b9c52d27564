"""What the sanitiser leaves of an SVG."""

import pytest

from imaging.model import UnsafeSvgError
from imaging.probing.svg import sanitised_svg

NAMES = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"


def inside(markup: str) -> str:
    clean = sanitised_svg(f"<svg {NAMES}>{markup}</svg>".encode()).decode()
    return clean[clean.index(">") + 1 : clean.rindex("<")]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<SCRIPT/>",
        "<x:script xmlns:x='http://www.w3.org/2000/svg'/>",
        "<foreignObject><p><b>x</b></p></foreignObject>",
        "<iframe src='http://a.example/'/>",
        "<set attributeName='href' to='http://a.example/'/>",
        "<!-- x --><?xml-stylesheet href='http://a.example/'?>",
    ],
)
def test_what_runs_or_embeds_goes_with_all_that_is_in_it(markup: str) -> None:
    assert inside(markup + "<g></g>") == "<g></g>"


@pytest.mark.parametrize(
    "attribute",
    [
        "onload='alert(1)'",
        "href='http://a.example/'",
        "href='//a.example/'",
        "href='file:///etc/passwd'",
        "href='picture.png'",
        "href='javascript:alert(1)'",
        "href='data:image/svg+xml;base64,AAAA'",
        "xlink:href='http://a.example/'",
        "xml:base='http://a.example/'",
        "fill='url(http://a.example/#a)'",
        "style='fill:URL( \"http://a.example/\" )'",
        "style='fill:u\\72l(http://a.example/)'",
    ],
)
def test_attributes_that_run_or_reach_out_go(attribute: str) -> None:
    assert inside(f"<g {attribute} id='a'></g>") == '<g id="a"></g>'


@pytest.mark.parametrize(
    "attribute",
    [
        'href="#a"',
        'xlink:href="#a"',
        'href="data:image/png;base64,AAAA"',
        'fill="url(#a)"',
        'style="fill:url(#a);stroke:#fff"',
        'd="M0 0L1 1"',
    ],
)
def test_what_stays_inside_the_drawing_stays(attribute: str) -> None:
    assert inside(f"<g {attribute}></g>") == f"<g {attribute}></g>"


def test_a_style_sheet_stays_unless_it_reaches_out() -> None:
    assert inside("<style>.a{fill:url(#b)}</style>") == "<style>.a{fill:url(#b)}</style>"
    assert inside("<style>@import 'x';.a{}</style>") == "<style></style>"
    assert inside("<style>.a{src:url(http://a.example/)}</style>") == "<style></style>"


def test_text_is_escaped_again() -> None:
    assert (
        inside("<text>a &lt;script&gt; &amp; b</text>") == "<text>a &lt;script&gt; &amp; b</text>"
    )


def test_a_document_type_without_entities_is_let_go() -> None:
    head = "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://a.example/svg11.dtd'>"
    assert b"DOCTYPE" not in sanitised_svg(f"{head}<svg {NAMES}/>".encode())


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<svg>",
        b"<svg/><svg/>",
        b"<svg>&a;</svg>",
        b"\xff",
        b"<?xml version='1.0' encoding='no-such'?><svg/>",
        b"<?xml version='1.0' encoding='utf-7'?><svg/>",
    ],
)
def test_what_is_no_xml_is_refused(document: bytes) -> None:
    with pytest.raises(UnsafeSvgError):
        sanitised_svg(document)
