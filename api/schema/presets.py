"""Presets as those see them who manage media: what each version says, and how it looks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from api.documents.bounds import Bound
from api.documents.declared import STORED, PageSizeError, RowEach
from api.images.urls import UnknownPresetError, size_of
from api.request.scene import Info
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_enum,
    graphql_field,
    graphql_type,
)
from api.schema.image_arguments import ImageFormat
from api.schema.images import Image
from api.schema.media import Asset, asset_of
from catalog.access.roles import Action
from catalog.db import Connection
from catalog.delivery import model
from catalog.delivery.store import presets as served_presets
from catalog.errors import NotFoundError
from catalog.graph.media import LiveAsset, find_assets

_PREVIEWS = Bound(most=20, refused_as=PageSizeError)


@graphql_enum
class CropMode(Enum):
    """How a picture meets the ratio of a recipe.

    Attributes:
        FIT: The whole picture.
        FILL: The ratio, cropped around the focal point, else where the eye goes.
        PAD: The whole picture in the ratio, on the background.
    """

    FIT = model.CropMode.FIT
    FILL = model.CropMode.FILL
    PAD = model.CropMode.PAD


@graphql_enum
class PresetAudience(Enum):
    """Whose URLs may name a preset.

    Attributes:
        WEB: Everybody's.
        STAFF: Those of previews alone.
    """

    WEB = "web"
    STAFF = "staff"


@graphql_enum
class PresetState(Enum):
    """What a version is: a draft is for staff, the current one is what URLs are minted with.

    Attributes:
        DRAFT: Being edited; seen by staff alone.
        CURRENT: What URLs are minted with.
        SUPERSEDED: Replaced; served until the tokens of its URLs end.
        RETIRED: Ended without a successor; served until the tokens of its URLs end.
    """

    DRAFT = "draft"
    CURRENT = "current"
    SUPERSEDED = "superseded"
    RETIRED = "retired"


@graphql_type
class Ratio:
    """Width over height."""

    width: int = strawberry.field(description="Such as 4.")
    height: int = strawberry.field(description="Such as 5.")


@graphql_type
class FormatQuality:
    """How good pictures of a format are."""

    format: ImageFormat = strawberry.field(description="AVIF, WEBP or JPEG.")
    percent: int = strawberry.field(description="1 to 100; each format has its own scale.")


@graphql_type
class Recipe:
    """How renditions are made."""

    mode: CropMode = strawberry.field(description="How the picture meets the ratio.")
    ratio: Ratio | None = strawberry.field(description="Null: that of the picture.")
    widths: list[int] = strawberry.field(description="In pixels; no others can be asked for.")
    formats: list[ImageFormat] = strawberry.field(description="Besides AUTO, which all have.")
    quality: list[FormatQuality] = strawberry.field(
        description="Where it is not the default.", metadata=STORED.metadata
    )
    background: str = strawberry.field(description="`#rrggbb`, for PAD and transparency.")
    sharpen: bool = strawberry.field(description="A little, after the resize.")
    max_bytes: int | None = strawberry.field(
        description="No rendition is larger: quality goes down for it, as far as a floor."
    )


@graphql_type
class PresetVersion:
    """A version of a preset; its number is in the URL, and is never given to another recipe."""

    version: int = strawberry.field(description="Its number.")
    state: PresetState = strawberry.field(description="What it is.")
    served_until: datetime | None = strawberry.field(
        description="Then no token is left that may name it; null: no end is known."
    )
    audience: PresetAudience = strawberry.field(description="Whose URLs may name it.")
    lifetime_seconds: int = strawberry.field(description="The most that caches keep a picture.")
    recipe: Recipe = strawberry.field(description="How its renditions are made.")


@graphql_type
class Preset:
    """A named recipe, in all versions that are served."""

    code: str = strawberry.field(description="Its natural key.")
    current: PresetVersion | None = strawberry.field(
        description="What URLs are minted with; null: not published yet, or retired."
    )
    draft: PresetVersion | None = strawberry.field(description="An edit that only staff can see.")
    versions: list[PresetVersion] = strawberry.field(
        description="All, the newest first.", metadata=STORED.metadata
    )


@graphql_type
class PresetPreview:
    """How an asset looks by a version of a preset, for staff: whatever its rights are."""

    asset: Asset = strawberry.field(description="The picture.")
    version: PresetVersion = strawberry.field(description="By which it is shown.")
    images: list[Image] = strawberry.field(
        description="Every width in every format; each URL is valid for five minutes.",
        metadata=STORED.metadata,
    )


@graphql_type
class PresetQueries:
    """Reads of presets."""

    @field_with(rows=STORED.rows)
    @allowed(Action.PRESETS_MANAGE)
    async def presets(self, info: Info) -> list[Preset] | None:
        """Return every preset by code, drafts included."""
        async with info.context.services.pool.acquire() as conn:
            return presets_of(await served_presets(conn))

    @graphql_field
    @allowed(Action.PRESETS_MANAGE)
    async def preset(
        self, info: Info, code: Annotated[str, argument("Of the preset.")]
    ) -> Preset | None:
        """Return a preset; null: no version of it is served."""
        async with info.context.services.pool.acquire() as conn:
            found = presets_of(await served_presets(conn))
        return next((each for each in found if each.code == code), None)

    @field_with(rows=RowEach("assetIds"))
    @allowed(Action.CONTENT_PREVIEW, Action.CONTENT_READ, asks_itself=True)
    async def preset_preview(
        self,
        info: Info,
        code: Annotated[str, argument("Of the preset.")],
        asset_ids: Annotated[list[strawberry.ID], argument("Of pictures.", _PREVIEWS)],
        version: Annotated[
            int | None, argument("By default the draft, else the current version.")
        ] = None,
    ) -> list[PresetPreview] | None:
        """Return staff's URLs of pictures by a version, also by a draft."""
        state = info.context
        await state.minter_for(info, Action.CONTENT_PREVIEW)
        async with state.services.pool.acquire() as conn:
            chosen = _chosen(await served_presets(conn), code, version)
            found = await _assets(conn, asset_ids)
        scene = state.staged({})
        shown = [asset_of(each, scene) for each in found]
        return [
            PresetPreview(
                asset=each, version=version_of(chosen), images=list(_images_of(each, chosen))
            )
            for each in shown
        ]


