"""Media: assets, their images, and how they hang on products."""

from datetime import datetime
from enum import Enum

import strawberry

from api.images.urls import checked_format
from api.request.scene import Info, Scene
from api.schema.descriptions import (
    allowed,
    field_with,
    graphql_enum,
    graphql_field,
    graphql_type,
)
from api.schema.image_arguments import (
    FormatArgument,
    ImageFormat,
    PresetArgument,
    SizesArgument,
    WidthArgument,
)
from api.schema.images import (
    Image,
    Picture,
    PreviewWidth,
    image_of,
    is_deliverable,
    picture_of,
    preview_of,
    srcset_of,
)
from api.schema.nodes import Node
from api.schema.rights import AssetRights, AssetStatus, rights_of
from catalog.access.roles import Action
from catalog.graph.media import Link, LiveAsset
from catalog.graph.rules import CUSTOM_ROLE
from catalog.graph.values import text_locale_of, text_of

#: All widths in all formats are signed and written.
_PICTURE_WEIGHT = 5


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
        CUSTOM: What an attribute of the type `asset` says; `roleCode` is its code.
    """

    HERO = "hero"
    GALLERY = "gallery"
    SWATCH = "swatch"
    DETAIL = "detail"
    PACKAGING = "packaging"
    DOCUMENT = "document"
    VIDEO = "video"
    CUSTOM = CUSTOM_ROLE

    @classmethod
    def _missing_(cls, value: object) -> "MediaRole":  # noqa: ARG003 - whatever it is
        return cls.CUSTOM


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


@graphql_type
class FocalPoint:
    """The point that crops keep, as fractions of width and height from the top left."""

    x: float = strawberry.field(description="0 is the left edge, 1 the right.")
    y: float = strawberry.field(description="0 is the top, 1 the bottom.")


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
    def title_locale(self) -> str | None:
        """Return the locale that `title` is written in, for `lang`; null: in none."""
        return self._text_locale("title")

    @graphql_field
    def alt(self) -> str | None:
        """Return what a screen reader says, in the context's locale or what it falls back to."""
        return self._text("alt")

    @graphql_field
    def alt_locale(self) -> str | None:
        """Return the locale that `alt` is written in, for `lang`; null: in none."""
        return self._text_locale("alt")

    @graphql_field
    def caption(self) -> str | None:
        """Return the caption, in the context's locale or what it falls back to."""
        return self._text("caption")

    @graphql_field
    def caption_locale(self) -> str | None:
        """Return the locale that `caption` is written in, for `lang`; null: in none."""
        return self._text_locale("caption")

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
        chosen = self.scene.minter.preset(preset)
        return image_of(self.asset, self.owner, self.scene, chosen, width, format)

    @field_with(weight=_PICTURE_WEIGHT)
    def picture(self, preset: PresetArgument, sizes: SizesArgument = None) -> Picture | None:
        """Return all widths in all formats of a preset; null: as `image`."""
        chosen = self.scene.minter.preset(preset)
        return picture_of(self.asset, self.owner, self.scene, chosen, sizes)

    @graphql_field
    def srcset(
        self,
        preset: PresetArgument,
        format: FormatArgument = ImageFormat.AUTO,  # noqa: A002 - the argument's name
    ) -> str | None:
        """Return the `srcset` of one format; null: as `image`."""
        chosen = self.scene.minter.preset(preset)
        checked_format(chosen, format.value)
        if not is_deliverable(self.asset, self.scene):
            return None
        signed = self.scene.minter.sign(self.asset, self.owner)
        return srcset_of(self.asset, signed, chosen, format.value)

    @graphql_field
    def preview(self, info: Info, width: PreviewWidth = 320) -> Image | None:
        """Return a picture of about this width to know it by, by whatever preset there is.

        Staff, who take `content.preview`, see it whatever its rights are, by a URL of five
        minutes; null: it is quarantined, or held, or as `image`.
        """
        return preview_of(self.asset, self.scene, info.context, width)

    @graphql_field
    def available_until(self) -> datetime | None:
        """Return when the right to show it here ends; null: no end is known."""
        return self.scene.media.available_until(self.asset)

    @graphql_field
    def status(self, info: Info) -> AssetStatus | None:
        """Return where it stands in its approval; null: that takes `absences.read`."""
        if not info.context.may_know_absences:
            return None
        return AssetStatus(self.asset.terms.rights.status.value)

    @graphql_field
    def legal_demand(self, info: Info) -> bool | None:
        """Return whether an authority's order blocks it; null: that takes `absences.read`."""
        return self.asset.terms.rights.legal_demand if info.context.may_know_absences else None

    @graphql_field
    @allowed(Action.RIGHTS_READ, asks_itself=True)
    def rights(self) -> AssetRights:
        """Return state, grants and restrictions."""
        return rights_of(self.asset, self.scene)

    def _text(self, key: str) -> str | None:
        return text_of(self.asset.texts.get(key, ()), self.scene.context)

    def _text_locale(self, key: str) -> str | None:
        return text_locale_of(self.asset.texts.get(key, ()), self.scene.context)


