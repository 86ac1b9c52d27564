"""What was touched lately is told from what is held by a snapshot, and never forgotten unseen."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.changes import Changes
from catalog.db import Pool
from catalog.events import store
from catalog.events.model import Event, Touch
from catalog.events.recent import RecentTouches
from catalog.events.snapshot import Snapshot
from catalog.subjects import Subject
from tests.support.people import TEST

A, B, C = (Subject(f"asset:{name}") for name in "abc")

touches = st.lists(st.builds(Touch, st.sampled_from([A, B, C]), st.integers(1, 20)), max_size=30)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Make any snapshot of the first twenty transactions."""
    xmin = draw(st.integers(1, 20))
    xmax = draw(st.integers(xmin, 21))
    running = draw(st.sets(st.integers(xmin, xmax - 1))) if xmax > xmin else set[int]()
    return Snapshot.read(f"{xmin}:{xmax}:{','.join(map(str, sorted(running)))}")


@given(touches, snapshots(), st.sets(st.sampled_from([A, B, C])))
def test_every_touch_of_the_subjects_counts(
    known: list[Touch], snapshot: Snapshot, subjects: set[Subject]
) -> None:
    recent = RecentTouches(max_touches=1_000)
    recent.add(known)
    missed = [each for each in known if each.subject in subjects and not snapshot.holds(each.xid)]
    assert recent.are_held_by(snapshot, subjects) == (not missed)


@given(touches, snapshots(), st.integers(0, 20), st.integers(1, 10))
def test_what_was_forgotten_is_not_taken_for_held(
    known: list[Touch], snapshot: Snapshot, forgotten: int, room: int
) -> None:
    recent = RecentTouches(max_touches=room)
    for each in known:
        recent.add([each])
    recent.forget(forgotten)
    missed = [each for each in known if not snapshot.holds(each.xid)]
    if missed or snapshot.xmin <= forgotten:
        assert not recent.are_held_by(snapshot, [A, B, C])


def test_the_later_half_is_kept_where_there_is_no_room() -> None:
    recent = RecentTouches(max_touches=4)
    recent.add(Touch(A, xid) for xid in (7, 3, 9, 5, 1))
    assert not recent.are_held_by(Snapshot.read("5:20:"), [B])
    assert recent.are_held_by(Snapshot.read("6:20:"), [B])
    assert not recent.are_held_by(Snapshot.read("6:20:9"), [A])
    assert recent.are_held_by(Snapshot.read("6:20:8"), [A])


async def _record(changes: Changes, *subjects: Subject) -> None:
    async with changes.begin(TEST) as change:
        await change.record(
            Event(type="rights.changed", subject="asset/x", version=1, subjects=subjects)
        )


async def test_the_last_events_are_read_from_the_log_with_where_they_are_complete(
    pool: Pool,
) -> None:
    committed: list[Touch] = []
    changes = Changes(pool=pool, on_commit=committed.extend)
    for subjects in ((A,), (B, C), (), (C,)):
        await _record(changes, *subjects)
    async with pool.acquire() as conn:
        everything = await store.recent(conn, limit=4)
        newest = await store.recent(conn, limit=2)
    assert (everything[0], sorted(everything[1])) == (0, sorted(committed))
    assert newest[0] == committed[1].xid
    assert set(newest[1]) == set(committed[1:])


async def test_a_database_has_a_run_of_its_own(pool: Pool) -> None:
    async with pool.acquire() as conn:
        run = await store.server_run(conn)
        assert run == await store.server_run(conn)
        oid = await conn.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    assert run.endswith(f" {oid}")
