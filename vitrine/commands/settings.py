"""`vitrine settings`: the table of settings, as the README has it."""

import sys

from pydantic_core import PydanticUndefined

from serving.settings import Settings


def print_settings() -> None:
    """Print every setting with its default and meaning, as a table in Markdown."""
    sys.stdout.write(settings_table())


def settings_table() -> str:
    """Return the table, one line a setting, with a newline at the end."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (None, (), "", PydanticUndefined) else f"`{default}`"
        if isinstance(default, bool):
            shown = f"`{str(default).lower()}`"
        lines.append(f"| `VITRINE_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"
