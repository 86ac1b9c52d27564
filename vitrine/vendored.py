"""Files of others that stand among ours: which, of what version, under which licence.

`vendored.json` lists them; the paths are of the repository, and of a wheel. To take another
version, or one more file, write it there with an empty checksum and run `make vendor`: npm brings
the packages.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
LIST: Final = Path(__file__).with_name("vendored.json")


class ChangedFileError(Exception):
    """A file is another than the one that is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendoredFile:
    """One file.

    Attributes:
        path: below the root.
        of_package: its path in the package.
        sha256: in hexadecimal.
    """

    path: str
    of_package: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendoredPackage:
    """A package of npm, of which some files are here.

    Attributes:
        name: as npm writes it, such as `@graphiql/plugin-explorer`.
        licence: an SPDX expression.
    """

    name: str
    version: str
    licence: str
    files: tuple[VendoredFile, ...]

    @property
    def is_shipped(self) -> bool:
        """Return whether any of its files is in a wheel."""
        return any(not each.path.startswith(("examples/", "tests/")) for each in self.files)


def vendored_packages() -> Sequence[VendoredPackage]:
    """Return what is listed."""
    listed: list[dict[str, Any]] = json.loads(LIST.read_text())
    return [
        VendoredPackage(
            name=each["package"],
            version=each["version"],
            licence=each["licence"],
            files=tuple(
                VendoredFile(path=path, of_package=file["from"], sha256=file["sha256"])
                for path, file in each["files"].items()
            ),
        )
        for each in listed
    ]


def sha256_of(path: Path) -> str:
    """Return the checksum of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refresh() -> None:
    """Fetch every file anew, and write the checksums that are missing into the list.

    Raises:
        ChangedFileError: a file is another than it was; nothing of its package is written.
    """
    listed: list[dict[str, Any]] = json.loads(LIST.read_text())
    for each in listed:
        _take(f"{each['package']}@{each['version']}", each["files"])
    LIST.write_text(json.dumps(listed, indent=2) + "\n")


def _take(package: str, files: Mapping[str, dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory(prefix="vitrine-vendor-") as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, package]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - of our list
        (packed,) = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            found = {path: _body(archive, file["from"]) for path, file in files.items()}
    for path, body in found.items():
        digest = hashlib.sha256(body).hexdigest()
        if files[path]["sha256"] not in ("", digest):
            raise ChangedFileError(f"{package}: {path} is another file than {LIST.name} lists")
        files[path]["sha256"] = digest
    for path, body in found.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_bytes(body)


def _body(archive: tarfile.TarFile, path: str) -> bytes:
    file = archive.extractfile(f"package/{path}")
    if file is None:
        raise FileNotFoundError(f"the package has no file {path}")
    return file.read()


if __name__ == "__main__":
    refresh()
