"""Words of the console's pages; what a page does not have the frame has."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serving import words

FRAME: Final = Path(__file__).with_name("frame")


@dataclass(frozen=True, slots=True)
class ConsoleWords(words.Words):
    """The words of a page in one language."""

    common: Path | None = FRAME
