"""Values are kept until an event names what they rest on."""

from operator import attrgetter

from catalog.memory.kept import Kept
from catalog.memory.recently_used import Memo
from catalog.subjects import Subject

A, B = Subject("asset:a"), Subject("asset:b")


def keep(kept: Kept[str, str], key: str, *rests_on: Subject, weight: int = 1) -> None:
    """Read a value without anything coming between."""
    with kept.reading() as since:
        kept.put(key, f"value of {key}", rests_on, since=since, weight=weight)


def test_a_value_is_forgotten_with_any_subject_of_it_and_no_other_is() -> None:
    kept: Kept[str, str] = Kept(10)
    keep(kept, "both", A, B)
    keep(kept, "one", B)

    kept.drop([A])

    assert kept.get("both") is None
    assert kept.get("one") == "value of one"
    kept.drop([B])
    assert kept.get("one") is None
    assert kept.weight == 0


def test_what_was_read_while_a_subject_of_it_was_dropped_is_not_kept() -> None:
    kept: Kept[str, str] = Kept(10)
    with kept.reading() as since:
        kept.drop([A])
        kept.put("old", "x", [A], since=since)
        kept.put("other", "y", [B], since=since)
    assert kept.get("old") is None
    assert kept.get("other") == "y"

    with kept.reading() as since:
        kept.put("new", "z", [A], since=since)
    assert kept.get("new") == "z"


def test_of_two_who_read_the_earlier_one_still_knows_what_was_dropped() -> None:
    kept: Kept[str, str] = Kept(10)
    with kept.reading() as early:
        kept.drop([A])
        with kept.reading() as late:
            pass
        kept.put("late", "x", [A], since=late)
        kept.put("early", "y", [A], since=early)
    assert kept.get("late") == "x"
    assert kept.get("early") is None


def test_a_reset_forgets_everything_and_whatever_is_being_read() -> None:
    kept: Kept[str, str] = Kept(10)
    keep(kept, "held", A)
    with kept.reading() as since:
        kept.reset()
        kept.put("read", "x", [B], since=since)
    assert kept.get("held") is None
    assert kept.get("read") is None


def test_the_least_recently_used_is_forgotten_with_its_subjects() -> None:
    kept: Kept[str, str] = Kept(2)
    keep(kept, "first", A)
    keep(kept, "second", A)
    assert kept.get("first")
    keep(kept, "third", B)
    assert kept.get("second") is None
    keep(kept, "heavy", B, weight=3)
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
    kept: Kept[str, Memo[str]] = Kept(10, weigh=attrgetter("weight"))
    for key, subject in (("first", A), ("second", B)):
        memo: Memo[str] = Memo(2, len)
        memo["worked out"] = "x" * 4
        with kept.reading() as since:
            kept.put(key, memo, [subject], since=since)
    second = kept.get("second")
    assert second is not None
    assert kept.weight == 8

    second["more"] = "x" * 3
    assert kept.get("second") is second
    assert (kept.get("first"), kept.weight) == (None, 7)
    kept.drop([B])
    assert (kept.get("second"), kept.weight) == (None, 0)

    with kept.reading() as since:
        kept.put("third", second, [A], since=since)
    second["more"] = "x" * 7
    assert kept.get("third") is second  # for this once
    assert (kept.get("third"), kept.weight) == (None, 0)
