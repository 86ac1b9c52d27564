"""`make clean` removes what Vitrine made, and nothing that only looks like it."""

import shutil
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.processes import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose path has a space, beside a folder named like the part before it."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x/kept").touch()
    folder = tmp_path / "x y"
    (folder / ".vitrine").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    return folder


@pytest.fixture
def elsewhere() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="vitrine-", dir="/var/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def clean(clone: Path) -> None:
    subprocess.run(["make", "clean"], cwd=clone, check=True, capture_output=True)
    assert not (clone / ".vitrine").exists()


def test_a_space_in_the_path_costs_nobody_a_folder(clone: Path) -> None:
    (clone / ".vitrine/postgres").mkdir()
    clean(clone)
    assert (clone.parent / "x/kept").exists()


@pytest.mark.parametrize("home", [".vitrine", ".vitrine-mine", ".vitrine-my own"])
def test_the_database_of_root_goes_too(clone: Path, elsewhere: Path, home: str) -> None:
    (clone / home).mkdir(exist_ok=True)
    (clone / home / "postgres").symlink_to(elsewhere)
    clean(clone)
    assert not (clone / home).exists()
    assert not elsewhere.exists()


def test_a_link_to_anything_else_is_only_unlinked(clone: Path, elsewhere: Path) -> None:
    (elsewhere / "data").mkdir()
    for target in (clone.parent / "x", elsewhere / "data", clone / "gone"):
        (clone / ".vitrine").mkdir(exist_ok=True)
        (clone / ".vitrine/postgres").symlink_to(target)
        clean(clone)
    assert (clone.parent / "x/kept").exists()
    assert (elsewhere / "data").exists()
