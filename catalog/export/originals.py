"""The originals beside exported records: each once, named by what it holds."""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import VitrineError
from catalog.storage.model import ObjectStore

_EXTENSIONS = {"image/jpeg": "jpg", "image/svg+xml": "svg", "image/tiff": "tif"}
_PIECE_BYTES = 1 << 20


class DamagedOriginalError(VitrineError):
    """What the object store holds is not what was taken in."""

    code = "DAMAGED_ORIGINAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The bytes of the current version of an asset."""

    code: str
    sha256: str
    mime: str
    storage_key: str

    @property
    def name(self) -> str:
        """Return the name of its file, `{sha256}.{ext}`."""
        extension = _EXTENSIONS.get(self.mime) or self.mime.partition("/")[2].partition("+")[0]
        return f"{self.sha256}.{extension}"


def original_of(record: dict[str, Any]) -> Original | None:
    """Take out of a record of an asset where its bytes are; None: it has none, or is another's."""
    stored = record.pop("_original", None)
    if stored is None or stored["sha256"] is None:
        return None
    return Original(code=record["code"], **stored)


class OriginalFolder:
    """A folder that originals are kept in; what it holds already is not fetched again."""

    def __init__(self, store: ObjectStore, folder: Path, *, beside: Path) -> None:
        """Make the folder.

        Args:
            store: that holds the originals.
            folder: of the files.
            beside: the folder of the records, which name files from there.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._store = store
        self._folder = folder
        self._named_from = os.path.relpath(folder, beside)

    async def keep(self, original: Original) -> str:
        """Have the bytes in the folder, and return the path that a record names.

        Raises:
            DamagedOriginalError: they are not what was taken in; nothing is kept.
            ObjectNotFoundError, StoreUnavailableError: as the store says.
        """
        path = self._folder / original.name
        if not path.exists():
            part = path.with_suffix(".part")
            try:
                await self._store.read_file(original.storage_key, part)
                if await asyncio.to_thread(_sha256_of, part) != original.sha256:
                    raise DamagedOriginalError(
                        f"{original.code}: the object {original.storage_key} is not the file that "
                        "was taken in: restore it from a backup"
                    )
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        return (Path(self._named_from) / original.name).as_posix()


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
