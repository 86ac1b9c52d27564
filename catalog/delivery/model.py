"""Frozen values of delivery: what may be rendered, how, and what a token says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from catalog.clock import FAR_FUTURE


class Format(StrEnum):
    """An image format that the gateway writes. The value is the file extension."""

    AVIF = "avif"
    WEBP = "webp"
    JPEG = "jpg"
    PNG = "png"
    AUTO = "auto"

    @property
    def mime(self) -> str:
        """Return the media type, such as `image/jpeg`."""
        return "image/jpeg" if self is Format.JPEG else f"image/{self.value}"


#: Qualities in percent where a preset states none, by a number that each of its versions keeps: no
#: URL ever means another picture because the defaults are others. Those of one number look equally
#: good by SSIMULACRA2 (`vitrine bench delivery-bytes`), but for those of the first.
QUALITY_DEFAULTS: Mapping[int, Mapping[Format, int]] = {
    1: {Format.JPEG: 80, Format.WEBP: 79, Format.AVIF: 63},
    2: {Format.JPEG: 69, Format.WEBP: 79, Format.AVIF: 54},
}
NEWEST_DEFAULTS = 2


class CropMode(StrEnum):
    """How a source meets the recipe's ratio."""

    FIT = "fit"  # whole picture, no larger than asked
    FILL = "fill"  # crop around the focal point
    PAD = "pad"  # whole picture on a background


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalPoint:
    """The point that a crop keeps: fractions of width and height from the top left, 0 to 1."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How renditions of a preset are made.

    Attributes:
        ratio: width over height of the output as (w, h); None keeps that of the source.
        widths_px: the only widths that may be asked for, ascending.
        quality_percent: per format, where the default is not wanted.
        background: `#rrggbb` for `PAD` and for flattening transparency.
        sharpen: a light sharpening after the resize.
        max_bytes: no rendition is larger: quality goes down for it, as far as a floor.
    """

    mode: CropMode = CropMode.FIT
    ratio: tuple[int, int] | None = None
    widths_px: tuple[int, ...] = ()
    formats: tuple[Format, ...] = (Format.AVIF, Format.WEBP, Format.JPEG)
    quality_percent: dict[Format, int] = field(default_factory=dict[Format, int])
    background: str = "#ffffff"
    sharpen: bool = True
    max_bytes: int | None = None


Audience = Literal["web", "staff"]
PresetState = Literal["draft", "current", "superseded", "retired", "discarded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRecord:
    """A preset as it is stated: by the bulk format, or in an edit."""

    code: str
    recipe: Recipe
    audience: Audience = "web"
    lifetime_s: int = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A version of a named recipe: the only thing that the web may ask for.

    Attributes:
        state: `draft` for staff tokens alone; `current` is what URLs are minted with;
            `superseded` by another and `retired` without one are served until their tokens end.
        served_until: None: of a draft or the current version.
        quality_defaults: the number of those that it was made with, of `QUALITY_DEFAULTS`.
    """

    code: str
    version: int
    audience: Audience
    recipe: Recipe
    lifetime_s: int
    state: PresetState = "current"
    served_until: datetime | None = None
    quality_defaults: int = NEWEST_DEFAULTS

    @property
    def complete_recipe(self) -> Recipe:
        """Return the recipe with a quality for every format that has one."""
        defaults = QUALITY_DEFAULTS[self.quality_defaults]
        qualities = {**defaults, **self.recipe.quality_percent}
        return replace(self.recipe, quality_percent=qualities)

    @property
    def is_draft(self) -> bool:
        """Whether nobody but staff may know that it exists."""
        return self.state == "draft"

    @property
    def record(self) -> PresetRecord:
        """Return what it states, whatever its version."""
        return PresetRecord(
            code=self.code,
            recipe=self.recipe,
            audience=self.audience,
            lifetime_s=self.lifetime_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRecord:
    """What is written into the metadata of every rendition (XMP, IPTC, PLUS)."""

    credit: str | None = None
    licensor: str | None = None
    licensor_url: str | None = None
    web_statement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionRequest:
    """Everything that decides the bytes of one rendition.

    Attributes:
        source_sha256: of the original bytes, lower-case hex.
        master_key: where the store holds the raster that renditions are made from.
        focal: the asset's own, or None for attention.
        format: never `AUTO`.
        notice: of copyright, that the source carries; None: it has none.
    """

    source_sha256: str
    master_key: str
    recipe: Recipe
    width_px: int
    format: Format
    focal: FocalPoint | None = None
    rights: RightsRecord = RightsRecord()
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token permits; covers a whole srcset and every preset of its audience.

    Attributes:
        asset: public id.
        market: only groups cache keys; never compared with the viewer's country.
        owner: public id of the product that holds the media association, or None: unbound.
        audience: `staff` tokens skip publication, status and rights, never a legal demand.
        kid: id of the signing key, inside the signed bytes.
        actor: of a staff token; None for the web.
    """

    asset: str
    channel: str
    usage: str
    market: str | None
    owner: str | None
    audience: Audience
    not_before: datetime
    expires_at: datetime = FAR_FUTURE
    kid: str
    actor: str | None = None
