"""What settings are made of: parts, and values of forms that several of them have.

Each package declares its part in a module `settings`, by fields whose descriptions are the table of
`vitrine settings`. Parts only say what is right; `vitrine.settings` puts them together and reads
them from variables.
"""

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

#: Of every variable.
PREFIX: Final = "VITRINE_"
MIB: Final = 1024 * 1024


class SettingsPart(BaseModel):
    """Settings of one concern."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )


def formed(pattern: str, form: str) -> AfterValidator:
    """Refuse a text that does not match the pattern from end to end.

    Args:
        pattern: of Python's `re`.
        form: what to write instead, with an example: it goes on after "write".
    """
    form_of = re.compile(pattern)

    def check(text: str) -> str:
        if not form_of.fullmatch(text):
            raise ValueError(f"write {form}")
        return text

    return AfterValidator(check)


def absolute(folder: Path) -> Path:
    """Return where a folder is, whatever the process works in; `~` is the user's home.

    Raises:
        ValueError: there is no such user.
    """
    try:
        return folder.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("write the path of a folder, such as /var/lib/vitrine") from error


Folder = Annotated[Path, AfterValidator(absolute)]
Port = Annotated[int, Field(ge=1, le=65_535)]
