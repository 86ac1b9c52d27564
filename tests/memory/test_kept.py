"""Values are kept until an event names what they rest on, and while something proves them."""

import asyncio
from collections.abc import Mapping, Sequence
from operator import attrgetter

import pytest

from catalog.memory.kept import Kept, OvertakenError
from catalog.memory.lease import Lease
from catalog.memory.memo import Memo
from catalog.subjects import Subject

A, B = Subject("asset:a"), Subject("asset:b")


def kept_by_subject(most: int) -> Kept[str, tuple[Subject, ...]]:
    """Return a memory of values that are what they rest on."""
    return Kept(most, rests_on=lambda _, value: value)


def test_a_value_is_forgotten_with_any_subject_of_it_and_no_other_is() -> None:
    kept = kept_by_subject(10)
    kept.put("both", (A, B))
    kept.put("one", (B,))

    kept.drop([A])

    assert kept.get("both") is None
    assert kept.get("one") == (B,)
    kept.drop([B])
    assert kept.get("one") is None
    assert kept.weight == 0


def test_what_rests_on_a_whole_kind_is_forgotten_with_any_of_it() -> None:
    kept = kept_by_subject(10)
    kept.put("assets", (Subject("asset:"),))
    kept.put("sets", (Subject("set:"),))
    with kept.reading() as reading:
        kept.drop([A])
        kept.put("read", (Subject("asset:"),), reading)
    assert [key in kept for key in ("assets", "sets", "read")] == [False, True, False]


def test_what_was_read_while_a_subject_of_it_was_dropped_is_not_kept() -> None:
    kept = kept_by_subject(10)
    with kept.reading() as reading:
        kept.drop([A])
        assert not kept.put("old", (A,), reading)
        assert kept.put("other", (B,), reading)
    assert kept.get("old") is None
    assert kept.get("other")

    with kept.reading() as reading:
        kept.put("new", (A,), reading)
    assert kept.get("new")


def test_of_two_who_read_the_earlier_one_still_knows_what_was_dropped() -> None:
    kept = kept_by_subject(10)
    with kept.reading() as early:
        kept.drop([A])
        with kept.reading() as late:
            pass
        kept.put("late", (A,), late)
        kept.put("early", (A,), early)
    assert kept.get("late")
    assert kept.get("early") is None


def test_readers_who_overlap_without_end_take_no_memory_without_end() -> None:
    kept = kept_by_subject(10)
    with kept.reading() as reading:
        for number in range(10_100):
            kept.drop([Subject(f"asset:{number}")])
        assert not kept.put("read", (B,), reading)  # nobody knows any more what was dropped
    with kept.reading() as reading:
        assert kept.put("read", (B,), reading)


def test_a_reset_forgets_everything_and_whatever_is_being_read() -> None:
    kept = kept_by_subject(10)
    kept.put("held", (A,))
    with kept.reading() as reading:
        kept.reset()
        kept.put("read", (B,), reading)
    assert kept.get("held") is None
    assert kept.get("read") is None
    assert kept.weight == 0


def test_the_least_recently_used_is_forgotten_with_its_subjects() -> None:
    kept = kept_by_subject(2)
    kept.put("first", (A,))
    kept.put("second", (A,))
    assert kept.get("first")
    kept.put("third", (B,))
    assert kept.get("second") is None
    kept.put("heavy", (B,), weight=3)
    assert kept.get("heavy") is None
    kept.drop([A])
    assert kept.get("first") is None
    assert kept.get("third")


def test_a_memo_forgets_the_oldest_beyond_its_bound_and_weighs_what_is_left() -> None:
    memo: Memo[str] = Memo(2, len)
    for number in range(3):
        memo[number] = "x" * number
    assert memo.weight == 3
    memo[1] = "x" * 10
    assert dict(memo) == {1: "x" * 10, 2: "xx"}
    assert memo.weight == 12


def test_a_value_that_comes_to_weigh_more_makes_room_and_is_still_found_by_its_subjects() -> None:
    subjects = {"first": A, "second": B, "third": A}
    kept: Kept[str, Memo[str]] = Kept(
        10, weigh=attrgetter("weight"), rests_on=lambda key, _: (subjects[key],)
    )
    for key in ("first", "second"):
        memo: Memo[str] = Memo(2, len)
        memo["worked out"] = "x" * 4
        kept.put(key, memo)
    second = kept.get("second")
    assert second is not None
    assert kept.weight == 8

    second["more"] = "x" * 3
    assert kept.get("second") is second
    assert (kept.get("first"), kept.weight) == (None, 7)
    kept.drop([B])
    assert (kept.get("second"), kept.weight) == (None, 0)

    kept.put("third", second)
    second["more"] = "x" * 7
    assert kept.get("third") is second  # for this once
    assert (kept.get("third"), kept.weight) == (None, 0)


