"""What an installed wheel holds: the product, its migrations and its VCL, and no benchmarks."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.contracts.code import PACKAGES, ROOT
from vitrine.vendored import vendored_packages

_RUN = """
import sys
sys.path[:0] = {paths!r}
from vitrine.cli import main
sys.argv = ["vitrine", "bench"]
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", f"{folder}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_product_and_nothing_that_measures_or_tests_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert folders == {*PACKAGES}
    assert {"edge/vcl/common.vcl", "vitrine/demo/data/rights.toml"} <= {*names}
    shipped = (each for each in vendored_packages() if each.is_shipped)
    assert {file.path for each in shipped for file in each.files} <= {*names}
    assert len([name for name in names if name.startswith("vitrine/migrations/")]) == len([
        *(ROOT / "migrations").glob("*.sql")
    ])
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_benchmarks_are_said_to_run_from_a_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    # without `site` nothing of the checkout is found
    paths = [f"{tmp_path}", sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _RUN.format(paths=paths)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "vitrine: benchmarks run from a checkout: clone the repository, and run "
        "`make bench ARGS=NAME` in it (NOT_FOUND)\n"
    )
