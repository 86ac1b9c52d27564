"""What tests need of other ecosystems: installed once as its lock says, outside of the sources.

The folders are in `vitrine-tests` in the user's cache (`XDG_CACHE_HOME`, else `~/.cache`), each
under the hash of its lock, so that a new lock is a new folder.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vitrine-tests"


def npm_packages(source: Path) -> Path:
    """Return a folder with the `node_modules` of a folder's `package-lock.json`."""

    def install(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=folder)

    return _installed(source / "package-lock.json", install)


def python_packages(requirements: Path) -> Path:
    """Return a virtual environment with what a lock with hashes names."""

    def install(folder: Path) -> None:
        run(sys.executable, "-m", "venv", ".", folder=folder)
        pip = ("bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        run(*pip, "--require-hashes", "--requirement", str(requirements), folder=folder)

    return _installed(requirements, install)


def run(*command: str, folder: Path) -> str:
    """Run a command in a folder, and return what it printed.

    Raises:
        AssertionError: it failed; with its own words.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _installed(lock: Path, install: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = _CACHE / f"{lock.parent.name}-{digest}"
    mark = folder / ".installed"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another run may be at it
        if not mark.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            install(folder)
            mark.touch()
    return folder
