"""PNG files written by hand, where no library would write what a test needs."""

import struct
import zlib

MAGIC = b"\x89PNG\r\n\x1a\n"


def png_chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def png(
    width: int, height: int, *, bits: int = 8, colour: int = 0, between: bytes = b"", rows: bytes
) -> bytes:
    """A PNG (RFC 2083) of these rows, each with its filter byte; `between` header and pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels = png_chunk(b"IDAT", zlib.compress(rows, 9))
    return MAGIC + png_chunk(b"IHDR", header) + between + pixels + png_chunk(b"IEND", b"")