def presets_of(served: Iterable[model.Preset]) -> list[Preset]:
    """Make `Preset`s of all versions that are served, by code."""
    by_code: dict[str, list[model.Preset]] = {}
    for each in served:
        by_code.setdefault(each.code, []).append(each)
    return [
        Preset(
            code=code,
            current=_in_state(versions, "current"),
            draft=_in_state(versions, "draft"),
            versions=[
                version_of(each)
                for each in sorted(versions, key=lambda preset: preset.version, reverse=True)
            ],
        )
        for code, versions in sorted(by_code.items())
    ]


def version_of(preset: model.Preset) -> PresetVersion:
    """Make a `PresetVersion`."""
    recipe = preset.recipe
    return PresetVersion(
        version=preset.version,
        state=PresetState(preset.state),
        served_until=preset.served_until,
        audience=PresetAudience(preset.audience),
        lifetime_seconds=preset.lifetime_s,
        recipe=Recipe(
            mode=CropMode(recipe.mode),
            ratio=recipe.ratio and Ratio(width=recipe.ratio[0], height=recipe.ratio[1]),
            widths=list(recipe.widths_px),
            formats=[ImageFormat(each) for each in recipe.formats],
            quality=[
                FormatQuality(format=ImageFormat(each), percent=percent)
                for each, percent in recipe.quality_percent.items()
            ],
            background=recipe.background,
            sharpen=recipe.sharpen,
            max_bytes=recipe.max_bytes,
        ),
    )


def _in_state(versions: Sequence[model.Preset], state: model.PresetState) -> PresetVersion | None:
    return next((version_of(each) for each in versions if each.state == state), None)


def _chosen(served: Sequence[model.Preset], code: str, version: int | None) -> model.Preset:
    """Return the version that is meant.

    Raises:
        UnknownPresetError: it is not served.
    """
    of_code = [each for each in served if each.code == code]
    for state in ("draft", "current"):
        for each in of_code:
            if each.version == version or (version is None and each.state == state):
                return each
    known = ", ".join(f"{each.version} ({each.state})" for each in of_code) or "none"
    raise UnknownPresetError(
        f"no such version of the preset {code!r} is served; there are: {known}",
        field="code" if version is None else "version",
    )


async def _assets(conn: Connection, ids: Sequence[str]) -> list[LiveAsset]:
    """Return assets in the order in which they were named.

    Raises:
        NotFoundError: there is no such asset.
    """
    found = {each.public_id: each for each in await find_assets(conn, ids)}
    for public_id in ids:
        if public_id not in found:
            raise NotFoundError(f"there is no asset {public_id}", field="assetIds")
    return [found[public_id] for public_id in ids]


def _images_of(shown: Asset, preset: model.Preset) -> Iterable[Image]:
    """Yield every width in every format; none, where the asset has no pixels."""
    asset, minter = shown.asset, shown.scene.minter
    if asset.kind != "image" or asset.version is None:
        return
    for width_px in preset.recipe.widths_px:
        size = size_of(asset, preset.recipe, width_px)
        for image_format in preset.recipe.formats:
            yield Image(
                url=minter.url(asset, None, preset, width_px, image_format, for_staff=True),
                width=size.width_px if size else None,
                height=size.height_px if size else None,
                format=ImageFormat(image_format),
                expires_at=minter.sign(asset, None, for_staff=True).expires_at,
            )
