"""Renders run on all threads, and leave a core free while stored pictures are asked for."""

import threading

import pytest

from imaging.render_slots import RenderSlots
from imaging.vips import Stop


class ManualClock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def slots_of(clock: ManualClock, threads: int) -> RenderSlots:
    return RenderSlots(threads, beside_stored=max(1, threads - 1), monotonic_s=clock)


def begins(slots: RenderSlots, stop: Stop | None = None) -> tuple[threading.Event, threading.Event]:
    """Start a render on a thread; return what says that it runs, and what ends it."""
    runs, ends = threading.Event(), threading.Event()

    def render() -> None:
        with slots.take(stop or Stop()):
            runs.set()
            ends.wait(30)

    threading.Thread(target=render, daemon=True).start()
    return runs, ends


@pytest.mark.parametrize(
    ("threads", "beside_stored", "at_once"), [(1, 1, 1), (3, 1, 1), (5, 3, 3), (2, 7, 2)]
)
def test_fewer_renders_run_while_stored_pictures_are_asked_for(
    clock: ManualClock, threads: int, beside_stored: int, at_once: int
) -> None:
    slots = RenderSlots(threads, beside_stored=beside_stored, monotonic_s=clock)
    assert slots.at_once == threads

    slots.note_stored_request()
    assert slots.at_once == at_once

    clock.now_s += 1
    assert slots.at_once == threads


def test_a_render_that_has_no_turn_waits_until_another_is_done(clock: ManualClock) -> None:
    slots = slots_of(clock, 2)
    slots.note_stored_request()
    first, first_ends = begins(slots)
    assert first.wait(30)

    second, second_ends = begins(slots)
    assert not second.wait(0.1)
    first_ends.set()
    assert second.wait(30)
    second_ends.set()


def test_it_has_its_turn_once_nothing_stored_is_asked_for(clock: ManualClock) -> None:
    slots = slots_of(clock, 2)
    slots.note_stored_request()
    first, first_ends = begins(slots)
    assert first.wait(30)
    second, second_ends = begins(slots)
    assert not second.wait(0.1)

    clock.now_s += 1

    assert second.wait(30)
    first_ends.set()
    second_ends.set()


def test_whoever_must_stop_waits_no_longer(clock: ManualClock) -> None:
    slots, must_stop = slots_of(clock, 2), Stop()
    slots.note_stored_request()
    first, first_ends = begins(slots)
    assert first.wait(30)

    second, second_ends = begins(slots, must_stop)
    must_stop.set()

    assert second.wait(30)
    first_ends.set()
    second_ends.set()
