"""Finds files by names that look the same: composed (NFC) in one place, decomposed in another.

macOS and archives made there write `ü` as two characters, lists and databases as one (UAX #15).
"""

import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_FOLDERS = 16  # whose names are kept, so that each is not read anew for every file


class FileNames:
    """The names of files below a folder.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._in_folder = lru_cache(maxsize=_FOLDERS)(_composed_names)

    def path_of(self, file: str) -> Path:
        """Return where a file is, by the very name or by one that looks the same.

        Where there is none, the path is the one that was asked for.
        """
        wanted = self.root / file
        if file.isascii() or os.path.lexists(wanted):
            return wanted
        at = self.root
        for part in Path(file).parts:
            name = part
            if part != ".." and not os.path.lexists(at / part):
                name = self._in_folder(at).get(unicodedata.normalize("NFC", part), part)
            at /= name
        return at


def _composed_names(folder: Path) -> Mapping[str, str]:
    """Return the names in a folder, by their composed forms."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - the names alone, which may be many
    except OSError:
        return {}
    return {unicodedata.normalize("NFC", name): name for name in names if not name.isascii()}
