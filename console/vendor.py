"""Fetches the files of others that pages need, as they were published: `python -m console.vendor`.

`static/vendor.toml` lists them with their version, licence and SHA-256. npm fetches the packages,
from wherever it is set up to; what has another checksum is refused and changes nothing.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from console.rendering import STATIC

LIST: Final = STATIC / "vendor.toml"


class ChecksumError(Exception):
    """A file is another than the one that is listed."""


def listed() -> dict[str, Any]:
    """Return the list, by the name of each library."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def main() -> None:
    """Fetch all files that are listed.

    Raises:
        ChecksumError: one is another than it was; none of its package is written.
    """
    for library in listed().values():
        with tempfile.TemporaryDirectory() as folder:
            _fetch(library, Path(folder))


def _fetch(library: dict[str, Any], folder: Path) -> None:
    named = f"{library['package']}@{library['version']}"
    packed = subprocess.run(  # noqa: S603 - what the list names, no shell
        ["npm", "pack", named, "--json", "--silent"],  # noqa: S607 - as it is installed
        cwd=folder,
        check=True,
        capture_output=True,
    )
    archive = folder / json.loads(packed.stdout)[0]["filename"]
    with tarfile.open(archive) as package:
        bodies = {
            target: package.extractfile(f"package/{source}").read()  # type: ignore[union-attr]
            for source, target in library["files"].items()
        }
    for target, body in bodies.items():
        if hashlib.sha256(body).hexdigest() != library["sha256"][target]:
            raise ChecksumError(f"{named}: {target} is another file than {LIST.name} lists")
    for target, body in bodies.items():
        (STATIC / target).write_bytes(body)
    sys.stdout.write(f"{named} ({library['licence']}): {', '.join(bodies)}\n")


if __name__ == "__main__":
    main()
