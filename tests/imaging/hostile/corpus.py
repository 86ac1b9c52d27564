"""Hostile files, each made by one small function that is named after what it tries."""

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pillow_heif
from PIL import Image

from tests.imaging.pictures import encoded, quadrants
from tests.imaging.png import png, png_chunk

ACCEPTED = "ACCEPTED"
CORRUPT = "CORRUPT_IMAGE"
TOO_LARGE = "IMAGE_TOO_LARGE"
UNSAFE = "UNSAFE_SVG"
UNSUPPORTED = "UNSUPPORTED_FORMAT"
TIMEOUT = "PROBE_TIMEOUT"

SVG_NAMES = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
PAYLOAD = b"<script>alert(1)</script><?php system('id'); ?>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A file, and the answers that it may get: several where either bound may be met first.

    Attributes:
        name: that a supplier would send it under.
    """

    make: Callable[[], bytes]
    answers: frozenset[str]
    name: str = "picture.jpg"


def hostile(make: Callable[[], bytes], *answers: str, name: str = "picture.jpg") -> Hostile:
    """Say what a file gets."""
    return Hostile(make=make, answers=frozenset(answers), name=name)


def billion_laughs() -> str:
    """Entities of ten entities each, `a9` the largest."""
    tens = [f"&a{level};" * 10 for level in range(9)]
    more = "".join(f"<!ENTITY a{level} '{ten}'>" for level, ten in enumerate(tens, 1))
    return f"<!ENTITY a0 'ha'>{more}"


# PNG


def png_bomb() -> bytes:
    return png(60_000, 60_000, rows=bytes(1000))


def png_at_the_limit() -> bytes:
    """Twelve kilobytes that are honestly 99,991,552 pixels."""
    width, height = 16_384, 6_103
    return png(width, height, bits=1, rows=bytes((width // 8 + 1) * height))


def png_whose_rows_are_missing() -> bytes:
    return png(8_000, 8_000, rows=bytes(8_001 * 10))


def png_with_more_rows_than_it_says() -> bytes:
    return png(4, 4, rows=bytes(20_000_000))


def png_with_a_text_bomb() -> bytes:
    packed = zlib.compress(bytes(100_000_000), 1)
    return png(4, 4, between=png_chunk(b"zTXt", b"Comment\0\0" + packed), rows=bytes(20))


def png_with_a_profile_bomb() -> bytes:
    packed = zlib.compress(bytes(100_000_000), 1)
    return png(4, 4, between=png_chunk(b"iCCP", b"icc\0\0" + packed), rows=bytes(20))


def png_with_many_texts() -> bytes:
    return png(4, 4, between=png_chunk(b"tEXt", b"a\0b") * 300_000, rows=bytes(20))


def png_without_width() -> bytes:
    return png(0, 4, rows=bytes(20))


def png_of_negative_width() -> bytes:
    return png(0x80000000, 4, rows=bytes(20))


def png_of_impossible_depth() -> bytes:
    return png(4, 4, bits=255, rows=bytes(20))


def png_whose_palette_is_missing() -> bytes:
    return png(4, 4, colour=3, rows=bytes(20))


def png_whose_chunk_never_ends() -> bytes:
    whole = png(4, 4, rows=bytes(20))
    return whole[:33] + struct.pack(">I", 0x7FFFFFFF) + whole[37:]


# GIF


def gif(width: int, height: int, blocks: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + blocks + b";"


def gif_frame(left: int = 0, top: int = 0, width: int = 1, height: int = 1) -> bytes:
    frame = b"," + struct.pack("<HHHHB", left, top, width, height, 0)
    return frame + b"\x02\x02\x44\x01\x00"


def gif_bomb() -> bytes:
    return gif(30_000, 4_000, gif_frame(0, 0, 30_000, 4_000))


def gif_of_the_largest_screen() -> bytes:
    """Which encoders once wrote by mistake, so that its reader takes the frame's size."""
    return gif(65_535, 65_535, gif_frame())


def gif_of_too_many_frames() -> bytes:
    return gif(1, 1, gif_frame() * 1_001)


