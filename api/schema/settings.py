"""The settings of the api that answers, for those who run it: read only, without secrets."""

import os
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

import orjson
import strawberry
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, field_with, graphql_enum, graphql_type
from api.settings import ApiSettings
from catalog.access.roles import Action
from catalog.settings import PREFIX

HIDDEN: Final = "**********"
#: What may open an address: `user:password@`, and what stands behind `?`.
_OPENS = re.compile(r"(?<=://)[^/@\s]+(?=@)|(?<=\?)[^\s\"]+")


@graphql_enum
class SettingSource(Enum):
    """Where a value comes from.

    Attributes:
        DEFAULT: Nobody has set it.
        VARIABLE: The environment of the process says so.
        DERIVED: It follows from other settings, or from the command that started the process.
    """

    DEFAULT = "default"
    VARIABLE = "variable"
    DERIVED = "derived"


@graphql_type
class Setting:
    """A setting of this api's process; others on other machines may have others."""

    name: str = strawberry.field(description="Of its variable.")
    value: str | None = strawberry.field(
        description=f"What holds; secrets in it are `{HIDDEN}`. Null: it is not set."
    )
    default: str | None = strawberry.field(description="What holds where nobody sets it.")
    source: SettingSource = strawberry.field(description="Where the value comes from.")
    meaning: str = strawberry.field(description="What it decides.")


@graphql_type
class SettingQueries:
    """Reads of settings."""

    @field_with(rows=STORED.rows)
    @allowed(Action.SYSTEM_WATCH)
    async def settings(self, info: Info) -> list[Setting] | None:
        """Return the settings of the process that answers; they are changed where it is started."""
        return settings_of(info.context.services.settings, os.environ)


def settings_of(settings: ApiSettings, environment: Mapping[str, str]) -> list[Setting]:
    """Return all settings by their variables.

    Args:
        settings: as the process was started with.
        environment: its variables.
    """
    fields: Mapping[str, FieldInfo] = type(settings).model_fields
    return [
        _setting(f"{PREFIX}{name.upper()}", field, getattr(settings, name), environment)
        for name, field in sorted(fields.items())
        if field.description
    ]


def _setting(
    variable: str, field: FieldInfo, value: object, environment: Mapping[str, str]
) -> Setting:
    source = SettingSource.DERIVED
    if environment.get(variable):
        source = SettingSource.VARIABLE
    elif value == field.default:
        source = SettingSource.DEFAULT
    return Setting(
        name=variable,
        value=_shown(value),
        default=_shown(field.default),
        source=source,
        meaning=field.description or "",
    )


def _shown(value: object) -> str | None:
    """Return a value as a person reads it; None: it is not set."""
    plain = _plain(value)
    if plain is None or plain in ("", []):
        return None
    text = plain if isinstance(plain, str) else orjson.dumps(plain).decode()
    return _OPENS.sub(HIDDEN, text)


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a value with its secrets hidden, as JSON has it."""
    if isinstance(value, SecretStr):
        return HIDDEN
    if hasattr(value, "model_dump"):
        dumped = cast("Any", value).model_dump(mode="python")
        return {name: _plain(each) for name, each in dumped.items()}
    if isinstance(value, Path):
        return "" if value == Path() else str(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)
        return {str(name): _plain(each) for name, each in pairs.items()}
    if isinstance(value, Sequence | frozenset | set) and not isinstance(value, str | bytes):
        return [_plain(each) for each in cast("Sequence[object]", value)]
    return value if isinstance(value, bool | int | float | str | None) else str(value)
