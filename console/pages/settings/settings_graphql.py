"""The answers to `settings.graphql`; written by `make schema`."""

from typing import Final, Literal, TypedDict

from console.operations import Operation, operation


class SettingsSettings(TypedDict):
    name: str
    value: str | None
    default: str | None
    source: Literal["DEFAULT", "VARIABLE", "DERIVED"]
    meaning: str


class SettingsData(TypedDict):
    settings: list[SettingsSettings] | None


SETTINGS: Final[Operation[SettingsData]] = operation(__file__, "Settings")