def gif_of_too_many_pixels_in_its_frames() -> bytes:
    return gif(1_000, 1_000, gif_frame() * 101)


def gif_whose_frame_is_outside() -> bytes:
    return gif(4, 4, gif_frame(60_000, 60_000, 60_000, 60_000))


def gif_whose_code_size_is_impossible() -> bytes:
    return gif(4, 4, b"," + struct.pack("<HHHHB", 0, 0, 4, 4, 0) + b"\xff\x02\x44\x01\x00")


def gif_without_a_frame() -> bytes:
    return gif(4, 4, b"")


# JPEG


def jpeg_segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def jpeg_with(*segments: bytes) -> bytes:
    """A picture that all is well with, and these before it."""
    whole = encoded(quadrants(64, 48))
    return whole[:2] + b"".join(segments) + whole[2:]


def jpeg_bomb() -> bytes:
    whole = bytearray(encoded(quadrants(64, 48)))
    at = whole.index(b"\xff\xc0")
    whole[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    return bytes(whole)


def jpeg_of_too_many_scans() -> bytes:
    """Every scan of a progressive picture decodes all of it (libjpeg-turbo's `LJT-01-003`)."""
    whole = encoded(quadrants(64, 48), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 20_000 + whole[-2:]


def jpeg_without_a_scan() -> bytes:
    whole = encoded(quadrants(64, 48))
    return whole[: whole.index(b"\xff\xda")] + b"\xff\xd9"


def jpeg_whose_segment_never_ends() -> bytes:
    return b"\xff\xd8\xff\xe1\xff\xff" + bytes(100)


def jpeg_of_sixteen_components() -> bytes:
    whole = bytearray(encoded(quadrants(64, 48)))
    whole[whole.index(b"\xff\xc0") + 9] = 255
    return bytes(whole)


def jpeg_whose_exif_points_at_itself() -> bytes:
    entries = struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + entries))


def jpeg_whose_exif_claims_gigabytes() -> bytes:
    entries = struct.pack("<HHHII", 1, 0x8298, 2, 0xFFFFFFFF, 0xFFFFFFF0) + bytes(4)
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + entries))


def jpeg_of_an_orientation_that_there_is_none_of() -> bytes:
    entries = struct.pack("<HHHIHH", 1, 0x0112, 3, 1, 60_000, 0) + bytes(4)
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + entries))


def jpeg_whose_windows_title_is_no_list_of_bytes() -> bytes:
    entries = struct.pack("<HHHI4s", 1, 0x9C9B, 2, 4, b"abc\0") + bytes(4)
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + entries))


def jpeg_whose_xmp_has_entities() -> bytes:
    xmp = f"<!DOCTYPE x [{billion_laughs()}]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&a9;"
    return jpeg_with(jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp.encode()))


def jpeg_of_a_thousand_comments() -> bytes:
    return jpeg_with(*[jpeg_segment(0xFE, bytes(65_000))] * 1_000)


def garbage_profile(claim: bytes) -> bytes:
    """A profile whose head is right and whose rest is not."""
    body = bytearray(b"\xa5" * 3_000)
    body[:4] = struct.pack(">I", len(body))
    body[8:12] = b"\x02\x40\0\0"
    body[12:24] = b"mntr" + claim + b"XYZ "
    body[36:40] = b"acsp"
    return bytes(body)


def jpeg_with_a_garbage_profile() -> bytes:
    return encoded(quadrants(64, 48), icc_profile=garbage_profile(b"RGB "))


def grey_jpeg_with_a_garbage_profile() -> bytes:
    return encoded(quadrants(64, 48, "L"), icc_profile=garbage_profile(b"GRAY"))


def cmyk_jpeg_with_a_garbage_profile() -> bytes:
    return encoded(quadrants(64, 48, "CMYK"), icc_profile=garbage_profile(b"CMYK"))


def webp_with_a_garbage_profile() -> bytes:
    return encoded(quadrants(64, 48), "WEBP", icc_profile=garbage_profile(b"RGB "))


