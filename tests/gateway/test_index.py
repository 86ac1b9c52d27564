"""The index: read again where a request names something newer, and only while it is proven."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field

import pytest

from catalog.graph.delivery import Catalogue, DeliverableAsset
from catalog.memory.lease import Lease
from catalog.rights.model import Rights, Status, Window
from catalog.subjects import Subject
from gateway.index import Index, StateUnprovenError
from gateway.loaders import Loaders
from tests.gateway.machine.shop import LONG_AGO, Asset


@dataclass
class OneAssetDatabase:
    """A database that has one asset, or none, or does not answer.

    Attributes:
        epoch: of the asset; 0: there is none.
    """

    now_s: float = 0.0
    left_s: float = 1.0
    loads: int = 0
    epoch: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    def index(self) -> Index:
        async def asset(public_id: str) -> DeliverableAsset | None:
            self.loads += 1
            await self.answers.wait()
            stored = Asset(epoch=self.epoch, rights=Rights(status=Status.APPROVED))
            return stored.loaded(public_id, LONG_AGO) if self.epoch else None

        async def windows(_: str, __: str) -> tuple[Window, ...]:
            self.loads += 1
            return ()

        async def catalogue() -> Catalogue:
            raise ConnectionError

        lease = Lease(lease_s=0.3, left_s=lambda: self.left_s, monotonic_s=lambda: self.now_s)
        load = Loaders(asset=asset, windows=windows, catalogue=catalogue)
        return Index(load, lease, max_assets=10)


async def test_reading_again_gives_all_the_newer_epoch_at_most_once_a_second_or_event() -> None:
    source = OneAssetDatabase(epoch=1)
    index = source.index()

    async def epochs(*asked: Awaitable[DeliverableAsset | None]) -> set[int | None]:
        return {asset and asset.epoch for asset in await asyncio.gather(*asked)}

    async def again(times: int) -> set[int | None]:
        return await epochs(*(index.refresh_asset("a") for _ in range(times)))

    assert await epochs(index.asset("a")) == {1}
    source.epoch = 2
    assert await again(5) == {2}
    assert await epochs(index.asset("a"), index.refresh_asset("a")) == {2}
    assert source.loads == 2

    source.epoch = 3
    assert await again(1) == {2}
    index.drop([Subject("asset:a")])
    assert await again(2) == {3}
    assert await again(1) == {3}
    assert source.loads == 3

    source.epoch, source.now_s = 4, 1.1
    assert await again(1) == {4}
    assert source.loads == 4


async def test_an_absence_is_asked_for_again_after_five_seconds() -> None:
    source = OneAssetDatabase()
    index = source.index()
    for now_s, loads in ((0, 2), (4.9, 2), (5.1, 4)):
        source.now_s = now_s
        assert await index.asset("a") is None
        assert await index.windows_of("p", "d2c") == ()
        assert source.loads == loads


async def test_a_database_that_does_not_answer_is_not_waited_for_without_the_lease() -> None:
    source = OneAssetDatabase(left_s=-1.0)
    index = source.index()
    source.answers.clear()
    with pytest.raises(StateUnprovenError):
        await index.asset("a")
    with pytest.raises(StateUnprovenError):
        await index.catalogue()


async def test_it_is_unchanged_until_something_is_dropped_or_read_or_the_lease_is_over() -> None:
    source = OneAssetDatabase()
    index = source.index()

    def is_unchanged() -> bool:
        return index.vouched_for_s(changes) >= 0

    changes = index.changes
    assert is_unchanged()
    await index.asset("a")
    assert not is_unchanged()
    changes = index.changes
    await index.asset("a")
    assert is_unchanged()
    source.left_s = -0.1
    assert not is_unchanged()
    source.left_s = 1.0
    index.drop([])
    assert not is_unchanged()
