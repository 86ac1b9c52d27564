"""`vitrine import` as a shell sees it."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from PIL import Image

from tests.bulk.catalogue import FOUNDATION, asset, hero, product, read, write
from tests.support.commands import run_command
from tests.support.processes import ROOT


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    return {"VITRINE_DATABASE_URL": database_url, "VITRINE_HOME": f"{home}"}


def vitrine_import(environment: dict[str, str], *arguments: str | Path) -> tuple[int, str, str]:
    said = run_command("import", *arguments, env=environment)
    return said.returncode, said.stdout, said.stderr


def test_counts_are_one_json_object(environment: dict[str, str], tmp_path: Path) -> None:
    Image.new("RGB", (32, 24), (9, 99, 9)).save(tmp_path / "front.jpg")
    records = [*FOUNDATION, product("s"), asset("front"), hero("s", "front")]
    path = write(tmp_path / "all.jsonl", *records)

    done = subprocess.run(  # a process, as the shell has it; the other tests ask `main`
        [sys.executable, "-m", "vitrine", "import", path, "--publish", "d2c", "--json"],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    counts = orjson.loads(done.stdout)
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
    (refused,) = (each["_rejected"] for each in read(report))
    assert (refused["code"], refused["field"]) == ("UNSUPPORTED_FORMAT", "file")
    assert "also" not in refused  # no second fault for the picture that is not there
    assert f"line 8, file: {refused['message']} (UNSUPPORTED_FORMAT)" in out


def test_a_file_that_cannot_be_read_ends_with_code_2(environment: dict[str, str]) -> None:
    code, _, err = vitrine_import(environment, "/nowhere.jsonl")
    assert code == 2
    assert "/nowhere.jsonl cannot be read" in err
    assert vitrine_import(environment)[0] == 2


def test_what_cannot_be_meant_is_said_in_a_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "all.jsonl", *FOUNDATION)
    (tmp_path / "shop.csv").touch()
    for arguments, reason in (
        ([path, "--report", tmp_path / "nowhere/r.jsonl"], "does not exist (UNWRITABLE_REPORT)"),
        ([path, "--report", path], "the report would replace the file itself (INVALID_INPUT)"),
        ([tmp_path / "shop.csv"], "shop.csv: a CSV needs --mapping (INVALID_INPUT)"),
        ([path, path, "--report", tmp_path / "r"], "for one file only (INVALID_INPUT)"),
        ([path, "--publish", "d2"], "'d2' to publish on: there are d2c (INVALID_INPUT)"),
    ):
        code, _, err = vitrine_import(environment, *arguments)
        assert (code, err.count("\n")) == (2, 1), err
        assert err.endswith(f"{reason}\n")


def test_a_report_that_cannot_be_written_is_named_and_nothing_is_lost(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "all.jsonl", *FOUNDATION, product("s"), {"type": "nothing"})
    (tmp_path / "folder").mkdir()

    code, _, err = vitrine_import(environment, path, "--report", tmp_path / "folder")

    assert (code, err.count("\n")) == (2, 1), err
    assert "folder cannot be written" in err
    assert vitrine_import(environment, path)[0] == 1
    assert len(read(tmp_path / "all.rejected.jsonl")) == 1


def test_control_characters_are_refused_at_their_field(
    environment: dict[str, str], tmp_path: Path
) -> None:
    records = [product("a\0"), product("b\x1b"), product("c")]
    records[2]["values"] = [{"attribute": "name", "locale": "en-US", "data": "a\0b"}]
    path = write(tmp_path / "all.jsonl", *FOUNDATION, product("s"), *records)

    code, _, err = vitrine_import(environment, path, "--publish", "d2c")

    assert (code, err) == (1, "")
    refused = [each["_rejected"] for each in read(tmp_path / "all.rejected.jsonl")]
    assert [(each["code"], each["field"]) for each in refused] == [
        ("INVALID_RECORD", "sku"),
        ("INVALID_RECORD", "sku"),
        ("INVALID_RECORD", "values.0.data"),
    ]


def test_a_check_tells_what_would_happen_and_leaves_no_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "all.jsonl", *FOUNDATION, product("s"), product("x", family="boots"))

    code, out, err = vitrine_import(environment, path, "--check", "--json")

    assert (code, err) == (1, "")
    told = orjson.loads(out)
    assert told["types"]["products"] == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    assert [each["field"] for each in told["refused"]] == ["family"]
    assert list(tmp_path.glob("*.rejected.*")) == []