def tiff_with_a_garbage_profile() -> bytes:
    return encoded(quadrants(64, 48), "TIFF", icc_profile=garbage_profile(b"RGB "))


def avif_with_a_garbage_profile() -> bytes:
    return encoded(quadrants(64, 48), "AVIF", icc_profile=garbage_profile(b"RGB "))


# WebP, AVIF, HEIC


def webp_bomb() -> bytes:
    """A simple lossy header of 16,383 by 16,383 px (RFC 9649, RFC 6386)."""
    whole = bytearray(encoded(quadrants(64, 48), "WEBP"))
    at = whole.index(b"\x9d\x01\x2a")
    whole[at + 3 : at + 7] = struct.pack("<HH", 16_383, 16_383)
    return bytes(whole)


def webp_whose_riff_is_longer_than_the_file() -> bytes:
    whole = encoded(quadrants(64, 48), "WEBP")
    return whole[:4] + b"\xff\xff\xff\xff" + whole[8:]


def box_edited(body: bytes, name: bytes, at: int, value: bytes) -> bytes:
    """Overwrite bytes of the first box of a name, counted from its content on."""
    start = body.index(name) + 4 + at
    return body[:start] + value + body[start + len(value) :]


def avif_bomb() -> bytes:
    return box_edited(
        encoded(quadrants(64, 48), "AVIF"), b"ispe", 4, struct.pack(">II", 60_000, 60_000)
    )


def avif_whose_size_is_a_lie() -> bytes:
    """Its header says 9,000 by 9,000 px, its pixels are 64 by 48."""
    return box_edited(
        encoded(quadrants(64, 48), "AVIF"), b"ispe", 4, struct.pack(">II", 9_000, 9_000)
    )


def avif_whose_items_are_outside() -> bytes:
    return box_edited(encoded(quadrants(64, 48), "AVIF"), b"iloc", 8, b"\xff" * 12)


def avif_whose_box_has_no_size() -> bytes:
    whole = encoded(quadrants(64, 48), "AVIF")
    at = whole.index(b"meta") - 4
    return whole[:at] + b"\0\0\0\1" + whole[at + 4 :]


def heic_of_nothing() -> bytes:
    return b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0\0\0\x08mdat"


def heic() -> bytes:
    file = io.BytesIO()
    made: Any = pillow_heif.from_pillow(quadrants(64, 48))  # its `save` has no types
    made.save(file)
    return file.getvalue()


def heic_without_a_picture() -> bytes:
    """Its only item has no properties: they are said to be of another."""
    return box_edited(heic(), b"ipma", 8, b"\0\x08")


def heic_of_a_version_to_come() -> bytes:
    return box_edited(heic(), b"ispe", 0, b"\x07")


def avif_that_says_it_is_heic() -> bytes:
    return encoded(quadrants(64, 48), "AVIF").replace(b"avif", b"heic", 1)


# TIFF


