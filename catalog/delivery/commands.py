"""Changes of presets: an edit makes a new version, which is in the URL, so bytes never mix.

An edit may be saved as a draft before: a version that only staff tokens may name. No number is
ever given to two recipes, also where a draft was given up.
"""

from collections.abc import Sequence
from typing import Literal

from catalog.batches import BatchResult, Rejection
from catalog.changes import Change
from catalog.delivery import store
from catalog.delivery.model import Preset, PresetRecord
from catalog.delivery.rules import check_preset
from catalog.errors import ConflictError, InvalidInputError, NotFoundError
from catalog.events.model import Event
from catalog.subjects import preset_subject


async def put_presets(change: Change, records: Sequence[PresetRecord]) -> BatchResult:
    """Upsert presets; the version before is served for as long as a token may name it.

    A draft that somebody works on stays, and has to be saved again before it can be published.
    """
    created = updated = unchanged = 0
    rejections: list[Rejection] = []
    known = await store.lock_presets(change.conn, [record.code for record in records])
    for index, record in enumerate(records):
        try:
            check_preset(record)
        except InvalidInputError as error:
            rejections.append(Rejection.of(index, error))
            continue
        before = known[record.code].current
        if before is not None and before.record == record:
            unchanged += 1
            continue
        known[record.code] = await _put(change, record, known[record.code])
        created, updated = created + (before is None), updated + (before is not None)
    return BatchResult(
        created=created, updated=updated, unchanged=unchanged, rejections=tuple(rejections)
    )


async def save_preset_draft(
    change: Change, record: PresetRecord, *, expected_version: int | None = None
) -> Preset:
    """Save an edit as the one draft of its code, under a number that nothing was rendered by.

    Args:
        change: the open transaction.
        record: the whole preset.
        expected_version: of the draft that is replaced, else of the current version; 0: there is
            neither.

    Raises:
        InvalidPresetError: it breaks rules.
        ConflictError: another version is there than was expected.
    """
    check_preset(record)
    versions = (await store.lock_presets(change.conn, [record.code]))[record.code]
    before = versions.draft or versions.current
    _check_version(before, expected_version)
    draft = versions.draft
    if draft is not None and draft.record == record and not _is_overtaken(draft, versions):
        return draft
    if draft is not None:
        await store.discard_draft(change.conn, record.code)
    preset = _version_of(record, versions.last + 1, "draft")
    await store.add_preset(change.conn, preset)
    await change.record(_event("preset.draft_saved", preset, before, preset))
    return preset


async def publish_preset(
    change: Change, code: str, *, expected_version: int | None = None
) -> Preset:
    """Make the draft the current version; the former is served while a token may name it.

    Args:
        change: the open transaction.
        code: of the preset.
        expected_version: of the draft.

    Raises:
        NotFoundError: there is no draft.
        ConflictError: the draft is another than was expected, or the preset was changed since.
    """
    versions = (await store.lock_presets(change.conn, [code]))[code]
    draft = _found(versions.draft, f"preset {code} has no draft")
    _check_version(draft, expected_version)
    if _is_overtaken(draft, versions):
        raise ConflictError(
            f"preset {code} was changed since this draft was saved: look, and save it again",
            field="code",
        )
    if versions.current is not None:
        await store.end_preset(change.conn, code, "superseded")
    await store.publish_draft(change.conn, code)
    preset = _version_of(draft.record, draft.version, "current")
    await change.record(_published(preset, versions.current))
    return preset


async def discard_preset_draft(
    change: Change, code: str, *, expected_version: int | None = None
) -> Preset:
    """Give the draft up: its URLs lead nowhere from now on.

    Args:
        change: the open transaction.
        code: of the preset.
        expected_version: of the draft.

    Raises:
        NotFoundError: there is no draft.
        ConflictError: the draft is another than was expected.
    """
    versions = (await store.lock_presets(change.conn, [code]))[code]
    draft = _found(versions.draft, f"preset {code} has no draft")
    _check_version(draft, expected_version)
    await store.discard_draft(change.conn, code)
    await change.record(_event("preset.draft_discarded", draft, draft, None))
    return draft


async def retire_preset(
    change: Change, code: str, *, expected_version: int | None = None
) -> Preset:
    """Mint no URL with a preset any more; it is served while a token may name it. Its draft stays.

    Args:
        change: the open transaction.
        code: of the preset.
        expected_version: of the current version.

    Raises:
        NotFoundError: it has no current version.
        ConflictError: the current version is another than was expected.
    """
    versions = (await store.lock_presets(change.conn, [code]))[code]
    current = _found(versions.current, f"there is no preset {code} in use")
    _check_version(current, expected_version)
    await store.end_preset(change.conn, code, "retired")
    await change.record(_event("preset.retired", current, current, None))
    return current


async def _put(change: Change, record: PresetRecord, versions: store.Versions) -> store.Versions:
    preset = _version_of(record, versions.last + 1, "current")
    if versions.current is not None:
        await store.end_preset(change.conn, record.code, "superseded")
    await store.add_preset(change.conn, preset)
    await change.record(_published(preset, versions.current))
    return store.Versions(current=preset, draft=versions.draft, last=preset.version)


def _version_of(record: PresetRecord, version: int, state: Literal["draft", "current"]) -> Preset:
    return Preset(
        code=record.code,
        version=version,
        audience=record.audience,
        recipe=record.recipe,
        lifetime_s=record.lifetime_s,
        state=state,
    )


def _is_overtaken(draft: Preset, versions: store.Versions) -> bool:
    """Whether another recipe was made current since the draft was saved."""
    return draft.version < versions.last


def _found(preset: Preset | None, otherwise: str) -> Preset:
    if preset is None:
        raise NotFoundError(otherwise, field="code")
    return preset


def _check_version(preset: Preset | None, expected: int | None) -> None:
    """Lock optimistically.

    Raises:
        ConflictError: somebody else made another version meanwhile.
    """
    found = 0 if preset is None else preset.version
    if expected is not None and expected != found:
        raise ConflictError(
            f"it is at version {found}, not {expected}: read it again", field="expectedVersion"
        )


def _published(preset: Preset, before: Preset | None) -> Event:
    event_type = "preset.created" if before is None else "preset.updated"
    return _event(event_type, preset, before, preset)


def _event(event_type: str, preset: Preset, before: Preset | None, after: Preset | None) -> Event:
    return Event(
        type=event_type,
        subject=f"preset/{preset.code}",
        version=preset.version,
        subjects=(preset_subject(preset.code),),
        data={"preset": preset.code, "version": preset.version},
        before=before,
        after=after,
    )
