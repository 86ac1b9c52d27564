"""Recipes as fields of a form and back, and what differs between two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from console.page import Visit
from console.words import ConsoleWords

#: A version of a preset as the graph answers it.
Version = Mapping[str, Any]

MODES: Final = ("FIT", "FILL", "PAD")
FORMATS: Final = ("AVIF", "WEBP", "JPEG", "PNG")
LOSSY: Final = ("AVIF", "WEBP", "JPEG")
AUDIENCES: Final = ("WEB", "STAFF")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeFields:
    """What the form holds, as text; the defaults are those of a new preset."""

    mode: str = "FIT"
    ratio_width: str = ""
    ratio_height: str = ""
    widths: str = "320 640 960"
    formats: Sequence[str] = LOSSY
    quality: Mapping[str, str] = field(default_factory=dict[str, str])
    background: str = "#ffffff"
    sharpen: bool = True
    max_bytes: str = ""
    audience: str = "WEB"
    lifetime: str = "86400"


def fields_of(version: Version | None) -> RecipeFields:
    """Return the fields of a version; None: of a new preset."""
    if version is None:
        return RecipeFields()
    recipe = version["recipe"]
    ratio = recipe["ratio"] or {"width": "", "height": ""}
    return RecipeFields(
        mode=recipe["mode"],
        ratio_width=f"{ratio['width']}",
        ratio_height=f"{ratio['height']}",
        widths=" ".join(map(str, recipe["widths"])),
        formats=recipe["formats"],
        quality={each["format"]: f"{each['percent']}" for each in recipe["quality"]},
        background=recipe["background"],
        sharpen=recipe["sharpen"],
        max_bytes=f"{recipe['maxBytes'] or ''}",
        audience=version["audience"],
        lifetime=f"{version['lifetimeSeconds']}",
    )


def typed_fields(visit: Visit) -> RecipeFields:
    """Return what was typed into the form."""
    return RecipeFields(
        mode=_one_of(MODES, visit.field("mode")),
        ratio_width=visit.field("ratio_width") or "",
        ratio_height=visit.field("ratio_height") or "",
        widths=visit.field("widths") or "",
        formats=[each for each in FORMATS if each in visit.all_fields("formats")],
        quality={each: visit.field(f"quality_{each}") or "" for each in LOSSY},
        background=visit.field("background") or "#ffffff",
        sharpen=visit.field("sharpen") is not None,
        max_bytes=visit.field("max_bytes") or "",
        audience=_one_of(AUDIENCES, visit.field("audience")),
        lifetime=visit.field("lifetime") or "",
    )


def stated(fields: RecipeFields) -> tuple[dict[str, Any], list[str]]:
    """Return the arguments that the graph takes, and the fields that hold no number."""
    wrong: list[str] = []

    def number(name: str, text: str) -> int | None:
        if not text.strip():
            return None
        if text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 9:  # noqa: PLR2004 - of Int
            return int(text)
        wrong.append(name)
        return None

    width, height = (
        number("recipe.ratio", each) for each in (fields.ratio_width, fields.ratio_height)
    )
    if (width is None) != (height is None):
        wrong.append("recipe.ratio")
    widths = [number("recipe.widths", each) for each in fields.widths.replace(",", " ").split()]
    percents = {each: number("recipe.quality", text) for each, text in fields.quality.items()}
    recipe = {
        "mode": fields.mode,
        "ratio": None if width is None or height is None else {"width": width, "height": height},
        "widths": [each for each in widths if each is not None],
        "formats": list(fields.formats),
        "quality": [
            {"format": each, "percent": percent}
            for each, percent in percents.items()
            if percent is not None
        ],
        "background": fields.background,
        "sharpen": fields.sharpen,
        "maxBytes": number("recipe.maxBytes", fields.max_bytes),
    }
    lifetime = number("lifetimeSeconds", fields.lifetime) or 0
    asked = {"recipe": recipe, "audience": fields.audience, "lifetime": lifetime}
    return asked, list(dict.fromkeys(wrong))


def as_version(fields: RecipeFields) -> Version:
    """Return what was typed as a version that nobody has saved."""
    asked, _ = stated(fields)
    return {
        "recipe": asked["recipe"],
        "audience": asked["audience"],
        "lifetimeSeconds": asked["lifetime"],
    }


def written(version: Version, words: ConsoleWords) -> dict[str, str]:
    """Return what a version says, by the word for each part, for people."""
    recipe = version["recipe"]
    ratio = recipe["ratio"]
    quality = [f"{each['format']} {each['percent']}" for each in recipe["quality"]]
    most = recipe["maxBytes"]
    return {
        "mode": words.or_code("mode", recipe["mode"]),
        "ratio": f"{ratio['width']}:{ratio['height']}" if ratio else words("of_the_picture"),
        "widths": " ".join(map(str, recipe["widths"])),
        "formats": " ".join(recipe["formats"]),
        "quality": ", ".join(quality) or words("by_default"),
        "background": recipe["background"],
        "sharpen": words("yes" if recipe["sharpen"] else "no"),
        "max_bytes": words.size(most) if most else words("no_bound"),
        "audience": words.or_code("audience", version["audience"]),
        "lifetime": words("seconds", count=version["lifetimeSeconds"]),
    }


def differences(
    before: Version | None, after: Version | None, words: ConsoleWords
) -> list[tuple[str, str, str]]:
    """Return the word of each part that differs, with how it was and how it would be."""
    if before is None or after is None:
        return []
    old, new = written(before, words), written(after, words)
    return [(part, old[part], new[part]) for part in old if old[part] != new[part]]


def _one_of(codes: Sequence[str], given: str | None) -> str:
    return next((each for each in codes if each == given), codes[0])
