"""A source that was opened: its header is read and within the limits, its pixels are not."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.delivery.geometry import Size
from imaging.model import ImageTooLargeError, SourceLimits
from imaging.vips import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPicture:
    """A picture of which the header was read, within the limits.

    Attributes:
        first: reads the first frame, from top to bottom.
        animation: reads every frame for its errors; None for a still.
        seen: the size of one frame, upright.
        is_master: renditions may be made from the file as it is.
        is_photo: lossy already, so its master may be.
    """

    first: Callable[[], Image]
    seen: Size
    is_photo: bool
    is_master: bool = False
    frames: int = 1
    animation: Callable[[], None] | None = None


def check_size(frame: Size, frames: int, limits: SourceLimits) -> None:
    """Refuse what has too many frames or pixels.

    Raises:
        ImageTooLargeError: it has.
    """
    if frames > limits.frames:
        raise ImageTooLargeError(f"The image has {frames:,} frames; {limits.frames:,} are taken.")
    if max(frame.width_px, frame.height_px) > limits.side_px:
        raise ImageTooLargeError(f"The image is longer than {limits.side_px:,} px.")
    if frame.pixels * frames > limits.pixels:
        raise ImageTooLargeError(
            f"The image has {frame.pixels * frames:,} pixels; {limits.pixels:,} are taken."
        )
