"""`vitrine settings`: the table of settings, as `docs/settings.md` has it."""

import asyncio
import sys
from pathlib import Path

from catalog.principal import COMMAND_LINE
from catalog.settings import PREFIX
from catalog.versions import checked_connection
from vitrine.database import database_url
from vitrine.settings import Settings, load_settings, setting_fields
from vitrine.shared_settings import StatementResult, state_settings


def print_settings(*, state: bool = False) -> None:
    """Print every setting with its default and meaning, as a table in Markdown.

    Exit status 2: one of them is set to what no process starts with; the last line says which.

    Args:
        state: state in the database what has to be the same on every process (purge drivers, hops,
            store, media base, master key) as it is set here, in place of what was stated before.
            Processes with the former settings can be started for an hour more. Purges that wait for
            a driver that is stated no more are given up.
    """
    if not state:
        sys.stdout.write(settings_table())
        sys.stdout.flush()  # before what is wrong with them
    settings = load_settings()
    if not state:
        return
    with database_url(settings) as url:
        stated = asyncio.run(_state(url, settings))
    names = ", ".join(f"{PREFIX}{name.upper()}" for name in sorted(stated.names))
    sys.stdout.write(
        f"Stated anew: {names}. Restart every process with it within an hour.\n"
        if names
        else "All of it was stated so already.\n"
    )
    if stated.loss is not None:
        sys.stdout.write(f"{stated.loss}.\n")


async def _state(url: str, settings: Settings) -> StatementResult:
    async with checked_connection(url, application="vitrine") as conn:
        return await state_settings(conn, settings, by=COMMAND_LINE, anew=True)


def settings_table() -> str:
    """Return the table, one line a setting, with a newline at the end."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in setting_fields().items():
        default = field.default
        shown = "" if default in (None, (), "", Path()) else f"`{default}`"
        if isinstance(default, bool):
            shown = f"`{str(default).lower()}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"
