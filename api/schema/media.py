"""Media: assets, their images, and how they hang on products."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from api.images import checked_format, checked_width, size_of, srcset_widths
from api.placeholder import placeholder_of
from api.scene import Scene
from api.schema.described import (
    argument,
    graphql_enum,
    graphql_field,
    graphql_type,
)
from api.schema.nodes import Node
from api.schema.rights import AssetRights, rights_of
from catalog.delivery.model import Format, Preset
from catalog.graph.media import Link, LiveAsset
from catalog.graph.values import text_of


@graphql_enum
class MediaRole(Enum):
    """What a picture does for a product.

    Attributes:
        HERO: The one that stands for the product, in lists and first on its page.
        GALLERY: Beside the hero on the product's page.
        SWATCH: A sample of a colour or material, to choose by.
        DETAIL: A close look at one part.
        PACKAGING: What it comes in.
        DOCUMENT: To read: instructions, data sheets.
        VIDEO: A moving picture.
    """

    HERO = "hero"
    GALLERY = "gallery"
    SWATCH = "swatch"
    DETAIL = "detail"
    PACKAGING = "packaging"
    DOCUMENT = "document"
    VIDEO = "video"


@graphql_enum
class AssetKind(Enum):
    """What an asset is. Only still images have URLs.

    Attributes:
        IMAGE: A still image.
        VIDEO: A video; metadata only.
        DOCUMENT: A document; metadata only.
    """

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@graphql_enum
class ImageFormat(Enum):
    """A format that images are delivered in; AUTO is negotiated by the Accept header.

    Attributes:
        AVIF: `image/avif`.
        WEBP: `image/webp`.
        JPEG: `image/jpeg`, which everything can show; no transparency.
        PNG: `image/png`, without loss.
        AUTO: The best that the request's `Accept` header names.
    """

    AVIF = Format.AVIF
    WEBP = Format.WEBP
    JPEG = Format.JPEG
    PNG = Format.PNG
    AUTO = Format.AUTO


PresetArgument = Annotated[str, argument("Code of a preset, such as `card`.")]
WidthArgument = Annotated[
    int | None, argument("In pixels, one of the preset's; by default its largest.")
]
FormatArgument = Annotated[ImageFormat, argument("One of the preset's, or AUTO.")]
SizesArgument = Annotated[
    str | None, argument("The `sizes` of HTML: how wide the picture will be shown.")
]


@graphql_type
class FocalPoint:
    """The point that crops keep, as fractions of width and height from the top left."""

    x: float = strawberry.field(description="0 is the left edge, 1 the right.")
    y: float = strawberry.field(description="0 is the top, 1 the bottom.")


@graphql_type
class Image:
    """One rendition."""

    url: str = strawberry.field(description="Signed; valid until `expiresAt`, rights allowing.")
    width: int | None = strawberry.field(description="In pixels; a small source is not enlarged.")
    height: int | None = strawberry.field(description="In pixels.")
    format: ImageFormat = strawberry.field(description="As it was asked for.")
    expires_at: datetime = strawberry.field(description="When the URL ends, not the right.")


@graphql_type
class PictureSource:
    """A `<source>` of HTML."""

    type: str = strawberry.field(description="Media type, such as `image/avif`.")
    srcset: str = strawberry.field(description="Every width of the preset, with its URL.")
    sizes: str | None = strawberry.field(description="As it was given.")


@graphql_type
class Picture:
    """Everything a `<picture>` of HTML needs, best format first."""

    sources: list[PictureSource] = strawberry.field(description="One for each format.")
    src: str = strawberry.field(description="For browsers that know no `srcset`.")
    width: int | None = strawberry.field(description="Of `src`, in pixels: reserves the space.")
    height: int | None = strawberry.field(description="Of `src`, in pixels.")
    placeholder: str | None = strawberry.field(
        description="A data URI to show while the picture loads."
    )
    expires_at: datetime = strawberry.field(description="When the URLs end, not the right.")


@graphql_type
class Asset(Node):
    """A media item with a stable id; its bytes have versions."""

    asset: strawberry.Private[LiveAsset]
    owner: strawberry.Private[str | None]
    scene: strawberry.Private[Scene]
    code: str = strawberry.field(description="Natural key; it may change, the id never does.")
    kind: AssetKind = strawberry.field(description="What it is.")
    thumbhash: str | None = strawberry.field(description="A tiny preview, in base64.")
    dominant_color: str | None = strawberry.field(description="As `#rrggbb`.")
    width: int | None = strawberry.field(description="Of the original, in pixels.")
    height: int | None = strawberry.field(description="Of the original, in pixels.")
    mime_type: str | None = strawberry.field(description="Of the original.")
    credit: str | None = strawberry.field(description="The line that has to name the author.")
    licensor: str | None = strawberry.field(description="Who licensed it.")
    licensor_url: str | None = strawberry.field(description="Where more can be licensed.")
    licence_url: str | None = strawberry.field(description="Where the licence can be read.")
    revision: int = strawberry.field(description="For `expectedRevision`.")

    @graphql_field
    def title(self) -> str | None:
        """Return the title, in the context's locale or what it falls back to."""
        return self._text("title")

    @graphql_field
    def alt(self) -> str | None:
        """Return what a screen reader says, in the context's locale or what it falls back to."""
        return self._text("alt")

    @graphql_field
    def caption(self) -> str | None:
        """Return the caption, in the context's locale or what it falls back to."""
        return self._text("caption")

    @graphql_field
    def focal_point(self) -> FocalPoint | None:
        """Return the point that crops keep; null: it is found by attention."""
        focal = self.asset.focal
        return FocalPoint(x=focal.x, y=focal.y) if focal else None

    @graphql_field
    def image(
        self,
        preset: PresetArgument,
        width: WidthArgument = None,
        format: FormatArgument = ImageFormat.AUTO,  # noqa: A002 - the argument's name
    ) -> Image | None:
        """Return one rendition; null: it is no image, or has no bytes yet."""
        return image_of(self, self.scene.minter.preset(preset), width, format)

    @graphql_field
    def picture(self, preset: PresetArgument, sizes: SizesArgument = None) -> Picture | None:
        """Return all widths in all formats of a preset; null: as `image`."""
        return _picture_of(self, self.scene.minter.preset(preset), sizes)

    @graphql_field
    def srcset(
        self,
        preset: PresetArgument,
        format: FormatArgument = ImageFormat.AUTO,  # noqa: A002 - the argument's name
    ) -> str | None:
        """Return the `srcset` of one format; null: as `image`."""
        chosen = self.scene.minter.preset(preset)
        checked_format(chosen, format.value)
        return _srcset_of(self, chosen, format.value) if _is_deliverable(self) else None

    @graphql_field
    def available_until(self) -> datetime | None:
        """Return when the right to show it here ends; null: no end is known."""
        return self.scene.media.available_until(self.asset)

    @graphql_field
    def rights(self) -> AssetRights:
        """Return state, grants and restrictions; needs the scope `manage.rights`."""
        return rights_of(self.asset, self.scene)

    def _text(self, key: str) -> str | None:
        return text_of(self.asset.texts.get(key, ()), self.scene.context)


