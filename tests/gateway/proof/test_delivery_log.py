"""The delivery log: bounded, complete as far as it says so, and never in anybody's way."""

import asyncio
import errno
import os
import uuid
from datetime import timedelta
from io import FileIO
from pathlib import Path

import orjson
import pytest

from catalog.clock import utc_now
from gateway.proof import delivery_log
from gateway.proof.answers import Coverage, UnreadableLogError, log_files, read_answers
from gateway.proof.delivery_log import DeliveryLog, LogLimits, open_delivery_log
from tests.support.deliveries import entry
from tests.support.stage import LONG_AGO, StagedAsset

ASSET = StagedAsset(id=uuid.uuid4(), public_id="aaaa", slug="a")


async def test_a_reader_knows_what_it_has_not_seen(tmp_path: Path) -> None:
    gateway = uuid.uuid4()
    log = DeliveryLog(LogLimits(folder=tmp_path), gateway, clock_error_s=lambda: 0.225)
    for _ in range(60_000):
        log.note(entry(ASSET, LONG_AGO))
    log.stop()
    await log.run()
    (path,) = log_files([tmp_path])
    with path.open("ab") as file:
        file.write(b'[1,2,"torn')
    path.rename(tmp_path / "1-third.deliveries")
    text = (tmp_path / "1-third.deliveries").read_bytes().replace(b'"number":1', b'"number":3', 1)
    (tmp_path / "1-third.deliveries").write_bytes(text.replace(b'{"end":true}\n', b""))

    coverage = Coverage()
    count = sum(1 for _ in read_answers(log_files([tmp_path]), coverage))

    assert (count, coverage.dropped) == (50_000, 10_000)
    assert (coverage.missing_files, coverage.unended, coverage.unreadable) == (2, 1, 1)
    assert coverage.clock_error_s == 0.225


@pytest.mark.parametrize(
    "text", ["# Notes\n", "notes", "{}", '{"format":1,"columns":[]}\n', "[1]\n"]
)
def test_a_file_that_does_not_begin_as_a_delivery_log_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.deliveries"
    path.write_text(text)
    with pytest.raises(UnreadableLogError, match="is no delivery log"):
        list(read_answers([path], Coverage()))


@pytest.mark.parametrize("torn", ["", "{", '{"form', '{"format":1,"gateway":"01'])
def test_a_delivery_log_that_ends_in_its_first_line_is_an_unended_one(
    tmp_path: Path, torn: str
) -> None:
    path, coverage = tmp_path / "x.deliveries", Coverage()
    path.write_text(torn)
    assert list(read_answers([path], coverage)) == []
    assert coverage.unended == 1


async def test_the_log_keeps_to_its_bound_and_removes_its_oldest_files(tmp_path: Path) -> None:
    old = tmp_path / "1-old-1.deliveries"
    old.write_bytes(b"x" * 150_000)
    stamp = (utc_now() - timedelta(minutes=5)).timestamp()
    os.utime(old, (stamp, stamp))
    limits = LogLimits(folder=tmp_path, max_bytes=160_000)
    for _ in range(2):
        async with open_delivery_log(limits, uuid.uuid4()) as log:
            for _ in range(200):
                log.note(entry(ASSET, LONG_AGO))

    assert not old.exists()
    assert len(log_files([tmp_path])) == 2


async def test_a_disk_that_takes_nothing_holds_up_nobody_and_loses_only_what_it_must(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "log"
    blocked.write_text("a file where the folder should be")
    log = DeliveryLog(LogLimits(folder=blocked), uuid.uuid4())
    log.note(entry(ASSET, LONG_AGO))
    log.stop()
    await log.run()
    blocked.unlink()
    log.note(entry(ASSET, LONG_AGO))
    await log.run()

    coverage = Coverage()
    assert sum(1 for _ in read_answers(log_files([blocked]), coverage)) == 2


async def test_a_header_that_finds_no_room_leaves_no_file_and_nothing_is_written_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = [b"format", b"end"]

    def full(file: FileIO, *lines: bytes) -> None:
        if refused and lines[0].startswith(b'{"%b"' % refused[0]):
            refused.pop(0)
            raise OSError(errno.ENOSPC, "no room")
        original(file, *lines)

    original = delivery_log._append  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the disk
    monkeypatch.setattr(delivery_log, "_append", full)
    log = DeliveryLog(LogLimits(folder=tmp_path), uuid.uuid4())
    log.note(entry(ASSET, LONG_AGO))
    log.stop()
    await log.run()
    assert log_files([tmp_path]) == []
    await log.run()

    coverage = Coverage()
    assert sum(1 for _ in read_answers(log_files([tmp_path]), coverage)) == 1
    assert (coverage.unended, coverage.missing_files) == (1, 0)


async def test_a_file_that_was_removed_under_its_gateway_is_followed_by_another(
    tmp_path: Path,
) -> None:
    log = DeliveryLog(LogLimits(folder=tmp_path), uuid.uuid4())
    writing = asyncio.create_task(log.run())
    log.note(entry(ASSET, LONG_AGO))
    while not log_files([tmp_path]):  # noqa: ASYNC110 - another thread writes it
        await asyncio.sleep(0.05)
    log_files([tmp_path])[0].unlink()
    log.note(entry(ASSET, LONG_AGO))
    log.stop()
    await writing

    coverage = Coverage()
    assert sum(1 for _ in read_answers(log_files([tmp_path]), coverage)) == 1
    assert coverage.missing_files == 1


async def test_a_file_of_a_gateway_that_was_killed_at_once_stops_no_replay(tmp_path: Path) -> None:
    (tmp_path / "1-empty-1.deliveries").write_bytes(b"")
    (tmp_path / "2-torn-1.deliveries").write_bytes(b'{"format":1,"gate')
    coverage = Coverage()
    assert list(read_answers(log_files([tmp_path]), coverage)) == []
    assert coverage.unended == 2


async def test_a_log_from_before_leaves_were_kept_is_read_as_one_of_leaves_that_none_keeps(
    tmp_path: Path,
) -> None:
    before = entry(ASSET, LONG_AGO)[:-1]
    columns = list(type(entry(ASSET, LONG_AGO))._fields[:-1])
    header = {"format": 1, "gateway": str(uuid.uuid4()), "number": 1, "columns": columns}
    lines = b"".join(orjson.dumps(each) + b"\n" for each in (header, before, {"end": True}))
    (tmp_path / "1-older-1.deliveries").write_bytes(lines)

    coverage = Coverage()
    (answer,) = read_answers(log_files([tmp_path]), coverage)
    assert answer.entry == entry(ASSET, LONG_AGO)
    assert (answer.entry.kept_for_s, coverage.unreadable) == (0.0, 0)
