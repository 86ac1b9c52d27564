"""Presets: a list, and one with its recipe, edited as a draft beside its preview."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from catalog.access.roles import Action
from console.page import Page, Section, Visit
from console.pages.presets.presets_graphql import (
    DISCARD_PRESET_DRAFT,
    ONE_PRESET,
    PRESET_PICTURE,
    PRESETS,
    PUBLISH_PRESET,
    RETIRE_PRESET,
    SAMPLES,
    SAVE_PRESET_DRAFT,
    OnePresetPreset,
    PresetsPresets,
    SamplesAssetsNodes,
)
from console.pages.presets.recipes import (
    AUDIENCES,
    FORMATS,
    LOSSY,
    MODES,
    RecipeFields,
    as_version,
    differences,
    fields_of,
    stated,
    typed_fields,
    written,
)
from serving.in_process import FormBounds, GraphProblem

FOLDER: Final = Path(__file__).parent
_BOUNDS: Final = FormBounds(max_fields=40)
_SAMPLES: Final = 3
_PREVIEW_PX: Final = 640
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class ShownPresets:
    """What the list shows: each preset, with what its current version or else its draft says."""

    presets: Sequence[tuple[PresetsPresets, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class ShownPreset:
    """What the page of a preset shows.

    Attributes:
        expected: the version that an edit is made of; 0: there is none.
        says: what the current version says, by the word for each part.
        differs: parts of the draft that the current version has otherwise.
        samples: pictures that the preview shows.
        conflict: where somebody saved another draft meanwhile: what it says otherwise than what was
            typed.
    """

    preset: OnePresetPreset
    fields: RecipeFields
    expected: int
    says: Mapping[str, str]
    differs: Sequence[tuple[str, str, str]]
    samples: Sequence[SamplesAssetsNodes]
    conflict: Sequence[tuple[str, str, str]] = ()
    modes: Sequence[str] = MODES
    formats: Sequence[str] = FORMATS
    lossy: Sequence[str] = LOSSY
    audiences: Sequence[str] = AUDIENCES


async def show_list(visit: Visit) -> Response:
    """Show every preset."""
    presets = visit.there((await visit.ask(PRESETS))["presets"])
    rows = [(each, _says(each["current"] or each["draft"], visit)) for each in presets]
    return visit.render("list.html", ShownPresets(rows))


async def show_preset(visit: Visit) -> Response:
    """Show a preset with its recipe as a form, and how pictures look by it."""
    return visit.render("preset.html", await _shown(visit))


async def _shown(visit: Visit) -> ShownPreset:
    preset = visit.there((await visit.ask(ONE_PRESET, code=visit.path("code")))["preset"])
    current, draft = preset["current"], preset["draft"]
    edited = draft or current
    assets = (await visit.ask(SAMPLES))["assets"]
    pictures = [each for each in assets["nodes"] if each["kind"] == "IMAGE"] if assets else []
    typed = None if visit.form is None else typed_fields(visit)
    has_conflict = typed is not None and any(each.code == "CONFLICT" for each in visit.problems)
    return ShownPreset(
        conflict=differences(edited, as_version(typed), visit.words)
        if typed is not None and has_conflict
        else (),
        preset=preset,
        fields=fields_of(edited) if typed is None else typed,
        expected=edited["version"] if edited else 0,
        says=_says(current, visit),
        differs=differences(current, draft, visit.words),
        samples=pictures[:_SAMPLES],
    )


def _says(version: Mapping[str, Any] | None, visit: Visit) -> Mapping[str, str]:
    return {} if version is None else written(version, visit.words)


async def preview(visit: Visit) -> Response:
    """Save what is typed as the draft, and show how pictures look by it: a part of the page."""
    await _save(visit)
    return visit.render("preview.html", await _shown(visit))


async def save(visit: Visit) -> Response:
    """Save what is typed as the draft."""
    if not await _save(visit):
        return await show_preset(visit)
    return visit.back("is_saved")


async def _save(visit: Visit) -> bool:
    asked, wrong = stated(typed_fields(visit))
    visit.problems += [
        GraphProblem(code="INVALID_INPUT", message="no number", field=each) for each in wrong
    ]
    if wrong:
        return False
    data = await visit.ask(
        SAVE_PRESET_DRAFT, code=visit.path("code"), expected=visit.number("expected"), **asked
    )
    return not visit.fails(data["savePresetDraft"]["errors"])


async def create(visit: Visit) -> Response:
    """Begin a new preset with a draft that anybody would begin with."""
    code = (visit.field("code") or "").strip()
    if not _CODE.fullmatch(code):
        visit.problems.append(GraphProblem(code="INVALID_INPUT", message="no code", field="code"))
        return await show_list(visit)
    asked, _ = stated(RecipeFields())
    data = await visit.ask(SAVE_PRESET_DRAFT, code=code, expected=0, **asked)
    if visit.fails(data["savePresetDraft"]["errors"]):
        return await show_list(visit)
    return visit.back("is_begun", to=f"/console/presets/{quote(code, safe='')}")


async def publish(visit: Visit) -> Response:
    """Make the draft what URLs are minted with."""
    asked = {"code": visit.path("code"), "expected": visit.number("expected")}
    done = (await visit.ask(PUBLISH_PRESET, **asked))["publishPreset"]
    if visit.fails(done["errors"]):
        return await _again(visit)
    return visit.back("is_published")


async def discard(visit: Visit) -> Response:
    """Give the draft up."""
    asked = {"code": visit.path("code"), "expected": visit.number("expected")}
    done = (await visit.ask(DISCARD_PRESET_DRAFT, **asked))["discardPresetDraft"]
    if visit.fails(done["errors"]):
        return await _again(visit)
    return visit.back("is_discarded", to=None if done["preset"] else "/console/presets")


async def retire(visit: Visit) -> Response:
    """Mint no URL with it any more."""
    asked = {"code": visit.path("code"), "expected": visit.number("expected")}
    done = (await visit.ask(RETIRE_PRESET, **asked))["retirePreset"]
    if visit.fails(done["errors"]):
        return await _again(visit)
    return visit.back("is_retired", to=None if done["preset"] else "/console/presets")


async def _again(visit: Visit) -> Response:
    visit.form = None  # it held no recipe
    return await show_preset(visit)


async def show_picture(visit: Visit) -> Response:
    """Lead to a picture by a version of a preset, freshly signed for whoever looks."""
    data = await visit.ask(
        PRESET_PICTURE,
        code=visit.path("code"),
        version=int(visit.path("version")),
        asset=visit.path("asset"),
    )
    shown = visit.there(data["presetPreview"])[0]["images"]
    if not shown:
        visit.there(None)
    widest = min(shown, key=lambda each: abs((each["width"] or 0) - _PREVIEW_PX))
    return RedirectResponse(widest["url"], 302, headers={"Cache-Control": "private, no-store"})


_NEEDS: Final = (Action.PRESETS_MANAGE,)
PRESET_PAGES: Final = (
    Page(
        path="/presets",
        folder=FOLDER,
        view=show_list,
        forms={"create": create},
        section=Section.MEDIA,
        needs=_NEEDS,
    ),
    Page(
        path="/presets/{code}",
        folder=FOLDER,
        view=show_preset,
        forms={
            "preview": preview,
            "save": save,
            "publish": publish,
            "discard": discard,
            "retire": retire,
        },
        bounds=_BOUNDS,
        needs=_NEEDS,
    ),
    Page(
        path="/presets/{code}/{version:int}/{asset}",
        folder=FOLDER,
        view=show_picture,
        needs=(Action.CONTENT_PREVIEW,),
    ),
)
