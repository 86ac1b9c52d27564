"""Hostile JPEGs, and what any format may hold as a profile."""

import struct

from tests.imaging.hostile.payloads import billion_laughs
from tests.imaging.pictures import encoded, quadrants

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
