"""An import that is killed goes on where it stopped."""

import asyncio
import signal
import sys
from pathlib import Path

from catalog.bulk.commands import import_file
from catalog.changes import Changes
from catalog.db import Pool
from tests.bulk.catalogue import NamedIngest, asset, many, product, read, write

ROOT = Path(__file__).parents[2]


async def test_a_killed_import_goes_on_where_it_stopped(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "big.jsonl",
        "{",
        product("lost", family="boots"),
        *many(150),
        asset("broken"),
    )
    arguments = [sys.executable, "-m", "tests.bulk.hanging_import", database_url, path, "a140.jpg"]
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    while await process.stdout.readline() != b"assets 100\n":  # the first batch is committed
        assert process.returncode is None
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert await pool.fetchval("SELECT count(*) FROM asset") == 100
    report = tmp_path / "big.rejected.jsonl"
    with report.open("ab") as file:
        file.write(b'{"written": "but never committed"')

    ingest = NamedIngest()
    result = await import_file(path, changes=Changes(pool=pool), ingest=ingest)

    assert result.was_continued
    assert sorted(ingest.asked) == sorted([*(f"a{n}.jpg" for n in range(100, 150)), "broken.jpg"])
    assert result.counts["simples"] == 150
    assert result.counts["assets"] == 150
    assert result.counts["media_associations"] == 150
    assert result.rejected == 3
    assert [each["_rejected"]["code"] for each in read(report)] == [
        "INVALID_RECORD",
        "INVALID_INPUT",
        "BROKEN_FILE",
    ]

    again = await import_file(path, changes=Changes(pool=pool), ingest=NamedIngest())
    assert not again.was_continued
    assert (again.counts["created"], again.counts["updated"], again.rejected) == (0, 0, 3)
