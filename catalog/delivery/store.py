"""The SQL of signing keys and presets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from catalog.db import Connection, Record
from catalog.delivery.model import CropMode, Format, Preset, Recipe

KeyState = Literal["active", "retiring", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A signing key as the database holds it."""

    kid: str
    secret_sealed: bytes
    state: KeyState
    created_at: datetime
    changed_at: datetime


KEYS_SQL = """
SELECT kid, secret_sealed, state, created_at, changed_at FROM signing_key ORDER BY created_at, kid
"""


async def signing_keys(conn: Connection) -> list[StoredKey]:
    """Return every signing key, the oldest first."""
    return [StoredKey(**dict(row.items())) for row in await conn.fetch(KEYS_SQL)]


ADD_KEY_SQL = "INSERT INTO signing_key (kid, secret_sealed, state) VALUES ($1, $2, $3)"


async def add_signing_key(
    conn: Connection, kid: str, secret_sealed: bytes, state: KeyState
) -> None:
    """Store a new key; before an active one the former must be set to another state."""
    await conn.execute(ADD_KEY_SQL, kid, secret_sealed, state)


LOCK_KEYS_SQL = "SELECT kid, state FROM signing_key ORDER BY kid FOR UPDATE"


async def lock_signing_keys(conn: Connection) -> dict[str, KeyState]:
    """Lock all signing keys, and return their states by id."""
    return {row["kid"]: row["state"] for row in await conn.fetch(LOCK_KEYS_SQL)}


SET_KEY_STATE_SQL = """
UPDATE signing_key SET state = $2, changed_at = clock_timestamp() WHERE kid = $1
"""


async def set_signing_key_state(conn: Connection, kid: str, state: KeyState) -> None:
    """Change the state of a key."""
    await conn.execute(SET_KEY_STATE_SQL, kid, state)


PRESETS_SQL = """
SELECT code, version, audience, recipe, lifetime_s, state, served_until, quality_defaults
FROM preset
WHERE served_until IS NULL OR served_until > clock_timestamp() ORDER BY code, version
"""


async def presets(conn: Connection) -> list[Preset]:
    """Return every version of every preset that is still served, drafts among them."""
    return [_preset(row) for row in await conn.fetch(PRESETS_SQL)]


LOCK_PRESETS_SQL = "LOCK TABLE preset IN SHARE ROW EXCLUSIVE MODE"

LAST_PRESETS_SQL = """
SELECT DISTINCT ON (code, state)
       code, version, audience, recipe, lifetime_s, state, served_until, quality_defaults
FROM preset WHERE code = ANY ($1) ORDER BY code, state, version DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What there is of a preset.

    Attributes:
        last: the highest number that was ever given; 0: none.
    """

    current: Preset | None = None
    draft: Preset | None = None
    last: int = 0


async def lock_presets(conn: Connection, codes: Sequence[str]) -> dict[str, Versions]:
    """Wait until nobody else changes presets, and return what there is of these, by code."""
    await conn.execute(LOCK_PRESETS_SQL)
    found: dict[str, dict[str, Preset]] = {code: {} for code in codes}
    for row in await conn.fetch(LAST_PRESETS_SQL, list(codes)):
        found[row["code"]][row["state"]] = _preset(row)
    return {
        code: Versions(
            current=by_state.get("current"),
            draft=by_state.get("draft"),
            last=max((preset.version for preset in by_state.values()), default=0),
        )
        for code, by_state in found.items()
    }


END_PRESET_SQL = """
UPDATE preset SET state = $2, served_until = clock_timestamp() + (
    SELECT coalesce(max(token_window_s + token_min_life_s), 0) FROM channel
) * interval '1 second'
WHERE code = $1 AND state = 'current'
"""


async def end_preset(conn: Connection, code: str, state: Literal["superseded", "retired"]) -> None:
    """Serve the current version only for as long as a token may name it."""
    await conn.execute(END_PRESET_SQL, code, state)


DISCARD_DRAFT_SQL = """
UPDATE preset SET state = 'discarded', served_until = clock_timestamp()
WHERE code = $1 AND state = 'draft'
"""


async def discard_draft(conn: Connection, code: str) -> None:
    """Serve the draft of a preset no longer; its number stays taken."""
    await conn.execute(DISCARD_DRAFT_SQL, code)


PUBLISH_DRAFT_SQL = "UPDATE preset SET state = 'current' WHERE code = $1 AND state = 'draft'"


async def publish_draft(conn: Connection, code: str) -> None:
    """Make the draft the current version; the former must be ended before."""
    await conn.execute(PUBLISH_DRAFT_SQL, code)


ADD_PRESET_SQL = """
INSERT INTO preset (code, version, audience, recipe, lifetime_s, state, quality_defaults)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def add_preset(conn: Connection, preset: Preset) -> None:
    """Store a version of a preset: a draft, or the current one."""
    await conn.execute(
        ADD_PRESET_SQL,
        preset.code,
        preset.version,
        preset.audience,
        recipe_json(preset.recipe),
        preset.lifetime_s,
        preset.state,
        preset.quality_defaults,
    )


def _preset(row: Record) -> Preset:
    values = dict(row.items())
    values["recipe"] = recipe_of(row["recipe"])
    return Preset(**values)


def recipe_json(recipe: Recipe) -> dict[str, Any]:
    """Write a recipe as it is stored, and as the bulk format has it."""
    return {
        "mode": recipe.mode.value,
        "ratio": None if recipe.ratio is None else list(recipe.ratio),
        "widths_px": list(recipe.widths_px),
        "formats": [each.value for each in recipe.formats],
        "quality_percent": {key.value: value for key, value in recipe.quality_percent.items()},
        "background": recipe.background,
        "sharpen": recipe.sharpen,
        "max_bytes": recipe.max_bytes,
    }


def recipe_of(stored: Mapping[str, Any]) -> Recipe:
    """Read what `recipe_json` wrote."""
    ratio = stored["ratio"]
    return Recipe(
        mode=CropMode(stored["mode"]),
        ratio=None if ratio is None else (ratio[0], ratio[1]),
        widths_px=tuple(stored["widths_px"]),
        formats=tuple(Format(each) for each in stored["formats"]),
        quality_percent={Format(key): value for key, value in stored["quality_percent"].items()},
        background=stored["background"],
        sharpen=stored["sharpen"],
        max_bytes=stored.get("max_bytes"),  # older rows have none
    )
