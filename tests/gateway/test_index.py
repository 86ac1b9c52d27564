"""The index: one load for many, repeated when overtaken, dropped by subject, bounded."""

import asyncio
from itertools import chain, repeat

import pytest

from catalog.subjects import Subject
from gateway.index import Changes, LazyTable, Lease, StateUnprovenError


class Source:
    """A table whose loads the test can hold."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()

    async def load(self, key: str) -> str | None:
        self.loads += 1
        value = self.values.get(key)
        self.reading.set()
        await self.gate.wait()
        return value


def table(
    source: Source, *, held: bool = True, max_entries: int = 10
) -> LazyTable[str, str | None]:
    lease = Lease(lease_s=0.3, left_s=lambda: 1.0 if held else -1.0)
    return LazyTable(
        source.load,
        lambda key, _: (Subject(f"asset:{key}"),),
        lease,
        max_entries=max_entries,
        changes=Changes(),
    )


async def test_what_is_known_is_not_loaded_again_until_an_event_names_it() -> None:
    source = Source()
    known = table(source)
    source.values["a"] = "old"

    assert [await known.get("a"), await known.get("a")] == ["old", "old"]
    source.values["a"] = "new"
    known.drop([Subject("asset:b")])
    assert await known.get("a") == "old"
    known.drop([Subject("asset:a")])

    assert await known.get("a") == "new"
    assert source.loads == 2


@pytest.mark.parametrize("by_reset", [False, True])
async def test_a_load_that_an_event_overtook_is_repeated(*, by_reset: bool) -> None:
    source = Source()
    known = table(source)
    source.values["a"] = "old"
    source.gate.clear()
    waiters = [asyncio.create_task(known.get("a")) for _ in range(5)]
    await source.reading.wait()

    source.values["a"] = "new"  # committed, and brought by the feed, while the load is on its way
    if by_reset:
        known.reset()
    else:
        known.drop([Subject("asset:a")])
    source.gate.set()

    assert await asyncio.gather(*waiters) == ["new"] * 5
    assert source.loads == 2
    assert await known.get("a") == "new"


async def test_without_the_lease_state_is_read_again_as_soon_as_its_own_time_is_over() -> None:
    source = Source()
    known = table(source, held=False)
    source.values["a"] = "old"

    assert await known.get("a") == "old"
    assert await known.get("a") == "old"
    await asyncio.sleep(0.35)
    source.values["a"] = "new"
    assert await known.get("a") == "new"
    source.gate.clear()
    await asyncio.sleep(0.35)
    with pytest.raises(StateUnprovenError):
        await known.get("a")


async def test_what_was_read_without_the_lease_ages_from_its_question() -> None:
    source, now_s = Source(), [0.0]
    lease = Lease(lease_s=0.3, left_s=lambda: -1.0, monotonic_s=lambda: now_s[0])
    known = LazyTable(
        source.load,
        lambda key, _: (Subject(f"asset:{key}"),),
        lease,
        max_entries=1,
        changes=Changes(),
    )
    source.values["a"] = "old"
    source.gate.clear()
    waiter = asyncio.create_task(known.get("a"))
    await source.reading.wait()

    source.values["a"] = "new"  # committed just after it was read
    now_s[0] = 0.2
    source.gate.set()
    assert await waiter == "old"

    now_s[0] = 0.4
    assert await known.get("a") == "new"


async def test_a_load_that_outlives_the_lease_is_repeated() -> None:
    source, times = Source(), iter((0.0, 0.5, 0.5, 0.5))  # asked, answered; asked, answered
    left_s = chain((1.0,), repeat(-1.0))
    lease = Lease(lease_s=0.3, left_s=lambda: next(left_s), monotonic_s=lambda: next(times))
    known = LazyTable(
        source.load,
        lambda key, _: (Subject(f"asset:{key}"),),
        lease,
        max_entries=1,
        changes=Changes(),
    )
    source.values["a"] = "old"
    source.gate.clear()
    waiter = asyncio.create_task(known.get("a"))
    await source.reading.wait()

    source.values["a"] = "new"  # committed, and the feed is gone that would have told of it
    source.gate.set()

    assert await waiter == "new"


async def test_an_absence_is_known_too_and_ends_with_an_event() -> None:
    source = Source()
    known = table(source)

    assert [await known.get("a"), await known.get("a")] == [None, None]
    assert source.loads == 1
    source.values["a"] = "there"
    known.drop([Subject("asset:a")])
    assert await known.get("a") == "there"


async def test_refreshing_reads_at_most_once_a_second() -> None:
    source = Source()
    known = table(source)
    source.values["a"] = "old"
    await known.get("a")
    source.values["a"] = "new"

    assert [await known.refresh("a") for _ in range(5)] == ["new"] * 5
    assert source.loads == 2


async def test_the_least_recently_used_are_forgotten() -> None:
    source = Source()
    known = table(source, max_entries=2)
    for key in ("a", "b", "a", "c"):
        await known.get(key)
    assert source.loads == 3

    await known.get("a")
    assert source.loads == 3
    await known.get("b")
    assert source.loads == 4
