"""What a line or a file may do to an import: it costs its record, never the import."""

import os
import tracemalloc
from pathlib import Path

import pytest

from catalog.bulk.batches import MAX_BATCH_BYTES, in_batches
from catalog.bulk.commands import import_file
from catalog.bulk.intake import Intake
from catalog.bulk.lines import MAX_LINE_BYTES
from catalog.bulk.model import ImportResult, Line, UnreadableFileError
from catalog.bulk.records import TYPES_BY_NAME
from catalog.bulk.source import RecordsFile, Source, scan
from catalog.changes import Changes
from catalog.db import Pool
from tests.bulk.catalogue import FOUNDATION, NamedIngest, asset, product, read, write


def scanned(path: Path) -> Source:
    return scan([RecordsFile(path=path, origin=path)])


async def load(path: Path, pool: Pool) -> ImportResult:
    return await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())


def deep(levels: int) -> str:
    value = "[" * levels + "]" * levels
    return f'{{"type": "product", "sku": {value}, "kind": "SIMPLE", "family": "shoes"}}'


async def test_lines_that_are_no_record_cost_only_themselves(pool: Pool, tmp_path: Path) -> None:
    big = '{"type": "product", "sku": "big", "family": "' + "x" * MAX_LINE_BYTES + '"}'
    path = write(
        tmp_path / "x.jsonl",
        *FOUNDATION,
        *(deep(levels) for levels in (40, 300, 1500)),
        big,
        product("\0" * 3),
        '{"type": "category", "code": "c", "position": 1000000000000}',
        "[1]",
        '{"type": "locale", "code": "' + "x" * 9000 + '"}',
        '{"type": "licence", "code": "' + os.urandom(9000).hex() + '", "licensor": "Us"}',
        product("good"),
    )
    result = await load(path, pool)

    assert result.rejected == 9
    assert result.counts["products"] == 1
    assert result.report is not None
    first = len(FOUNDATION)
    assert [each["_rejected"]["line"] - first for each in read(result.report)] == [
        *(1, 2, 3, 4, 7),
        *(8, 6, 9, 5),
    ]
    assert result.report.stat().st_size < 200_000
    again = await load(result.report, pool)
    assert again.rejected == 9


def test_a_line_of_any_length_is_never_in_memory_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("wb") as file:
        file.write(b'{"type": "locale", "code": "')
        for _ in range(40):
            file.write(b"x" * 1024 * 1024)
        file.write(b'"}\n{"type": "locale", "code": "de"}\n')
    tracemalloc.start()
    source = scanned(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 4 * MAX_LINE_BYTES
    (good,) = source.read("locale")
    assert good.number == 2
    ((line, refusal),) = source.refused()
    assert (refusal.line, refusal.code) == (1, "INVALID_RECORD")
    assert len(str(line.data)) <= 10_000


async def test_a_batch_is_bounded_by_its_bytes_too() -> None:
    kind = TYPES_BY_NAME["locale"]
    lines = [
        Line(number=number, data={"code": f"x{number}"}, size_bytes=MAX_BATCH_BYTES // 2)
        for number in range(5)
    ]
    async with Intake(NamedIngest(), iter(())) as intake:
        sizes = [len(batch) async for batch in in_batches(kind, lines, intake)]
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"type": "locale", "code": de}', "column 28"),
        (b'{"type": "locale", "code": "caf\xe9"}', "column 32"),
        (b'{"type": "locale"} {"type": "locale"}', "column 20"),
        (b"[]", "column 1"),
        (b"code;name", "column 1"),
    ],
)
def test_a_line_that_is_no_json_says_in_which_column(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n" + content + b"\n")
    ((_, refusal),) = scanned(path).refused()
    assert refusal.line == 2
    assert says in refusal.message


def test_byte_order_marks_are_left_out_wherever_lines_begin(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    line = b'\xef\xbb\xbf{"type": "locale", "code": "de"}\r\n'
    path.write_bytes(line * 2)
    assert [each.data for each in scanned(path).read("locale")] == [
        {"type": "locale", "code": "de"}
    ] * 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_in_another_encoding_says_so(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes('{"type": "locale", "code": "de"}\n'.encode(encoding))
    with pytest.raises(UnreadableFileError, match="line 1, column 1: this is UTF-"):
        scanned(path)


def test_a_pipe_is_no_file_to_import(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.jsonl")
    with pytest.raises(UnreadableFileError):
        scanned(tmp_path / "x.jsonl")


async def test_a_link_that_loops_costs_its_asset(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    named = [asset("loop"), asset("nul", file="\0"), asset("good")]
    result = await load(write(tmp_path / "x.jsonl", *FOUNDATION, *named), pool)
    assert (result.rejected, result.counts["assets"]) == (2, 1)
    assert result.report is not None
    fields = {each["_rejected"]["field"] for each in read(result.report)}
    assert fields == {"file"}
