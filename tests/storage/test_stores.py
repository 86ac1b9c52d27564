"""The same behaviour from both object stores; S3 is moto's server on loopback."""

import asyncio
import errno
import os
import resource
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from catalog.errors import InvalidInputError
from catalog.storage.folder import FolderStore
from catalog.storage.model import (
    ObjectNotFoundError,
    ObjectsAtHand,
    ObjectStore,
    StoreFullError,
    StoreUnavailableError,
)
from catalog.storage.mounts import is_on_this_machine
from catalog.storage.s3 import open_s3_store
from serving.stores import store_when_wanted
from tests.support.s3_server import S3Server
from vitrine.settings import load_settings

BUCKET = "stores"
NOBODY = 65_534


@pytest.fixture
def s3_options(s3: S3Server) -> dict[str, str]:
    s3.make_bucket(BUCKET)
    return {
        "endpoint_url": s3.endpoint_url,
        "region": s3.region,
        "access_key": s3.access_key,
        "secret_key": s3.secret_key,
    }


def _files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "store")
        return
    options: dict[str, str] = request.getfixturevalue("s3_options")
    async with open_s3_store(bucket=BUCKET, prefix="vitrine/media", **options) as opened:
        yield opened


async def test_a_store_that_is_opened_when_wanted_may_be_gone_before(s3: S3Server) -> None:
    settings = load_settings(
        store_url=f"s3://{BUCKET}",
        s3_endpoint_url=s3.endpoint_url,
        s3_region=s3.region,
        s3_access_key=s3.access_key,
        s3_secret_key=s3.secret_key,
    )
    async with store_when_wanted(settings) as wanted:
        with pytest.raises(StoreUnavailableError):
            await wanted()
        s3.make_bucket(BUCKET)
        first, second = await asyncio.gather(wanted(), wanted())
        assert first is second
        assert not await first.exists("a")


async def test_what_is_written_is_read_back(store: ObjectStore) -> None:
    await store.write("masters/ab/cd.png", b"pixels")
    assert await store.read("masters/ab/cd.png") == b"pixels"
    assert await store.exists("masters/ab/cd.png")


async def test_a_second_write_replaces_the_first(store: ObjectStore) -> None:
    await store.write("a", b"one")
    await store.write("a", b"two")
    assert await store.read("a") == b"two"


async def test_what_was_never_written_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(ObjectNotFoundError):
        await store.read("nothing/here")
    assert not await store.exists("nothing/here")


async def test_files_are_stored_and_brought_back_in_pieces(
    store: ObjectStore, tmp_path: Path
) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(b"pieces" * 500_000)  # more than one
    await store.write_file("uploads/a", there)
    await store.read_file("uploads/a", back)
    assert back.read_bytes() == there.read_bytes()
    with pytest.raises(ObjectNotFoundError):
        await store.read_file("uploads/b", back)


async def test_a_deleted_object_is_gone_and_deleting_again_is_fine(store: ObjectStore) -> None:
    await store.write("a/b", b"x")
    await store.delete("a/b")
    await store.delete("a/b")
    await store.delete("never/was")
    assert not await store.exists("a/b")


async def test_keys_are_those_with_the_prefix_whole_segment_or_not(store: ObjectStore) -> None:
    for key in ("renditions/aa/1", "renditions/aa/2", "renditions/ab/1", "masters/aa"):
        await store.write(key, b"x")
    assert {each.key async for each in store.objects("renditions/aa/")} == {
        "renditions/aa/1",
        "renditions/aa/2",
    }
    assert {each.key async for each in store.objects("renditions/a")} == {
        "renditions/aa/1",
        "renditions/aa/2",
        "renditions/ab/1",
    }
    assert len([each.key async for each in store.objects("")]) == 4
    assert [each.key async for each in store.objects("nothing/")] == []


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".a", "A", "a b", "a\n", "a\0b", "ä"]
)
async def test_a_key_outside_the_rule_is_refused_everywhere(store: ObjectStore, key: str) -> None:
    with pytest.raises(InvalidInputError):
        await store.read(key)
    with pytest.raises(InvalidInputError):
        await store.write(key, b"x")
    with pytest.raises(InvalidInputError):
        await store.exists(key)
    with pytest.raises(InvalidInputError):
        await store.delete(key)
    with pytest.raises(InvalidInputError):
        store.local_path(key)


async def test_only_the_folder_has_local_paths(store: ObjectStore) -> None:
    await store.write("a/b", b"x")
    path = store.local_path("a/b")
    if isinstance(store, FolderStore):
        assert path is not None
        assert path.read_bytes() == b"x"
    else:
        assert path is None


async def test_s3_is_never_at_hand(s3_options: dict[str, str]) -> None:
    async with open_s3_store(bucket=BUCKET, **s3_options) as store:
        assert store.at_hand() is None