async def test_of_many_keys_those_that_are_not_there_are_read_together() -> None:
    kept = kept_by_subject(10)
    asked: list[list[str]] = []

    async def read(missing: Sequence[str]) -> Mapping[str, tuple[Subject, ...]]:
        asked.append([*missing])
        return {key: (A,) for key in missing if key != "nowhere"}

    first = await kept.many(["a", "nowhere"], read)
    again = await kept.many(["b", "a", "nowhere"], read)
    assert (first, again) == ({"a": (A,)}, {"a": (A,), "b": (A,)})
    anew = await kept.many(["b", "a"], read, anew=True)
    assert asked == [["a", "nowhere"], ["b", "nowhere"], ["b", "a"]]
    assert anew["a"] is first["a"]  # what says the same stays the same


class HeldTable:
    """A table whose loads the test can hold."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.loads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()
        self.now_s = 0.0
        self.left_s = 1.0

    async def load(self, key: str) -> str | None:
        self.loads += 1
        value = self.values.get(key)
        self.reading.set()
        await self.gate.wait()
        return value

    def kept(
        self, most: int = 10, *, absent_for_s: float = 5.0, refuses_late: bool = True
    ) -> Kept[str, str | None]:
        """Return a memory that loads from here, within a lease of 0.3 s."""
        lease = Lease(
            lease_s=0.3,
            left_s=lambda: self.left_s,
            absent_for_s=absent_for_s,
            refuses_late=refuses_late,
            monotonic_s=lambda: self.now_s,
        )
        return Kept(
            most, rests_on=lambda key, _: (Subject(f"asset:{key}"),), load=self.load, lease=lease
        )


async def test_what_is_there_is_not_loaded_again_until_an_event_names_it() -> None:
    source = HeldTable()
    kept = source.kept()
    source.values["a"] = "old"

    assert [await kept.of("a"), await kept.of("a")] == ["old", "old"]
    source.values["a"] = "new"
    kept.drop([B])
    assert await kept.of("a") == "old"
    kept.drop([A])

    assert await kept.of("a") == "new"
    assert source.loads == 2


@pytest.mark.parametrize("by_reset", [False, True])
async def test_a_load_that_an_event_overtook_is_repeated(*, by_reset: bool) -> None:
    source = HeldTable()
    kept = source.kept()
    source.values["a"] = "old"
    source.gate.clear()
    waiters = [asyncio.create_task(kept.of("a")) for _ in range(5)]
    await source.reading.wait()

    source.values["a"] = "new"  # committed, and brought by the feed, while the load is on its way
    if by_reset:
        kept.reset()
    else:
        kept.drop([A])
    source.gate.set()

    assert await asyncio.gather(*waiters) == ["new"] * 5
    assert source.loads == 2
    assert await kept.of("a") == "new"


async def test_what_changes_during_every_load_is_given_up() -> None:
    loads = 0

    async def load(_: str) -> str:
        nonlocal loads
        loads += 1
        kept.drop([A])
        return "old"

    kept: Kept[str, str] = Kept(1, rests_on=lambda _, __: (A,), load=load)
    with pytest.raises(OvertakenError):
        await kept.of("a")
    assert loads == 5
    assert "a" not in kept


async def test_a_load_that_fails_fails_for_all_who_wait_and_the_next_one_is_another() -> None:
    failing = asyncio.Event()

    async def load(_: str) -> str:
        await asyncio.sleep(0)
        if not failing.is_set():
            failing.set()
            raise ConnectionError
        return "there"

    kept: Kept[str, str] = Kept(1, load=load)
    found = await asyncio.gather(*(kept.of("a") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [ConnectionError] * 3
    assert await kept.of("a") == "there"


async def test_without_the_feed_a_value_is_read_again_once_its_own_time_is_over() -> None:
    source = HeldTable()
    source.left_s = -1.0
    kept = source.kept()
    source.values["a"] = "old"
    source.gate.clear()
    waiter = asyncio.create_task(kept.of("a"))
    await source.reading.wait()

    source.values["a"] = "new"  # committed just after it was read
    source.now_s = 0.2  # its time runs from the question on
    source.gate.set()
    assert await waiter == await kept.of("a") == "old"
    assert kept.holds("a", "old")

    source.now_s = 0.4
    assert not kept.holds("a", "old")
    assert kept.get("a") is None
    assert kept.proven_for_s("a") == pytest.approx(-0.1)
    assert await kept.of("a") == "new"
    assert kept.proven_for_s("a") == pytest.approx(0.3)
    source.left_s = 1.0
    assert kept.proven_for_s("a") == 1.0
    assert kept.proven_for_s("b") < 0


@pytest.mark.parametrize(("refuses_late", "given"), [(True, "new"), (False, "old")])
async def test_an_answer_that_outlives_the_lease_is_asked_for_again_where_that_matters(
    given: str, *, refuses_late: bool
) -> None:
    source = HeldTable()
    kept = source.kept(refuses_late=refuses_late)
    source.values["a"] = "old"
    source.gate.clear()
    waiter = asyncio.create_task(kept.of("a"))
    await source.reading.wait()

    source.values["a"] = "new"  # committed, and the feed is gone that would have told of it
    source.left_s, source.now_s = -1.0, 0.5
    source.gate.set()

    assert await waiter == given
    assert await kept.of("a") == "new"


async def test_an_absence_is_kept_for_a_while_and_ends_with_an_event() -> None:
    source = HeldTable()
    kept = source.kept()
    assert [await kept.of("a"), await kept.of("a")] == [None, None]
    assert source.loads == 1
    source.now_s = 5.1  # however long the feed vouches for everything else
    assert await kept.of("a") is None
    assert source.loads == 2
    source.values["a"] = "there"
    kept.drop([A])
    assert await kept.of("a") == "there"


async def test_an_absence_that_is_not_kept_ends_the_value_that_was_there() -> None:
    source = HeldTable()
    kept = source.kept(absent_for_s=0)
    source.values["a"] = "there"
    await kept.of("a")
    del source.values["a"]
    assert await kept.anew("a") is None
    assert "a" not in kept
    assert await kept.of("a") is None
    assert source.loads == 3


async def test_the_least_recently_used_are_loaded_again() -> None:
    source = HeldTable()
    kept = source.kept(2)
    source.values = {key: key for key in "abc"}
    for key in ("a", "b", "a", "c"):
        await kept.of(key)
    assert source.loads == 3

    await kept.of("a")
    assert source.loads == 3
    await kept.of("b")
    assert source.loads == 4


async def test_who_joins_a_read_gets_nothing_older_than_is_proven() -> None:
    clock, read, began, go_on = [0.0], ["old", "new"], asyncio.Event(), asyncio.Event()

    async def load(_: str) -> str:
        found = read.pop(0)
        began.set()
        await go_on.wait()
        return found

    kept: Kept[str, str] = Kept(
        10, load=load, lease=Lease(lease_s=1.0, monotonic_s=lambda: clock[0])
    )
    first = asyncio.create_task(kept.of("key"))
    await began.wait()
    clock[0] = 8.0
    late = asyncio.create_task(kept.of("key"))
    await asyncio.sleep(0)
    go_on.set()
    assert (await first, await late) == ("old", "new")


async def test_who_joins_the_read_of_an_absence_asks_once_itself() -> None:
    read: list[str | None] = [None, "there now"]
    began, go_on = asyncio.Event(), asyncio.Event()

    async def load(_: str) -> str | None:
        found = read.pop(0)
        began.set()
        await go_on.wait()
        return found

    kept: Kept[str, str | None] = Kept(10, load=load)
    first, joined, another = (asyncio.create_task(kept.of("key")) for _ in range(3))
    await began.wait()
    go_on.set()
    assert [await first, await joined, await another] == [None, "there now", "there now"]
    assert read == []


def test_what_is_only_held_on_to_counts_as_used() -> None:
    kept: Kept[str, tuple[Subject, ...]] = kept_by_subject(2)
    value = (A,)
    kept.put("hot", value)
    kept.put("cold", (B,))
    assert kept.holds("hot", value)
    kept.put("new", (B,))
    assert [key in kept for key in ("hot", "cold", "new")] == [True, False, True]
