"""Finished answers to those without an API key, kept until what they rest on changes.

An answer is kept under the document, its variables and the context that they name. It is dropped
when the event log, or a change of this very process, names something that it rests on, and is
never used once the feed's lease has run out, or time has turned something in it. Whoever asks while
an answer is being made waits for it, unless something has changed since that began.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

import prometheus_client

from catalog.events.model import Subject, list_subject
from catalog.memory import RecentlyUsed

ANSWERS = prometheus_client.Counter(
    "vitrine_graphql_answers", "Answers by where they came from.", ("how",)
)
_HIT, _COALESCED, _MADE = (ANSWERS.labels(how) for how in ("hit", "coalesced", "made"))
_BYTES = prometheus_client.Gauge(
    "vitrine_graphql_answers_bytes", "What is kept of finished answers, up to its bound."
)
#: What an answer rests on in any case: a change of these is rare.
_EVERYTHING = ("channel:", "market:", "locale:", "category:", "preset:", "key:")
#: What no answer rests on.
_NOTHING = ("api_key:", "document:")
_OVERHEAD_BYTES = 1_000

#: Stands for all that every answer rests on.
ANY_ANSWER = Subject("*")

Key: TypeAlias = tuple[str, str | None, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it is sent.

    Attributes:
        body: JSON.
        etag: of these bytes, where it is kept.
        is_refused: nothing was executed.
        rests_on: what it shows; a change of any makes it untrue. None: it is not kept.
        good_until: time alone changes it no earlier.
    """

    body: bytes
    etag: str
    is_refused: bool
    rests_on: frozenset[Subject] | None
    good_until: datetime


def etag_of(body: bytes) -> str:
    """Return an entity tag that changes with the bytes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


#: Makes an answer.
Make: TypeAlias = Callable[[], Coroutine[Any, Any, Answer]]


class Shared(Protocol):
    """Answers that other processes have made."""

    async def found_or_made(self, key: Key, make: Make) -> Answer:
        """Return one that is true now, or have it made; what `make` raises is raised."""
        ...


class _Flight(NamedTuple):
    """An answer that is being made.

    Attributes:
        tick: of the beginning.
    """

    task: "asyncio.Task[Answer]"
    tick: int


class Answers:
    """Keeps the answers that were asked for last.

    Args:
        now: of the clock that rights are decided by.
        is_current: whether the feed vouches for what is kept.
        max_bytes: of all bodies together; 0: nothing is kept.
        shared: where to look before an answer is made; None: nowhere.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        is_current: Callable[[], bool],
        max_bytes: int,
        shared: Shared | None = None,
    ) -> None:
        self._now = now
        self._is_current = is_current
        self._shared = shared
        self._kept: RecentlyUsed[Key, Answer] = RecentlyUsed(max_bytes, on_forget=self._unlink)
        self._keys: dict[Subject, set[Key]] = {}
        self._flights: dict[Key, _Flight] = {}
        self._running = 0
        self._handled: dict[Subject, int] = {}  # only while answers are being made
        self._tick = 0
        self._dropped_all_at = 0
        _BYTES.set_function(lambda: self._kept.weight)

    def kept(self, key: Key) -> Answer | None:
        """Return the answer that is kept; None: it has to be made."""
        answer = self._kept.get(key)
        if answer is None:
            return None
        if self._is_current() and self._now() < answer.good_until:
            _HIT.inc()
            return answer
        self._kept.forget(key)
        return None

    def vouches_for(self, key: Key, answer: Answer) -> bool:
        """Return whether this very answer is kept, and true at this instant."""
        is_kept = self._kept.get(key) is answer
        return is_kept and self._is_current() and self._now() < answer.good_until

    async def made(self, key: Key, make: Make) -> Answer:
        """Have an answer made, or found where it is shared, once for all who ask meanwhile.

        What `make` raises is raised.
        """
        if (answer := self.kept(key)) is not None:
            return answer  # since whoever asks has looked
        flight = self._flights.get(key)
        if flight is None or flight.tick != self._tick:
            flight = self._begin(key, make)
        else:
            _COALESCED.inc()
        return await asyncio.shield(flight.task)

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget what rests on one of the subjects, and keep nothing of it that was begun before.

        Whoever asks from now on waits for no answer that was begun before.
        """
        named = [subject for each in subjects for subject in widened(each)]
        if not named:
            return
        self._tick += 1
        if ANY_ANSWER in named:
            self._drop_all()
            return
        for subject in named:
            if self._running:
                self._handled[subject] = self._tick
            for key in self._keys.pop(subject, ()):
                self._kept.forget(key)

    def reset(self) -> None:
        """Forget everything: something may have changed unseen."""
        self._tick += 1
        self._drop_all()

    def _begin(self, key: Key, make: Make) -> _Flight:
        making = partial(_counted, make)
        task = making() if self._shared is None else self._shared.found_or_made(key, making)
        flight = _Flight(asyncio.create_task(task), self._tick)
        self._flights[key] = flight
        self._running += 1
        flight.task.add_done_callback(lambda task: self._land(key, flight, task))
        return flight

    def _land(self, key: Key, flight: _Flight, task: "asyncio.Task[Answer]") -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not task.cancelled() and task.exception() is None:
            self._keep(key, task.result(), since=flight.tick)
        self._running -= 1
        if not self._running:
            self._handled.clear()

    def _keep(self, key: Key, answer: Answer, *, since: int) -> None:
        rests_on = answer.rests_on
        if rests_on is None or self._dropped_all_at > since:
            return
        if any(self._handled.get(subject, 0) > since for subject in rests_on):
            return
        self._kept.put(key, answer, weight=len(answer.body) + _OVERHEAD_BYTES)
        if self._kept.get(key) is answer:
            for subject in rests_on:
                self._keys.setdefault(subject, set()).add(key)

    def _drop_all(self) -> None:
        self._dropped_all_at = self._tick
        self._kept.clear()

    def _unlink(self, key: Key, answer: Answer) -> None:
        for subject in answer.rests_on or ():
            keys = self._keys.get(subject)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._keys[subject]


async def _counted(make: Make) -> Answer:
    _MADE.inc()
    return await make()


def widened(subject: Subject) -> Iterable[Subject]:
    """Return what answers may rest on of a subject that has changed.

    A publication changes the channel's lists too.
    """
    if subject.startswith(_NOTHING):
        return
    if subject.startswith(_EVERYTHING):
        yield ANY_ANSWER
        return
    yield subject
    kind, _, rest = subject.partition(":")
    if kind == "publication":
        yield list_subject(rest.rpartition(":")[2])