@pytest.mark.parametrize(
    ("kind", "is_here"), [("ext4", True), ("nfs4", False), ("fuse.sshfs", False)]
)
def test_a_folder_is_of_this_machine_by_the_kind_of_its_mount(
    tmp_path: Path, kind: str, *, is_here: bool
) -> None:
    device, table = tmp_path.stat().st_dev, tmp_path / "mountinfo"
    assert not is_on_this_machine(tmp_path, table)  # nobody knows
    number = f"{os.major(device)}:{os.minor(device)}"
    table.write_text(
        "22 1 0:999 / /proc rw shared:1 - proc proc rw\n"
        f"36 35 {number} / /srv/a\\040-\\040b rw shared:2 master:3 - {kind} a:/b rw\n"
    )
    assert is_on_this_machine(tmp_path, table) == is_here


async def test_only_on_a_disk_of_this_machine_a_folder_is_at_hand() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        assert FolderStore(Path(memory)).at_hand() is not None
    assert FolderStore(Path("/proc/self")).at_hand() is None


@pytest.fixture
def at_hand() -> Iterator[tuple[Path, ObjectsAtHand]]:
    """A folder, and its objects for use in place."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        objects = FolderStore(Path(memory) / "store").at_hand()
        assert objects is not None
        yield Path(memory) / "store", objects


async def test_an_object_at_hand_is_that_of_the_store(at_hand: tuple[Path, ObjectsAtHand]) -> None:
    folder, objects = at_hand
    assert objects.lacks("a/b")
    objects.put("a/b", b"one")
    objects.put("a/b", b"two")
    assert not objects.lacks("a/b")
    assert await FolderStore(folder).read("a/b") == b"two"
    with pytest.raises(InvalidInputError):
        objects.lacks("../a")
    with pytest.raises(InvalidInputError):
        objects.put("../a", b"x")


def test_a_folder_at_hand_that_vanished_lacks_nothing(at_hand: tuple[Path, ObjectsAtHand]) -> None:
    folder, objects = at_hand
    assert objects.lacks("a")
    folder.rmdir()
    assert not objects.lacks("a")
    with pytest.raises(StoreUnavailableError):
        objects.put("a", b"x")


async def test_a_folder_that_vanished_is_unavailable_and_not_empty(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "store").rmdir()
    with pytest.raises(StoreUnavailableError):
        await store.read("a")
    with pytest.raises(StoreUnavailableError):
        await store.exists("a")
    with pytest.raises(StoreUnavailableError):
        await store.write("a", b"x")
    with pytest.raises(StoreUnavailableError):
        _ = [each.key async for each in store.objects("")]


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[FolderStore]:
    """A store below a folder that this process may not search."""
    outer = tmp_path / "outer"
    store = FolderStore(outer / "store")
    outer.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)  # root may search anything
    yield store
    os.seteuid(user)
    outer.chmod(0o700)


async def test_a_folder_that_refuses_us_is_unavailable(forbidden: FolderStore) -> None:
    with pytest.raises(StoreUnavailableError):
        await forbidden.read("a")
    with pytest.raises(StoreUnavailableError):
        await forbidden.exists("a")
    with pytest.raises(StoreUnavailableError):
        await forbidden.write("a", b"x")
    with pytest.raises(StoreUnavailableError):
        await forbidden.delete("a")


async def test_a_file_that_cannot_be_asked_for_is_unavailable(tmp_path: Path) -> None:
    too_long_for_a_file = "a" * 300
    with pytest.raises(StoreUnavailableError):
        await FolderStore(tmp_path).exists(too_long_for_a_file)


async def test_a_write_that_does_not_fit_says_full_and_leaves_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await store.write("a", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))  # the kernel refuses, not a mock
    try:
        with pytest.raises(StoreFullError):
            await store.write("a", bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert await store.read("a") == b"old"
    assert _files(tmp_path) == ["a"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_says_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(_handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)  # a full disk can't be had without root
    with pytest.raises(StoreFullError):
        await FolderStore(tmp_path).write("a/b", b"x")
    assert _files(tmp_path) == []


async def test_an_object_below_another_is_not_found_or_unavailable(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    await store.write("a", b"x")
    with pytest.raises(ObjectNotFoundError):
        await store.read("a/b")
    assert not await store.exists("a/b")
    await store.delete("a/b")
    with pytest.raises(StoreUnavailableError):
        await store.write("a/b", b"x")


async def test_s3_without_the_bucket_does_not_open(s3_options: dict[str, str]) -> None:
    with pytest.raises(StoreUnavailableError):
        async with open_s3_store(bucket="no-such-bucket", **s3_options):
            pass


async def test_s3_that_does_not_answer_is_unavailable(
    s3_options: dict[str, str], unused_tcp_port: int
) -> None:
    nobody = s3_options | {"endpoint_url": f"http://127.0.0.1:{unused_tcp_port}"}
    with pytest.raises(StoreUnavailableError):
        async with open_s3_store(bucket=BUCKET, **nobody):
            pass
