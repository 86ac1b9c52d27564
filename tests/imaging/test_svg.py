"""What the sanitiser leaves of an SVG."""

from html import escape, unescape

import pytest

from imaging.model import UnsafeSvgError, UnsupportedFormatError
from imaging.probing.svg import sanitised_svg

NAMES = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"


def outside(_reference: str) -> None:
    """Embed nothing: what a picture may be is for `test_svg_picture`."""


def inside(markup: str) -> str:
    return sanitised_svg(f"<svg {NAMES}>{markup}</svg>".encode(), outside).inside


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
        'fill="url(#a)"',
        "fill=\"url('#a')\"",
        'fill="url( #a ) red"',
        'style="fill:URL(&quot;#a&quot;)"',
        'class="hamburger image"',
        'id="a\\b"',
        'style="fill:url(#a);stroke:#fff"',
        'd="M0 0L1 1"',
    ],
)
def test_what_stays_inside_the_drawing_stays(attribute: str) -> None:
    assert unescape(inside(f"<g {attribute}></g>")) == f"<g {unescape(attribute)}></g>"


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        (".a{fill:url(#b)}", ".a{fill:url(#b)}"),
        ("@import 'x';.a{}", ""),
        ("@IMPORT url(//a.example);.a{fill:red}", ".a{fill:red}"),
        ("@\\69mport 'x';.a{fill:red}", ".a{fill:red}"),
        ("@font-face{src:url(data:font/woff2;base64,AA)} .a{fill:red}", ".a{fill:red}"),
        (".a{src:url(http://a.example/);fill:red}", ".a{fill:red}"),
        (".a{fill:u\\72l(http://a.example/)} .b{fill:red}", ".b{fill:red}"),
        (".a{fill:u\\72l(#b)}", ".a{fill:url(#b)}"),
        (".a{fill:url('#b');mask:url('a.svg#b') red}", ".a{fill:url('#b')}"),
        (".a{x:image-set('a.png' 1x);fill:red}", ".a{fill:red}"),
        (".a{--x:url(//a.example);fill:red}", ".a{fill:red}"),
        ("/* url(//a.example) */.a{fill:red}", ".a{fill:red}"),
        (".\\31 a{fill:red}", ".\\31 a{fill:red}"),
        ("@media all{.a{fill:url(a);stroke:red}}", ".a{stroke:red}"),
        (".a{fill:url(//a.example", ""),
        (".a{x:url(a b);fill:red}", ".a{fill:red}"),
        ("@page{x:url(//a.example)}.a{fill:red}", ".a{fill:red}"),
        ("<!-- @import 'x'; .a{fill:red} -->", ".a{fill:red}"),
        ("} x @import 'x'; .a{fill:red} .b{fill:red}", ".b{fill:red}"),
        (".a{x:url( '#b' ;fill:red}.b{x:url(y)}", ""),
        (".a{x:'url(//a)';y:url(//a)}", ".a{x:'url(//a)'}"),
        (".a{x:src(var(--b));fill:red}", ".a{fill:red}"),
        (".a/**/b{fill:red;x:url(a)}", ".a/**/b{fill:red}"),
        (".a{x:url(\\#b);y:url( #b )}", ".a{x:url(#b);y:url(#b)}"),
    ],
)
def test_a_style_sheet_loses_what_reaches_out_alone(sheet: str, kept: str) -> None:
    found = inside(f"<style>{escape(sheet, quote=False)}</style>")
    assert unescape(found).replace('"', "'") == f"<style>{kept}</style>"


def test_a_style_loses_the_declaration_that_reaches_out_alone() -> None:
    assert inside('<g style="mask:url(//a.example);fill:red"></g>') == '<g style="fill:red"></g>'


@pytest.mark.parametrize("sheet", [f"@x{'(' * 10_000}", f"@x{{a:{'1' * 10_000}}}"])
def test_a_sheet_that_nobody_could_mean_is_refused(sheet: str) -> None:
    with pytest.raises(UnsafeSvgError):
        inside(f"<style>{sheet}</style>")


@pytest.mark.parametrize(
    "markup",
    [
        "<style>@supports (display:grid){.a{fill:red}}</style>",
        "<style>@layer x{.a{fill:red}}</style>",
        "<style>@media screen{@container (width>1px){.a{fill:red}}}</style>",
        "<style>.a{fill:url(#b);&amp; .b{fill:red}}</style>",
        "<style>.a{filter:none!important}</style><g style='filter:url(#a)'/>",
        "<g style='font:12px serif'/><style>.a{font-family:serif!important}</style>",
    ],
)
def test_styles_that_only_a_browser_can_weigh_are_refused(markup: str) -> None:
    with pytest.raises(UnsupportedFormatError):
        inside(markup)


def test_text_is_escaped_again() -> None:
    assert (
        inside("<text>a &lt;script&gt; &amp; b</text>") == "<text>a &lt;script&gt; &amp; b</text>"
    )


def test_a_document_type_without_entities_is_let_go() -> None:
    head = "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://a.example/svg11.dtd'>"
    assert b"DOCTYPE" not in sanitised_svg(f"{head}<svg {NAMES}/>".encode(), outside).written()


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
        sanitised_svg(document, outside)
