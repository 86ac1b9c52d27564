"""Changes of presets: an edit makes a new version, which is in the URL, so bytes never mix."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.delivery import store
from catalog.delivery.model import Audience, Format, Preset, Recipe
from catalog.errors import InvalidInputError
from catalog.events.commands import Change
from catalog.events.model import Applied, Event, Rejection, preset_subject

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_MAX_CODE_LENGTH = 40
_MAX_WIDTH_PX = 4096
_MAX_WIDTHS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRecord:
    """A preset as the bulk format states it."""

    code: str
    recipe: Recipe
    audience: Audience = "web"
    lifetime_s: int = 86_400


async def put_presets(change: Change, records: Sequence[PresetRecord]) -> Applied:
    """Upsert presets; the version before is served for as long as a token may name it."""
    created = updated = unchanged = 0
    rejections: list[Rejection] = []
    current = await store.lock_presets(change.conn, [record.code for record in records])
    for index, record in enumerate(records):
        try:
            check_preset(record)
        except InvalidInputError as error:
            rejections.append(Rejection.of(index, error))
            continue
        before = current.get(record.code)
        if before is not None and _is_same(before, record):
            unchanged += 1
            continue
        current[record.code] = await _put(change, record, before)
        created, updated = created + (before is None), updated + (before is not None)
    return Applied(
        created=created, updated=updated, unchanged=unchanged, rejections=tuple(rejections)
    )


def check_preset(record: PresetRecord) -> None:
    """Check what the recipe's types do not.

    Raises:
        InvalidInputError: code, widths, formats, quality, ratio, background or lifetime.
    """
    recipe = record.recipe
    widths = recipe.widths_px
    rules = (
        ("code", bool(_CODE.fullmatch(record.code)) and len(record.code) <= _MAX_CODE_LENGTH),
        ("recipe.widths_px", 0 < len(widths) <= _MAX_WIDTHS and list(widths) == sorted({*widths})),
        ("recipe.widths_px", all(0 < width <= _MAX_WIDTH_PX for width in widths)),
        ("recipe.formats", bool(recipe.formats) and Format.AUTO not in recipe.formats),
        ("recipe.quality_percent", all(1 <= q <= 100 for q in recipe.quality_percent.values())),  # noqa: PLR2004 - percent
        ("recipe.ratio", recipe.ratio is None or min(recipe.ratio) > 0),
        ("recipe.background", bool(_COLOUR.fullmatch(recipe.background))),
        ("lifetime_s", record.lifetime_s > 0),
    )
    for field, holds in rules:
        if not holds:
            raise InvalidInputError(
                f"{field} of preset {record.code} is out of its bounds", field=field
            )


def _is_same(before: Preset, record: PresetRecord) -> bool:
    return (before.recipe, before.audience, before.lifetime_s) == (
        record.recipe,
        record.audience,
        record.lifetime_s,
    )


async def _put(change: Change, record: PresetRecord, before: Preset | None) -> Preset:
    preset = Preset(
        code=record.code,
        version=1 if before is None else before.version + 1,
        audience=record.audience,
        recipe=record.recipe,
        lifetime_s=record.lifetime_s,
    )
    if before is not None:
        await store.supersede_preset(change.conn, record.code)
    await store.add_preset(change.conn, preset)
    await change.record(
        Event(
            type="preset.created" if before is None else "preset.updated",
            subject=f"preset/{preset.code}",
            version=preset.version,
            subjects=(preset_subject(preset.code),),
            data={"preset": preset.code, "version": preset.version},
        )
    )
    return preset
