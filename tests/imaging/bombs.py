"""Files that cost far more to decode than to make."""

import struct

_EOB_RUN = 16_384  # blocks that one symbol of the scans below ends at least
_MOST_BLOCKS = 32_767


def endless_jpeg(side_px: int, scans: int) -> bytes:
    """A grey progressive JPEG (ITU-T T.81, annex G) whose scans say nothing, many times.

    The DC scan gives every block the difference 0; each AC scan ends all blocks at once.
    """
    blocks = ((side_px + 7) // 8) ** 2
    ends = ""
    left = blocks
    while left > 0:
        run = max(_EOB_RUN, min(left, _MOST_BLOCKS))
        ends += f"0{run - _EOB_RUN:014b}"
        left -= run
    one_code = bytes([1, *[0] * 15])
    frame = struct.pack(">BHHB", 8, side_px, side_px, 1) + b"\1\x11\0"
    first = _segment(0xDA, b"\1\1\0\0\0\0") + _packed("0" * blocks)
    more = [
        _segment(0xDA, bytes([1, 1, 0, at, at, 0])) + _packed(ends)
        for at in (1 + number % 63 for number in range(scans - 1))
    ]
    tables = (
        _segment(0xDB, b"\0" + b"\1" * 64),
        _segment(0xC2, frame),
        _segment(0xC4, b"\0" + one_code + b"\0"),
        _segment(0xC4, b"\x10" + one_code + b"\xe0"),
    )
    return b"".join((b"\xff\xd8", *tables, first, *more, b"\xff\xd9"))


def nested_svg(depth: int, fold: int = 10) -> bytes:
    """A drawing that is `fold` to the power of `depth` rectangles, each a use of a use."""
    groups = "".join(
        f"<g id='g{level}'>" + f"<use xlink:href='#g{level - 1}'/>" * fold + "</g>"
        for level in range(1, depth + 1)
    )
    return _svg(f"<defs><rect id='g0' width='9' height='9'/>{groups}</defs>"
                f"<use xlink:href='#g{depth}'/>")  # fmt: skip


def filtered_svg(steps: int) -> bytes:
    """A drawing behind a long chain of blurs, each of which feeds the next."""
    chain = "<feGaussianBlur stdDeviation='90'/><feTurbulence numOctaves='20'/>" * steps
    return _svg(
        f"<filter id='f'>{chain}</filter>"
        + "<rect width='40' height='40' filter='url(#f)'/>" * steps
    )


def _svg(inside: str) -> bytes:
    names = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
    return f"<svg {names} width='40' height='40'>{inside}</svg>".encode()


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _packed(bits: str) -> bytes:
    padded = bits + "1" * (-len(bits) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8, "big").replace(b"\xff", b"\xff\0")
