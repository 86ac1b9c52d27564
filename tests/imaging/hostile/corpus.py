"""Hostile files, each made by one small function that is named after what it tries."""

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pillow_heif

from tests.imaging.hostile.disguises import (
    document_with_a_picture_inside,
    gif_that_is_a_script,
    imagemagick_script,
    jpeg_that_is_a_zip,
    jpeg_whose_comment_is_a_program,
    netpbm,
    page_with_a_drawing_inside,
    png_that_is_a_page,
    postscript,
)
from tests.imaging.hostile.drawings import (
    svg_in_an_encoding_of_many_bytes,
    svg_in_an_unknown_encoding,
    svg_of_a_billion_laughs,
    svg_of_a_filter_bomb,
    svg_of_a_long_path,
    svg_of_deep_groups,
    svg_of_deep_uses,
    svg_of_enormous_size,
    svg_of_extreme_shape,
    svg_of_layers,
    svg_of_nested_patterns,
    svg_of_nested_uses,
    svg_of_two_hundred_thousand_elements,
    svg_that_includes_a_file,
    svg_that_reads_a_file,
    svg_that_runs_and_reaches_out,
    svg_that_uses_itself,
    svg_with_a_bomb_inside,
)
from tests.imaging.hostile.frames import (
    gif_bomb,
    gif_of_the_largest_screen,
    gif_of_too_many_frames,
    gif_of_too_many_pixels_in_its_frames,
    gif_whose_code_size_is_impossible,
    gif_whose_frame_is_outside,
    gif_without_a_frame,
    png_at_the_limit,
    png_bomb,
    png_of_impossible_depth,
    png_of_negative_width,
    png_whose_chunk_never_ends,
    png_whose_palette_is_missing,
    png_whose_rows_are_missing,
    png_with_a_profile_bomb,
    png_with_a_text_bomb,
    png_with_many_texts,
    png_with_more_rows_than_it_says,
    png_without_width,
)
from tests.imaging.hostile.jpegs import (
    avif_with_a_garbage_profile,
    cmyk_jpeg_with_a_garbage_profile,
    grey_jpeg_with_a_garbage_profile,
    jpeg_bomb,
    jpeg_of_a_thousand_comments,
    jpeg_of_an_orientation_that_there_is_none_of,
    jpeg_of_sixteen_components,
    jpeg_of_too_many_scans,
    jpeg_whose_exif_claims_gigabytes,
    jpeg_whose_exif_points_at_itself,
    jpeg_whose_segment_never_ends,
    jpeg_whose_windows_title_is_no_list_of_bytes,
    jpeg_whose_xmp_has_entities,
    jpeg_with_a_garbage_profile,
    jpeg_without_a_scan,
    tiff_with_a_garbage_profile,
    webp_with_a_garbage_profile,
)
from tests.imaging.pictures import encoded, quadrants

ACCEPTED = "ACCEPTED"
CORRUPT = "CORRUPT_IMAGE"
TOO_LARGE = "IMAGE_TOO_LARGE"
UNSAFE = "UNSAFE_SVG"
UNSUPPORTED = "UNSUPPORTED_FORMAT"
TIMEOUT = "PROBE_TIMEOUT"


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
