"""Hostile PNGs and GIFs."""

import struct
import zlib

from tests.imaging.png import png, png_chunk

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