@graphql_type
class ProductMedia:
    """A media item as it hangs on a product; present only while rights allow it here."""

    id: strawberry.ID = strawberry.field(description="Of the association, for `unbindMedia`.")
    role: MediaRole = strawberry.field(description="What it does for the product.")
    position: int = strawberry.field(description="Its place among those of its role.")
    inherited_from: str | None = strawberry.field(
        description="The sku of the model that holds it; null: the product itself does."
    )
    asset: Asset = strawberry.field(description="The media item.")

    @graphql_field
    def alt(self) -> str | None:
        """Return what a screen reader says, in the context's locale or what it falls back to."""
        return text_of(self.asset.asset.texts.get("alt", ()), self.asset.scene.context)

    @graphql_field
    def caption(self) -> str | None:
        """Return the caption, in the context's locale or what it falls back to."""
        return text_of(self.asset.asset.texts.get("caption", ()), self.asset.scene.context)

    @graphql_field
    def image(
        self,
        preset: PresetArgument,
        width: WidthArgument = None,
        format: FormatArgument = ImageFormat.AUTO,  # noqa: A002 - the argument's name
    ) -> Image | None:
        """Return one rendition; null: it is no image, or has no bytes yet."""
        return image_of(self.asset, self.asset.scene.minter.preset(preset), width, format)

    @graphql_field
    def picture(self, preset: PresetArgument, sizes: SizesArgument = None) -> Picture | None:
        """Return all widths in all formats of a preset; null: as `image`."""
        return _picture_of(self.asset, self.asset.scene.minter.preset(preset), sizes)

    @graphql_field
    def available_until(self) -> datetime | None:
        """Return when the right to show it here ends; null: no end is known."""
        return self.asset.scene.media.available_until(self.asset.asset)


