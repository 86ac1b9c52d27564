"""`vitrine import` as a shell sees it."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from PIL import Image

from tests.bulk.catalogue import FOUNDATION, asset, hero, product, read, write

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    ours = {"VITRINE_DATABASE_URL": database_url, "VITRINE_HOME": str(home)}
    return {**os.environ, **ours}


def vitrine_import(environment: dict[str, str], *arguments: str | Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "vitrine", "import", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_counts_are_one_json_object(environment: dict[str, str], tmp_path: Path) -> None:
    Image.new("RGB", (32, 24), (9, 99, 9)).save(tmp_path / "front.jpg")
    records = [*FOUNDATION, product("s"), asset("front"), hero("s", "front")]
    path = write(tmp_path / "all.jsonl", *records)

    code, out, err = vitrine_import(environment, path, "--publish", "d2c", "--json")

    assert (code, err) == (0, "")
    counts = orjson.loads(out)
    expected = {"simples": 1, "assets": 1, "publications": 1, "rejected": 0}
    assert expected.items() <= counts.items()
    assert counts["reports"] == []


def test_refused_rows_end_with_code_1_and_a_report(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "front.jpg").write_text("no picture")
    path = write(tmp_path / "all.jsonl", *FOUNDATION, asset("front"))

    code, out, _ = vitrine_import(environment, path)

    assert code == 1
    report = tmp_path / "all.rejected.jsonl"
    assert report.name in out.replace("\n", "")
    assert [each["_rejected"]["code"] for each in read(report)] == ["UNSUPPORTED_FORMAT"]


def test_a_file_that_cannot_be_read_ends_with_code_2(environment: dict[str, str]) -> None:
    code, _, err = vitrine_import(environment, "/nowhere.jsonl")
    assert code == 2
    assert "/nowhere.jsonl cannot be read" in err
    assert vitrine_import(environment)[0] == 2
