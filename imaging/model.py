"""What the engine answers, and how it fails."""

from dataclasses import dataclass, field

from catalog.delivery.geometry import Size
from catalog.delivery.model import Format
from catalog.errors import InvalidInputError, UnavailableError, VitrineError

MOST_PIXELS = 100_000_000  # of all frames together
MOST_SIDE_PX = 16_384
MOST_FILE_BYTES = 100 * 1024**2
MOST_SVG_BYTES = 10 * 1024**2
MOST_FRAMES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """What a source may be at most; over it nothing is decoded."""

    pixels: int = MOST_PIXELS
    side_px: int = MOST_SIDE_PX
    file_bytes: int = MOST_FILE_BYTES
    svg_bytes: int = MOST_SVG_BYTES
    frames: int = MOST_FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderStep:
    """A step of a render. What libvips computes late counts for the step that needs it."""

    name: str
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a rendition was made.

    Attributes:
        master: its upright size.
        quality_percent: that was used; None: the format has none.
        encodings: how often it was encoded until it was small enough.
        steps: in their order.
    """

    master: Size
    quality_percent: int | None
    encodings: int
    steps: tuple[RenderStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One finished image.

    Attributes:
        making: None: it was made by another process, or a while ago.
    """

    body: bytes
    format: Format
    width_px: int
    height_px: int
    making: Making | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedImage:
    """An image that was decoded to its last pixel.

    Attributes:
        sha256: of the original's bytes, lower-case hex.
        size_bytes: of the original.
        width_px: of the picture as it is seen, that is upright; for an SVG of its master.
        height_px: likewise.
        mime: by content.
        has_alpha: some pixel may be transparent.
        master: the raster that renditions are made from; None where the original is one.
        master_mime: of the master, be it the original or not.
        thumbhash: base64 of the ThumbHash.
        dominant_rgb: `#rrggbb`.
        placeholder: a tiny picture of it, as a data URI.
        notice: of copyright, that the file itself carries; empty: it has none.
    """

    sha256: str
    size_bytes: int
    width_px: int
    height_px: int
    mime: str
    has_alpha: bool
    frames: int
    master: bytes | None
    master_mime: str
    thumbhash: str
    dominant_rgb: str
    placeholder: str
    notice: str


class UnsupportedFormatError(InvalidInputError):
    """The content is no image, or of a format that is not taken in."""

    code = "UNSUPPORTED_FORMAT"


class CorruptImageError(InvalidInputError):
    """The image can't be decoded to its last pixel."""

    code = "CORRUPT_IMAGE"


class ImageTooLargeError(InvalidInputError):
    """The image has too many bytes, pixels or frames."""

    code = "IMAGE_TOO_LARGE"


class UnsafeSvgError(InvalidInputError):
    """The SVG declares entities or is no well-formed XML."""

    code = "UNSAFE_SVG"


class ProbeTimeoutError(InvalidInputError):
    """Decoding takes longer than any honest image does."""

    code = "PROBE_TIMEOUT"


class ProbeCrashedError(InvalidInputError):
    """Decoding ended the process that it ran in: out of memory, or a fault of a decoder."""

    code = "PROBE_CRASHED"


class BrokenSourceError(VitrineError):
    """The master is missing, corrupt or over the limits, in a store that answers."""

    code = "BROKEN_SOURCE"


class RenditionTooLargeError(VitrineError):
    """Not even at the lowest quality is it within the recipe's maximum of bytes."""

    code = "RENDITION_TOO_LARGE"


class OverloadedError(UnavailableError):
    """Every place in the render queue is taken."""

    code = "OVERLOADED"


class RenderDeadlineError(UnavailableError):
    """The render did not end in time, and was stopped."""

    code = "RENDER_DEADLINE"