@graphql_type
class ProductMedia:
    """A media item as it hangs on a product; present only while rights allow it here."""

    link: strawberry.Private[Link]
    scene: strawberry.Private[Scene]
    id: strawberry.ID = strawberry.field(description="Of the association, for `unbindMedia`.")
    role: MediaRole = strawberry.field(description="What it does for the product.")
    role_code: str = strawberry.field(
        description="The role as records have it: `hero`, or the code of the attribute of a role "
        "CUSTOM."
    )
    position: int = strawberry.field(description="Its place among those of its role.")
    inherited_from: str | None = strawberry.field(
        description="The sku of the model that holds it, or of a sibling that looks alike; null: "
        "the product itself does."
    )

    @graphql_field
    def asset(self) -> Asset:
        """Return the media item."""
        return asset_of(self.link.asset, self.scene, owner=self.link.owner_public_id)

    @graphql_field
    def alt(self) -> str | None:
        """Return what a screen reader says, in the context's locale or what it falls back to."""
        return text_of(self.link.asset.texts.get("alt", ()), self.scene.context)

    @graphql_field
    def alt_locale(self) -> str | None:
        """Return the locale that `alt` is written in, for `lang`; null: in none."""
        return text_locale_of(self.link.asset.texts.get("alt", ()), self.scene.context)

    @graphql_field
    def caption(self) -> str | None:
        """Return the caption, in the context's locale or what it falls back to."""
        return text_of(self.link.asset.texts.get("caption", ()), self.scene.context)

    @graphql_field
    def caption_locale(self) -> str | None:
        """Return the locale that `caption` is written in, for `lang`; null: in none."""
        return text_locale_of(self.link.asset.texts.get("caption", ()), self.scene.context)

    @graphql_field
    def image(
        self,
        preset: PresetArgument,
        width: WidthArgument = None,
        format: FormatArgument = ImageFormat.AUTO,  # noqa: A002 - the argument's name
    ) -> Image | None:
        """Return one rendition; null: it is no image, or has no bytes yet."""
        chosen, link = self.scene.minter.preset(preset), self.link
        return image_of(link.asset, link.owner_public_id, self.scene, chosen, width, format)

    @field_with(weight=_PICTURE_WEIGHT)
    def picture(self, preset: PresetArgument, sizes: SizesArgument = None) -> Picture | None:
        """Return all widths in all formats of a preset; null: as `image`."""
        chosen, link = self.scene.minter.preset(preset), self.link
        return picture_of(link.asset, link.owner_public_id, self.scene, chosen, sizes)

    @graphql_field
    def available_until(self) -> datetime | None:
        """Return when the right to show it here ends; null: no end is known."""
        return self.scene.media.available_until(self.link.asset)


_ROLES = {each.value: each for each in MediaRole}  # quicker than to call the class
_KINDS = {each.value: each for each in AssetKind}


def product_media(link: Link, scene: Scene, shown_on: str) -> ProductMedia:
    """Make a `ProductMedia` for the product with the sku `shown_on`."""
    return ProductMedia(
        id=strawberry.ID(link.id),
        role=_ROLES.get(link.role, MediaRole.CUSTOM),
        role_code=link.role,
        position=link.position,
        inherited_from=None if link.owner_sku == shown_on else link.owner_sku,
        link=link,
        scene=scene,
    )


def asset_of(asset: LiveAsset, scene: Scene, *, owner: str | None = None) -> Asset:
    """Make an `Asset` whose URLs are bound to an owner, or to none."""
    return Asset(
        id=strawberry.ID(asset.public_id),
        asset=asset,
        owner=owner,
        scene=scene,
        code=asset.code,
        kind=_KINDS[asset.kind],
        thumbhash=asset.thumbhash,
        dominant_color=asset.dominant_rgb,
        width=asset.width_px,
        height=asset.height_px,
        mime_type=asset.mime,
        credit=asset.terms.record.credit,
        licensor=asset.terms.record.licensor,
        licensor_url=asset.terms.record.licensor_url,
        licence_url=asset.terms.record.web_statement,
        revision=asset.revision,
    )
