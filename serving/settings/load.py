"""Reads the settings of a process from its variables, and refuses what is wrong, in words."""

import difflib
import os
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_settings.exceptions import SettingsError as SourceError

from catalog.errors import SettingsError
from catalog.wording import in_words
from serving.settings.whole import Settings
from serving.values import PREFIX


def load_settings(**overrides: object) -> Settings:
    """Read the settings of this process: overrides first, then `VITRINE_…` variables.

    Raises:
        SettingsError: a value is wrong, or a variable is unknown. Values are never repeated.
    """
    unknown = _unknown_variables()
    if unknown:
        raise SettingsError("; ".join(unknown))
    try:
        return Settings(**overrides)  # pyright: ignore[reportArgumentType] - validated there
    except ValidationError as error:
        problems: dict[str, str] = {}  # of what may be written in several ways, the first
        for fault in error.errors(include_input=False, include_url=False):
            problems.setdefault(_where(fault["loc"]), in_words(fault, Settings))
        raise SettingsError(
            "; ".join(f"{where}: {what}" if where else what for where, what in problems.items())
        ) from None
    except SourceError as error:  # it names the field, and may repeat the value
        name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), None)
        which = f"{PREFIX}{name.upper()}" if name else "a list among the settings"
        raise SettingsError(f"{which} is not valid JSON", field=name) from None


def _unknown_variables() -> list[str]:
    """Say of each `VITRINE_…` variable that is no setting which one is likely to be meant."""
    known = [name.upper() for name in Settings.model_fields]
    problems: list[str] = []
    for name in sorted(os.environ):
        given = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and given not in known:
            near = difflib.get_close_matches(given, known, n=1)
            hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
            problems.append(f"there is no setting {name}{hint}")
    return problems


def _where(loc: Sequence[int | str]) -> str:
    """Write where a fault is: `VITRINE_TRUSTED_HOPS, entry 1, networks`."""
    if not loc:
        return ""
    number = next((part for part in loc if isinstance(part, int)), None)
    keys = [part for part in loc[1:] if isinstance(part, str) and part.isidentifier()]
    return ", ".join([
        f"{PREFIX}{loc[0]}".upper(),
        *([] if number is None else [f"entry {number + 1}"]),
        *keys[-1:],
    ])
