"""The bounded folder: whole files, the least recently used go, what is read stays."""

import os
import subprocess
import sys
import time
from pathlib import Path

from imaging.file_cache import FileCache
from tests.support.processes import ROOT

_HOUR_S = 3600


def _keep(cache: FileCache, key: str, size_bytes: int) -> bool:
    def fill(path: Path) -> None:
        path.write_bytes(key[:1].encode() * size_bytes)

    return cache.write(key, fill)


def _age(folder: Path, key: str, hours: int) -> None:
    then = time.time() - hours * _HOUR_S
    os.utime(folder / key, (then, then))


def test_what_was_written_is_read_by_another_process_too(tmp_path: Path) -> None:
    assert _keep(FileCache(tmp_path, max_bytes=1_000), "a/1", 10)

    assert FileCache(tmp_path, max_bytes=1_000).read("a/1") == b"a" * 10
    assert FileCache(tmp_path, max_bytes=1_000).read("a/2") is None


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, max_bytes=1_000)
    for hours, key in enumerate(("d", "c", "b", "a")):
        _keep(cache, key, 240)
        _age(tmp_path, key, 5 - hours)

    with cache.hold("d"):
        pass  # used now, though written first
    _keep(cache, "e", 240)

    kept = {key for key in "abcde" if cache.read(key) is not None}
    assert kept == {"d", "a", "e"}
    assert cache.usage().size_bytes <= 800


def test_a_restart_evicts_what_was_kept_before(tmp_path: Path) -> None:
    roomy = FileCache(tmp_path, max_bytes=10_000)
    for number in range(9):
        _keep(roomy, f"{number}", 1_000)
        _age(tmp_path, f"{number}", 20 - number)

    tight = FileCache(tmp_path, max_bytes=3_000)
    _keep(tight, "new", 100)

    assert tight.usage().size_bytes <= 3_000
    assert tight.read("new") is not None
    assert tight.read("8") is not None


def test_what_is_being_read_is_never_evicted(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, max_bytes=1_000)
    _keep(cache, "old", 600)
    _age(tmp_path, "old", 100)

    with cache.hold("old") as path:
        _age(tmp_path, "old", 100)
        _keep(cache, "new", 600)
        _keep(cache, "newer", 600)
        assert path is not None
        assert path.read_bytes() == b"o" * 600
    _keep(cache, "newest", 500)
    assert cache.read("old") is None


def test_what_another_process_reads_is_never_evicted(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, max_bytes=1_000)
    _keep(cache, "old", 600)
    _age(tmp_path, "old", 100)
    reader = (
        "import sys; from pathlib import Path; from imaging.file_cache import FileCache\n"
        "with FileCache(Path(sys.argv[1]), max_bytes=1000).hold('old'):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        _age(tmp_path, "old", 100)
        _keep(cache, "new", 900)
        assert (tmp_path / "old").exists()
        assert process.stdin is not None
        process.stdin.close()
    _keep(cache, "newer", 900)
    assert not (tmp_path / "old").exists()


def test_a_file_that_could_not_be_finished_leaves_nothing(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, max_bytes=1_000)

    def no_room(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    assert not cache.write("a/1", no_room)
    assert cache.read("a/1") is None
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_what_a_killed_writer_left_is_removed_an_hour_later(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, max_bytes=1_000)
    (tmp_path / ".half").write_bytes(b"x" * 5_000)
    _age(tmp_path, ".half", 2)
    (tmp_path / ".begun").write_bytes(b"x")

    assert cache.usage().files == 0
    assert not (tmp_path / ".half").exists()
    assert (tmp_path / ".begun").exists()


def test_all_below_a_prefix_is_removed(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, max_bytes=1_000)
    for key in ("a/1", "a/2", "b/1"):
        _keep(cache, key, 10)

    assert cache.remove("a/") == 2
    assert cache.usage().files == 1