def product_media(link: Link, scene: Scene, shown_on: str) -> ProductMedia:
    """Make a `ProductMedia` for the product with the sku `shown_on`."""
    return ProductMedia(
        id=strawberry.ID(link.id),
        role=MediaRole(link.role),
        position=link.position,
        inherited_from=None if link.owner_sku == shown_on else link.owner_sku,
        asset=asset_of(link.asset, scene, owner=link.owner_public_id),
    )


def asset_of(asset: LiveAsset, scene: Scene, *, owner: str | None = None) -> Asset:
    """Make an `Asset` whose URLs are bound to an owner, or to none."""
    return Asset(
        id=strawberry.ID(asset.public_id),
        asset=asset,
        owner=owner,
        scene=scene,
        code=asset.code,
        kind=AssetKind(asset.kind),
        thumbhash=asset.thumbhash,
        dominant_color=asset.dominant_rgb,
        width=asset.width_px,
        height=asset.height_px,
        mime_type=asset.mime,
        credit=asset.record.credit,
        licensor=asset.record.licensor,
        licensor_url=asset.record.licensor_url,
        licence_url=asset.record.web_statement,
        revision=asset.revision,
    )


def image_of(
    shown: Asset, preset: Preset, width_px: int | None, image_format: ImageFormat
) -> Image | None:
    """Make an `Image`; None: there is nothing to deliver."""
    chosen = checked_format(preset, image_format.value)
    width_px = checked_width(preset, width_px)
    asset, minter = shown.asset, shown.scene.minter
    if not _is_deliverable(shown):
        return None
    size = size_of(asset, preset.recipe, width_px)
    return Image(
        url=minter.url(asset, shown.owner, preset, width_px, chosen),
        width=size.width_px if size else None,
        height=size.height_px if size else None,
        format=image_format,
        expires_at=minter.sign(asset, shown.owner).expires_at,
    )


def _picture_of(shown: Asset, preset: Preset, sizes: str | None) -> Picture | None:
    asset, minter = shown.asset, shown.scene.minter
    if not _is_deliverable(shown):
        return None
    recipe = preset.recipe
    base = Format.JPEG if Format.JPEG in recipe.formats else recipe.formats[-1]
    width_px = recipe.widths_px[len(recipe.widths_px) // 2]  # too large costs more than too small
    size = size_of(asset, recipe, width_px)
    return Picture(
        sources=[
            PictureSource(type=each.mime, srcset=_srcset_of(shown, preset, each), sizes=sizes)
            for each in recipe.formats
        ],
        src=minter.url(asset, shown.owner, preset, width_px, base),
        width=size.width_px if size else None,
        height=size.height_px if size else None,
        placeholder=placeholder_of(asset.thumbhash, asset.dominant_rgb),
        expires_at=minter.sign(asset, shown.owner).expires_at,
    )


def _srcset_of(shown: Asset, preset: Preset, image_format: Format) -> str:
    url = shown.scene.minter.url
    return ", ".join(
        f"{url(shown.asset, shown.owner, preset, width_px, image_format)} {real_px}w"
        for width_px, real_px in srcset_widths(shown.asset, preset.recipe)
    )


def _is_deliverable(shown: Asset) -> bool:
    """Return whether the gateway would deliver it: those who manage media see more than that."""
    asset = shown.asset
    has_pixels = asset.kind == "image" and asset.version is not None
    return has_pixels and shown.scene.media.is_shown(asset)
