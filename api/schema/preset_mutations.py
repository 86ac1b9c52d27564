"""Changes of presets: an edit is a draft first, which staff can look at, and then published."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

import strawberry

from api.documents.bounds import Bound
from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, graphql_input, graphql_mutation, graphql_type
from api.schema.image_arguments import ImageFormat
from api.schema.payloads import MutationError
from api.schema.presets import CropMode, Preset, PresetAudience, presets_of
from catalog.access.roles import Action
from catalog.changes import Change
from catalog.delivery import commands, model
from catalog.delivery.rules import MAX_WIDTHS, InvalidPresetError
from catalog.delivery.store import presets as served_presets
from catalog.errors import InvalidInputError, VitrineError

_Command: TypeAlias = Callable[[Change], Awaitable[object]]

_Code = Annotated[str, argument("Of the preset.")]
_Version = Annotated[
    int | None, argument("Refuse with CONFLICT unless this is the version that is changed.")
]
#: What the domain calls a field that has another name here.
_FIELDS = {
    "lifetime_s": "lifetimeSeconds",
    "recipe.widths_px": "recipe.widths",
    "recipe.quality_percent": "recipe.quality",
    "recipe.max_bytes": "recipe.maxBytes",
}


_WIDTHS = Bound(most=MAX_WIDTHS, is_left_to_resolver=True)


@graphql_input
class RatioInput:
    """Width over height."""

    width: int = strawberry.field(description="Such as 4.")
    height: int = strawberry.field(description="Such as 5.")


@graphql_input
class FormatQualityInput:
    """How good pictures of a format shall be."""

    format: ImageFormat = strawberry.field(description="AVIF, WEBP or JPEG.")
    percent: int = strawberry.field(description="1 to 100; each format has its own scale.")


@graphql_input
class RecipeInput:
    """How renditions shall be made."""

    mode: CropMode = strawberry.field(
        description="How the picture meets the ratio.", default=CropMode.FIT
    )
    ratio: RatioInput | None = strawberry.field(
        description="Null: that of the picture.", default=None
    )
    widths: list[int] = strawberry.field(
        description="In pixels, ascending.", metadata=_WIDTHS.metadata
    )
    formats: list[ImageFormat] = strawberry.field(
        description="Besides AUTO, which all have.",
        default_factory=lambda: [ImageFormat.AVIF, ImageFormat.WEBP, ImageFormat.JPEG],
    )
    quality: list[FormatQualityInput] = strawberry.field(
        description="Where the default is not wanted.", default_factory=list[FormatQualityInput]
    )
    background: str = strawberry.field(
        description="`#rrggbb`, for PAD and transparency.", default="#ffffff"
    )
    sharpen: bool = strawberry.field(description="A little, after the resize.", default=True)
    max_bytes: int | None = strawberry.field(
        description="No rendition is larger: quality goes down for it, as far as a floor.",
        default=None,
    )


@graphql_type
class PresetPayload:
    """The preset after a change, or what went wrong."""

    preset: Preset | None = strawberry.field(
        description="As it is now; null: it was refused, or nothing of it is left."
    )
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class PresetMutations:
    """Changes of presets."""

    @graphql_mutation
    @allowed(Action.PRESETS_MANAGE)
    async def save_preset_draft(
        self,
        info: Info,
        code: _Code,
        recipe: Annotated[RecipeInput, argument("The whole of it.")],
        audience: Annotated[
            PresetAudience, argument("Whose URLs may name it.")
        ] = PresetAudience.WEB,
        lifetime_seconds: Annotated[int, argument("The most that caches keep a picture.")] = 86_400,
        expected_version: Annotated[
            int | None,
            argument(
                "Refuse with CONFLICT unless this is the draft, or without one the current "
                "version; 0: there is neither."
            ),
        ] = None,
    ) -> PresetPayload:
        """Save an edit of a preset, or a new one, as its draft under the next number."""

        async def save(change: Change) -> object:
            record = model.PresetRecord(
                code=code,
                recipe=_recipe(recipe),
                audience=audience.value,
                lifetime_s=lifetime_seconds,
            )
            return await commands.save_preset_draft(
                change, record, expected_version=expected_version
            )

        return await _change(info, code, save)

    @graphql_mutation
    @allowed(Action.PRESETS_MANAGE)
    async def publish_preset(
        self, info: Info, code: _Code, expected_version: _Version = None
    ) -> PresetPayload:
        """Make the draft the current version; the former is served until its tokens end."""
        return await _change(
            info,
            code,
            lambda change: commands.publish_preset(change, code, expected_version=expected_version),
        )

    @graphql_mutation
    @allowed(Action.PRESETS_MANAGE)
    async def discard_preset_draft(
        self, info: Info, code: _Code, expected_version: _Version = None
    ) -> PresetPayload:
        """Give the draft up; its URLs lead nowhere from now on."""
        return await _change(
            info,
            code,
            lambda change: commands.discard_preset_draft(
                change, code, expected_version=expected_version
            ),
        )

    @graphql_mutation
    @allowed(Action.PRESETS_MANAGE)
    async def retire_preset(
        self, info: Info, code: _Code, expected_version: _Version = None
    ) -> PresetPayload:
        """Mint no URL with a preset any more; it is served until its tokens end."""
        return await _change(
            info,
            code,
            lambda change: commands.retire_preset(change, code, expected_version=expected_version),
        )


def _recipe(given: RecipeInput) -> model.Recipe:
    """Read a recipe; what it says is for the domain to check.

    Raises:
        InvalidInputError: the quality of a format is said twice.
    """
    quality = {each.format.value: each.percent for each in given.quality}
    if len(quality) < len(given.quality):
        raise InvalidInputError("each format has one quality", field="recipe.quality")
    return model.Recipe(
        mode=given.mode.value,
        ratio=given.ratio and (given.ratio.width, given.ratio.height),
        widths_px=tuple(given.widths),
        formats=tuple(each.value for each in given.formats),
        quality_percent=quality,
        background=given.background,
        sharpen=given.sharpen,
        max_bytes=given.max_bytes,
    )


async def _change(info: Info, code: str, command: _Command) -> PresetPayload:
    state = info.context
    try:
        async with state.change() as change:
            await command(change)
    except VitrineError as error:
        return PresetPayload(preset=None, errors=_errors_of(error))
    async with state.services.pool.acquire() as conn:
        found = presets_of(await served_presets(conn))
    return PresetPayload(
        preset=next((each for each in found if each.code == code), None), errors=[]
    )


def _errors_of(error: VitrineError) -> list[MutationError]:
    """Return one for each field that is at fault."""
    faults = error.faults if isinstance(error, InvalidPresetError) else (error,)
    return [
        MutationError(
            code=fault.code,
            field=fault.field and _FIELDS.get(fault.field, fault.field),
            message=fault.message,
        )
        for fault in faults
    ]
