"""Hostile SVGs."""

import base64

from tests.imaging.hostile.payloads import SVG_NAMES, billion_laughs
from tests.imaging.png import png

# SVG


def svg(inside: str, *, head: str = "", size: str = "width='40' height='20'") -> bytes:
    return f"<?xml version='1.0'?>{head}<svg {SVG_NAMES} {size}>{inside}</svg>".encode()


def svg_of_a_billion_laughs() -> bytes:
    return svg("<text>&a9;</text>", head=f"<!DOCTYPE svg [{billion_laughs()}]>")


def svg_that_reads_a_file() -> bytes:
    head = "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
    return svg("<text y='9'>&a;</text>", head=head)


def svg_that_includes_a_file() -> bytes:
    include = "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' parse='text'"
    return svg(f"<text y='9'>{include} href='file:///etc/passwd'/></text>")


def svg_that_runs_and_reaches_out() -> bytes:
    return svg(
        "<script>alert(1)</script><image href='http://127.0.0.1:9/' width='9' height='9'/>"
        "<style>@import url(http://127.0.0.1:9/);</style><g onload='alert(1)'/>"
        "<feImage href='file:///etc/passwd'/><rect width='9' height='9' fill='red'/>"
    )


def svg_in_an_unknown_encoding() -> bytes:
    return svg("").replace(b"version='1.0'", b"version='1.0' encoding='no-such'")


def svg_in_an_encoding_of_many_bytes() -> bytes:
    return svg("").replace(b"version='1.0'", b"version='1.0' encoding='utf-7'")


def svg_of_a_filter_bomb() -> bytes:
    blur = "<filter id='f' x='-9' y='-9' width='19' height='19'>" + (
        "<feGaussianBlur stdDeviation='90'/><feMorphology operator='dilate' radius='40'/>" * 9
    )
    shapes = "<rect width='40' height='40' filter='url(#f)'/>" * 900
    return svg(f"{blur}</filter>{shapes}")


def svg_of_nested_uses() -> bytes:
    """Ten levels of ten: ten thousand million rectangles in two kilobytes."""
    tens = [f"<use href='#u{level}'/>" * 10 for level in range(10)]
    levels = "".join(f'<g id="u{level}">{ten}</g>' for level, ten in enumerate(tens, 1))
    return svg(f"<defs><rect id='u0' width='9' height='9'/>{levels}</defs><use href='#u10'/>")


def svg_of_deep_uses() -> bytes:
    """A chain of 5,000 uses, each of the one before."""
    chain = "".join(f"<g id='u{n}'><use href='#u{n - 1}'/></g>" for n in range(1, 5_000))
    return svg(f"<defs><rect id='u0' width='9' height='9'/>{chain}</defs><use href='#u4999'/>")


def svg_that_uses_itself() -> bytes:
    return svg("<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>")


def svg_of_nested_patterns() -> bytes:
    size = "width='.02' height='.02'"
    levels = "".join(
        f"<pattern id='p{n}' {size}><rect width='99' height='99' fill='url(#p{n - 1})'/></pattern>"
        for n in range(1, 12)
    )
    return svg(f"<pattern id='p0' {size}/>{levels}<rect width='40' height='20' fill='url(#p11)'/>")


def svg_with_a_bomb_inside() -> bytes:
    bomb = base64.b64encode(png(30_000, 30_000, bits=1, rows=bytes(3_751 * 30_000))).decode()
    return svg(f"<image width='40' height='20' href='data:image/png;base64,{bomb}'/>")


def svg_of_enormous_size() -> bytes:
    return svg("<rect width='9' height='9'/>", size="width='1e9' height='1e9'")


def svg_of_extreme_shape() -> bytes:
    return svg("<rect width='9' height='9'/>", size="width='1e-6' height='1e6'")


def svg_of_a_long_path() -> bytes:
    return svg(f"<path d='M0 0{'L40 20L0 9C1 2 3 4 5 6' * 200_000}' stroke='red'/>")


def svg_of_two_hundred_thousand_elements() -> bytes:
    return svg("<path d='M0 0h40v20z' opacity='.5'/>" * 200_000)


def svg_of_deep_groups() -> bytes:
    return svg("<g>" * 100_000 + "</g>" * 100_000)


def svg_of_layers() -> bytes:
    return svg("<g opacity='.9'>" * 90 + "<rect width='40' height='20'/>" + "</g>" * 90)
