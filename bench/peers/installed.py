"""Peers that are no part of Vitrine: installed once, in pinned versions, in a folder of their own.

The folder is `vitrine-bench` in the user's cache (`XDG_CACHE_HOME`, else `~/.cache`).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

_MARK = "installed.json"
_TAIL_LINES = 8


class InstallError(Exception):
    """A peer cannot be installed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is installed, in exactly these versions.

    Attributes:
        kind: `venv` for a virtual environment, `npm` for a folder with `node_modules`.
    """

    name: str
    kind: str
    versions: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where it is, or would be."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cache / "vitrine-bench" / self.name

    @property
    def is_installed(self) -> bool:
        """Whether it is there in these versions."""
        mark = self.folder / _MARK
        return mark.is_file() and orjson.loads(mark.read_bytes()) == dict(self.versions)

    def install(self) -> None:
        """Install it, unless it is there.

        Raises:
            InstallError: it cannot be; with the installer's own words.
        """
        if self.is_installed:
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        print(f"Installing {self.name} into {self.folder}", file=sys.stderr)
        if self.kind == "venv":
            pins = [f"{name}=={version}" for name, version in self.versions.items()]
            self._run([sys.executable, "-m", "venv", f"{self.folder}"])
            pip = [f"{self.folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
            self._run([*pip, "install", "--quiet", *pins])
        else:
            pins = [f"{name}@{version}" for name, version in self.versions.items()]
            (self.folder / "package.json").write_text('{"private": true}')
            self._run(["npm", "install", "--no-audit", "--no-fund", "--save-exact", *pins])
        (self.folder / _MARK).write_bytes(orjson.dumps(dict(self.versions)))

    def _run(self, command: Sequence[str]) -> None:
        try:
            done = subprocess.run(  # noqa: S603 - pinned packages, by their own installers
                command, cwd=self.folder, capture_output=True, text=True, check=False
            )
        except OSError as error:
            raise InstallError(f"{self.name}: {command[0]}: {error.strerror}") from error
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL_LINES:])
            raise InstallError(f"{self.name} {dict(self.versions)} cannot be installed:\n{said}")
