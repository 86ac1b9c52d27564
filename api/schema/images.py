"""Renditions of an asset: one, all of a preset, and one to know it by."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.images.urls import Signed, checked_format, checked_width, size_of, srcset_widths
from api.request.scene import RequestState, Scene
from api.schema.descriptions import argument, graphql_type
from api.schema.image_arguments import ImageFormat
from catalog.access.roles import Action
from catalog.delivery.model import CropMode, Format, Preset
from catalog.graph.media import LiveAsset
from catalog.rights.model import Status

PreviewWidth = Annotated[int, argument("In pixels, about.")]


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

    sources: list[PictureSource] = strawberry.field(
        description="One for each format.", metadata=STORED.metadata
    )
    src: str = strawberry.field(description="For browsers that know no `srcset`.")
    width: int | None = strawberry.field(description="Of `src`, in pixels: reserves the space.")
    height: int | None = strawberry.field(description="Of `src`, in pixels.")
    placeholder: str | None = strawberry.field(
        description="A data URI to show while the picture loads."
    )
    expires_at: datetime = strawberry.field(description="When the URLs end, not the right.")


def image_of(
    asset: LiveAsset,
    owner: str | None,
    scene: Scene,
    preset: Preset,
    width_px: int | None,
    image_format: ImageFormat,
) -> Image | None:
    """Return an `Image`; None: there is nothing to deliver.

    Raises:
        UnknownFormatError, UnknownWidthError: the preset has no such.
    """
    chosen = checked_format(preset, image_format.value)
    width_px = checked_width(preset, width_px)
    if not is_deliverable(asset, scene):
        return None
    signed = scene.minter.sign(asset, owner)
    size = size_of(asset, preset.recipe, width_px)
    return Image(
        url=signed.urls.url(preset.code, preset.version, width_px, chosen),
        width=size.width_px if size else None,
        height=size.height_px if size else None,
        format=image_format,
        expires_at=signed.expires_at,
    )


def picture_of(
    asset: LiveAsset, owner: str | None, scene: Scene, preset: Preset, sizes: str | None
) -> Picture | None:
    """Return a `Picture`; None: there is nothing to deliver."""
    if not is_deliverable(asset, scene):
        return None
    signed = scene.minter.sign(asset, owner)
    recipe = preset.recipe
    base = Format.JPEG if Format.JPEG in recipe.formats else recipe.formats[-1]
    width_px = recipe.widths_px[len(recipe.widths_px) // 2]  # too large costs more than too small
    size = size_of(asset, recipe, width_px)
    return Picture(
        sources=[
            PictureSource(type=mime, srcset=srcset, sizes=sizes)
            for mime, srcset in _srcsets(asset, signed, preset)
        ],
        src=signed.urls.url(preset.code, preset.version, width_px, base),
        width=size.width_px if size else None,
        height=size.height_px if size else None,
        placeholder=asset.placeholder,
        expires_at=signed.expires_at,
    )


def _srcsets(asset: LiveAsset, signed: Signed, preset: Preset) -> Sequence[tuple[str, str]]:
    """Return media type and `srcset` of each format, written once for as long as they are true."""
    key = signed.token, preset.code, preset.version
    written = asset.srcsets.get(key)
    if written is None:
        formats = preset.recipe.formats
        written = [(each.mime, srcset_of(asset, signed, preset, each)) for each in formats]
        asset.srcsets[key] = written
    return written


def srcset_of(asset: LiveAsset, signed: Signed, preset: Preset, image_format: Format) -> str:
    """Write the `srcset` of one format."""
    url = signed.urls.url
    return ", ".join(
        f"{url(preset.code, preset.version, width_px, image_format)} {real_px}w"
        for width_px, real_px in srcset_widths(asset, preset.recipe)
    )


def is_deliverable(asset: LiveAsset, scene: Scene) -> bool:
    """Return whether the gateway would deliver it: those who manage media see more than that."""
    return asset.kind == "image" and asset.version is not None and scene.media.is_shown(asset)


def preview_of(asset: LiveAsset, scene: Scene, state: RequestState, width_px: int) -> Image | None:
    """Return a picture to know an asset by; None: there is nothing to deliver.

    Args:
        asset: whatever its rights are.
        scene: of the request.
        state: of the request: who asks.
        width_px: the nearest of any preset is taken; of those that keep the whole picture, if any.
    """
    is_staff = state.key is not None and state.may(Action.CONTENT_PREVIEW, state.place)
    if not (_is_there_for_staff(asset) if is_staff else is_deliverable(asset, scene)):
        return None
    chosen = _preset_near(scene, width_px)
    if chosen is None:
        return None
    preset, near_px = chosen
    size = size_of(asset, preset.recipe, near_px)
    minter = scene.minter
    return Image(
        url=minter.url(asset, None, preset, near_px, Format.AUTO, for_staff=is_staff),
        width=size.width_px if size else None,
        height=size.height_px if size else None,
        format=ImageFormat.AUTO,
        expires_at=minter.sign(asset, None, for_staff=is_staff).expires_at,
    )


def _is_there_for_staff(asset: LiveAsset) -> bool:
    """Return whether a gateway delivers it under a staff token, or might: quarantine is kept."""
    rights = asset.terms.rights
    is_safe = rights.status is not Status.QUARANTINED and not rights.legal_demand
    return asset.kind == "image" and asset.version is not None and is_safe


def _preset_near(scene: Scene, width_px: int) -> tuple[Preset, int] | None:
    """Return a preset for everybody and its width that comes nearest; None: there are none."""
    web = [each for each in scene.minter.presets.values() if each.audience == "web"]
    whole = [each for each in web if each.recipe.mode is CropMode.FIT]
    widths = [(each, px) for each in whole or web for px in each.recipe.widths_px]
    return min(
        widths,
        key=lambda pair: (pair[1] < width_px, abs(pair[1] - width_px), pair[0].code),
        default=None,
    )
