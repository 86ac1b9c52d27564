"""Where the first frame of a GIF lies on its canvas (GIF89a, sections 18 to 20)."""

from typing import NamedTuple

from imaging.vips import Image

_EXTENSION, _IMAGE = 0x21, 0x2C
_SCREEN_END = 13


class FrameRectangle(NamedTuple):
    """A rectangle on the canvas."""

    left: int
    top: int
    width: int
    height: int


def first_frame(body: bytes) -> FrameRectangle | None:
    """Return where the first frame lies; None: there is none."""
    at = _SCREEN_END + _table_bytes(body[10:11])
    while body[at : at + 1] == bytes([_EXTENSION]):
        at += 2
        while at < len(body) and body[at]:
            at += 1 + body[at]
        at += 1
    if body[at : at + 1] != bytes([_IMAGE]) or len(body) < at + 9:
        return None
    return FrameRectangle(
        *(int.from_bytes(body[i : i + 2], "little") for i in range(at + 1, at + 9, 2))
    )


def with_clear_rest(image: Image, frame: FrameRectangle | None) -> Image:
    """Return an opaque first frame with nothing beside it; libvips has black there (8.18).

    Browsers leave transparent what no frame has painted, whatever the background is said to be.
    """
    if frame is None or image.hasalpha() or frame == (0, 0, image.width, image.height):
        return image
    right, bottom = frame.left + frame.width, frame.top + frame.height
    if not frame.width or not frame.height or right > image.width or bottom > image.height:
        return image
    painted = image.crop(*frame).bandjoin(255)
    return painted.embed(frame.left, frame.top, image.width, image.height)


def _table_bytes(packed: bytes) -> int:
    """Return the length of the global colour table that the screen says it has."""
    flags = packed[0] if packed else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
