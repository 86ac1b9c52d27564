"""Renders run on all threads, and on one fewer while stored pictures are asked for."""

import threading
from collections.abc import Callable

import pytest

from imaging.turns import Turns


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def never() -> bool:
    return False


@pytest.fixture
def clock() -> Clock:
    return Clock()


def begins(
    turns: Turns, stop: Callable[[], bool] = never
) -> tuple[threading.Event, threading.Event]:
    """Start a render on a thread; return what says that it runs, and what ends it."""
    runs, ends = threading.Event(), threading.Event()

    def render() -> None:
        with turns.take(stop):
            runs.set()
            ends.wait(30)

    threading.Thread(target=render, daemon=True).start()
    return runs, ends


@pytest.mark.parametrize(("threads", "beside_stored"), [(1, 1), (2, 1), (4, 3)])
def test_one_render_fewer_runs_while_stored_pictures_are_asked_for(
    clock: Clock, threads: int, beside_stored: int
) -> None:
    turns = Turns(threads, clock)
    assert turns.at_once == threads

    turns.note_stored_request()
    assert turns.at_once == beside_stored

    clock.now_s += 1
    assert turns.at_once == threads


def test_a_render_that_has_no_turn_waits_until_another_is_done(clock: Clock) -> None:
    turns = Turns(2, clock)
    turns.note_stored_request()
    first, first_ends = begins(turns)
    assert first.wait(30)

    second, second_ends = begins(turns)
    assert not second.wait(0.1)
    first_ends.set()
    assert second.wait(30)
    second_ends.set()


def test_it_has_its_turn_once_nothing_note_stored_request_for(clock: Clock) -> None:
    turns = Turns(2, clock)
    turns.note_stored_request()
    first, first_ends = begins(turns)
    assert first.wait(30)
    second, second_ends = begins(turns)
    assert not second.wait(0.1)

    clock.now_s += 1

    assert second.wait(30)
    first_ends.set()
    second_ends.set()


def test_whoever_must_stop_waits_no_longer(clock: Clock) -> None:
    turns, must_stop = Turns(2, clock), threading.Event()
    turns.note_stored_request()
    first, first_ends = begins(turns)
    assert first.wait(30)

    second, second_ends = begins(turns, must_stop.is_set)
    must_stop.set()

    assert second.wait(30)
    first_ends.set()
    second_ends.set()