def tiff(*entries: tuple[int, int, int, int], then: int = 0, behind: bytes = bytes(64)) -> bytes:
    """One directory of (tag, type, count, value) (TIFF 6.0, section 2), and bytes behind it."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    directory = struct.pack("<H", len(entries)) + packed + struct.pack("<I", then)
    return b"II*\0" + struct.pack("<I", 8) + directory + behind


def tiff_grey(  # noqa: PLR0913 - the tags that the tests lie about
    *,
    width: int = 4,
    height: int = 4,
    bits: int = 8,
    samples: int = 1,
    strip: int = 130,
    strip_bytes: int = 16,
    compression: int = 1,
    then: int = 0,
) -> bytes:
    tags = (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, compression)
    more = (262, 3, 1, 1), (273, 4, 1, strip), (277, 3, 1, samples), (278, 4, 1, height)
    return tiff(*tags, *more, (279, 4, 1, strip_bytes), then=then)


def tiff_bomb() -> bytes:
    return tiff_grey(width=100_000, height=100_000)


def tiff_of_many_bands() -> bytes:
    return tiff_grey(width=9_000, height=9_000, samples=1_000)


def tiff_whose_strip_is_outside() -> bytes:
    return tiff_grey(strip=0xFFFFFFF0)


def tiff_whose_directory_is_outside() -> bytes:
    return b"II*\0\xf0\xff\xff\xff"


def tiff_whose_directories_are_a_ring() -> bytes:
    return tiff_grey(then=8)


def tiff_whose_tiles_are_enormous() -> bytes:
    tags = (256, 4, 1, 4), (257, 4, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)
    tiles = (322, 4, 1, 1 << 30), (323, 4, 1, 1 << 30), (324, 4, 1, 130), (325, 4, 1, 16)
    return tiff(*tags, *tiles)


def tiff_of_a_compression_that_there_is_none_of() -> bytes:
    return tiff_grey(compression=60_000)


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


# Polyglots and false names


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("evil.js", PAYLOAD)
    return file.getvalue()


def jpeg_that_is_a_zip() -> bytes:
    return encoded(quadrants(64, 48)) + zipped()


def gif_that_is_a_script() -> bytes:
    """`GIF89a/*` is a comment of JavaScript that the pixels hide in."""
    width = int.from_bytes(b"/*", "little")
    script = b"*/=1;" + PAYLOAD
    return gif(width, 20, gif_frame() + b"!\xfe" + bytes([len(script)]) + script + b"\0")


def png_that_is_a_page() -> bytes:
    text = png_chunk(b"tEXt", b"Comment\0" + PAYLOAD)
    return png(4, 4, between=text, rows=bytes(20)) + b"<html>" + PAYLOAD


def jpeg_whose_comment_is_a_program() -> bytes:
    return jpeg_with(jpeg_segment(0xFE, PAYLOAD))


def document_with_a_picture_inside() -> bytes:
    return b"%PDF-1.7\n" + encoded(quadrants(64, 48))


def page_with_a_drawing_inside() -> bytes:
    return b"<html xmlns='http://www.w3.org/1999/xhtml'><body>" + svg("")[21:] + b"</body></html>"


def postscript() -> bytes:
    return b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n"


def imagemagick_script() -> bytes:
    return b"push graphic-context\nfill 'url(https://127.0.0.1:9/\"|id\")'\npop graphic-context\n"


def netpbm() -> bytes:
    return encoded(Image.new("RGB", (9, 9)), "PPM")


CORPUS: Mapping[str, Hostile] = {
    each.make.__name__: each
    for each in (
        hostile(png_bomb, TOO_LARGE),
        hostile(png_at_the_limit, ACCEPTED),
        hostile(png_whose_rows_are_missing, CORRUPT),
        hostile(png_with_more_rows_than_it_says, ACCEPTED),
        hostile(png_with_a_text_bomb, ACCEPTED),
        hostile(png_with_a_profile_bomb, ACCEPTED),
        hostile(png_with_many_texts, ACCEPTED),
        hostile(png_without_width, CORRUPT),
        hostile(png_of_negative_width, CORRUPT),
        hostile(png_of_impossible_depth, CORRUPT),
        hostile(png_whose_palette_is_missing, CORRUPT),
        hostile(png_whose_chunk_never_ends, CORRUPT),
        hostile(gif_bomb, TOO_LARGE),
        hostile(gif_of_the_largest_screen, ACCEPTED),
        hostile(gif_of_too_many_frames, TOO_LARGE),
        hostile(gif_of_too_many_pixels_in_its_frames, TOO_LARGE),
        hostile(gif_whose_frame_is_outside, TOO_LARGE),
        hostile(heic_without_a_picture, CORRUPT),
        hostile(heic_of_a_version_to_come, CORRUPT),
        hostile(gif_whose_code_size_is_impossible, CORRUPT),
        hostile(gif_without_a_frame, CORRUPT),
        hostile(jpeg_bomb, TOO_LARGE),
        hostile(jpeg_of_too_many_scans, CORRUPT),
        hostile(jpeg_without_a_scan, CORRUPT),
        hostile(jpeg_whose_segment_never_ends, CORRUPT),
        hostile(jpeg_of_sixteen_components, CORRUPT),
        hostile(jpeg_whose_exif_points_at_itself, ACCEPTED),
        hostile(jpeg_whose_exif_claims_gigabytes, ACCEPTED),
        hostile(jpeg_of_an_orientation_that_there_is_none_of, ACCEPTED),
        hostile(jpeg_whose_windows_title_is_no_list_of_bytes, ACCEPTED),
        hostile(jpeg_whose_xmp_has_entities, ACCEPTED),
        hostile(jpeg_of_a_thousand_comments, ACCEPTED),
        hostile(jpeg_with_a_garbage_profile, ACCEPTED),
        hostile(grey_jpeg_with_a_garbage_profile, ACCEPTED),
        hostile(cmyk_jpeg_with_a_garbage_profile, ACCEPTED),
        hostile(webp_with_a_garbage_profile, ACCEPTED),
        hostile(tiff_with_a_garbage_profile, ACCEPTED),
        hostile(avif_with_a_garbage_profile, ACCEPTED),
        hostile(webp_bomb, TOO_LARGE),
        hostile(webp_whose_riff_is_longer_than_the_file, CORRUPT),
        hostile(avif_bomb, TOO_LARGE),
        hostile(avif_whose_size_is_a_lie, CORRUPT),
        hostile(avif_whose_items_are_outside, CORRUPT),
        hostile(avif_whose_box_has_no_size, CORRUPT),
        hostile(heic_of_nothing, CORRUPT),
        hostile(avif_that_says_it_is_heic, ACCEPTED),
        hostile(tiff_bomb, TOO_LARGE),
        hostile(tiff_of_many_bands, CORRUPT),
        hostile(tiff_whose_strip_is_outside, CORRUPT),
        hostile(tiff_whose_directory_is_outside, CORRUPT),
        hostile(tiff_whose_directories_are_a_ring, ACCEPTED),
        hostile(tiff_whose_tiles_are_enormous, CORRUPT),
        hostile(tiff_of_a_compression_that_there_is_none_of, CORRUPT),
        hostile(svg_of_a_billion_laughs, UNSAFE),
        hostile(svg_that_reads_a_file, UNSAFE),
        hostile(svg_that_includes_a_file, ACCEPTED),
        hostile(svg_that_runs_and_reaches_out, ACCEPTED),
        hostile(svg_in_an_unknown_encoding, UNSAFE),
        hostile(svg_in_an_encoding_of_many_bytes, UNSAFE),
        hostile(svg_of_a_filter_bomb, TIMEOUT),
        hostile(svg_of_nested_uses, CORRUPT, TIMEOUT),
        hostile(svg_of_deep_uses, CORRUPT),
        hostile(svg_that_uses_itself, ACCEPTED),
        hostile(svg_of_nested_patterns, ACCEPTED),
        hostile(svg_with_a_bomb_inside, ACCEPTED),
        hostile(svg_of_enormous_size, CORRUPT),
        hostile(svg_of_extreme_shape, CORRUPT),
        hostile(svg_of_a_long_path, TIMEOUT),
        hostile(svg_of_two_hundred_thousand_elements, TIMEOUT),
        hostile(svg_of_deep_groups, UNSAFE),
        hostile(svg_of_layers, ACCEPTED),
        hostile(jpeg_that_is_a_zip, ACCEPTED),
        hostile(gif_that_is_a_script, ACCEPTED, name="picture.js"),
        hostile(png_that_is_a_page, ACCEPTED, name="picture.html"),
        hostile(jpeg_whose_comment_is_a_program, ACCEPTED, name="picture.php"),
        hostile(document_with_a_picture_inside, UNSUPPORTED),
        hostile(page_with_a_drawing_inside, UNSUPPORTED, name="picture.svg"),
        hostile(postscript, UNSUPPORTED),
        hostile(imagemagick_script, UNSUPPORTED, name="picture.png"),
        hostile(netpbm, UNSUPPORTED),
    )
}
