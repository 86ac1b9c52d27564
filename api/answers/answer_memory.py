"""Finished answers to those without an API key, kept until what they rest on changes.

An answer is kept under the document, its variables and the context that they name. It is dropped
when the event log, or a change of this very process, names something that it rests on, and is
never used once the feed's lease has run out, or time has turned something in it. Whoever asks while
an answer is being made waits for it, unless something has changed since that began.
"""

import hashlib
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Protocol, TypeAlias

import prometheus_client

from catalog.memory.flights import Flights
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.purges.rules import OF_EVERY_ANSWER, widened
from catalog.subjects import Subject
from serving.counts import Counts

ANSWERS = Counts("vitrine_graphql_answers", "Answers by where they came from.", ("how",))
_HIT, _COALESCED, _MADE, SHARED = ("hit",), ("coalesced",), ("made",), ("shared",)
for _how in (_HIT, _COALESCED, _MADE, SHARED):
    ANSWERS.add(_how, 0)  # so that the first of each is seen as an increase
_BYTES = prometheus_client.Gauge(
    "vitrine_graphql_answers_bytes", "What is kept of finished answers, up to its bound."
)
#: All of them are dropped.
_EVERYTHING = tuple(f"{kind}:" for kind in OF_EVERY_ANSWER)
#: What no answer rests on.
_NOTHING = ("api_key:", "document:")
_OVERHEAD_BYTES = 1_000
#: Of each that an answer rests on, and is found by.
_SUBJECT_BYTES = 300

#: Stands for all that every answer rests on.
ANY_ANSWER = Subject("*")

#: What an answer about the schema itself rests on: no event says when the code changes, so only
#: the process keeps it.
THE_CODE = Subject("code:")

#: Document, name of the operation, variables, and the context that is stated beside them.
Key: TypeAlias = tuple[str, str | None, bytes, bytes]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer as it is sent.

    Attributes:
        body: JSON.
        is_refused: nothing was executed.
        rests_on: what it shows; a change of any makes it untrue. None: it is not kept.
        good_until: time alone changes it no earlier.
    """

    body: bytes
    is_refused: bool
    rests_on: frozenset[Subject] | None
    good_until: datetime

    @property
    def is_for_caches(self) -> bool:
        """Whether others than this process may keep it."""
        return self.rests_on is not None and THE_CODE not in self.rests_on

    @cached_property
    def etag(self) -> str:
        """The entity tag, which changes with the bytes."""
        return f'"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'


#: Makes an answer.
Make: TypeAlias = Callable[[], Coroutine[Any, Any, Answer]]


class AnswerSource(Protocol):
    """Where an answer is looked for before it is made: those of other processes."""

    async def found_or_made(self, key: Key, make: Make) -> Answer:
        """Return one that is true now, or have it made; what `make` raises is raised."""
        ...


class Answers:
    """Keeps the answers that were asked for last.

    Args:
        now: of the clock that rights are decided by.
        lease: how long the feed vouches for what is kept.
        max_bytes: of all bodies together; 0: nothing is kept.
        shared: where to look before an answer is made; None: nowhere.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        lease: Lease,
        max_bytes: int,
        shared: AnswerSource | None = None,
    ) -> None:
        self._now = now
        self._shared = shared
        self._kept: Kept[Key, Answer] = Kept(
            max_bytes, rests_on=lambda _, answer: answer.rests_on or (), lease=lease
        )
        # By the tick of their beginning, too: a request after a change waits for no older answer.
        self._flights: Flights[tuple[Key, int], Answer] = Flights()
        _BYTES.set_function(lambda: self._kept.weight)

    def kept(self, key: Key) -> Answer | None:
        """Return the answer that is kept; None: it has to be made."""
        answer = self._kept.get(key)
        if answer is None:
            return None
        if self._now() < answer.good_until:
            ANSWERS.add(_HIT)
            return answer
        self._kept.forget(key)
        return None

    def vouches_for(self, key: Key, answer: Answer) -> bool:
        """Return whether this very answer is kept, and true at this instant."""
        return self._kept.holds(key, answer) and self._now() < answer.good_until

    async def made(self, key: Key, make: Make) -> Answer:
        """Have an answer made, or found where it is shared, once for all who ask meanwhile.

        What `make` raises is raised.
        """
        if (answer := self.kept(key)) is not None:
            return answer  # since whoever asks has looked
        flight = key, self._kept.tick
        if flight in self._flights:
            ANSWERS.add(_COALESCED)
        return (await self._flights.share(flight, lambda: self._made(key, make))).result

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget what rests on one of the subjects, and keep nothing of it that was begun before.

        Whoever asks from now on waits for no answer that was begun before.
        """
        named = [subject for each in subjects for subject in named_by(each)]
        if not named:
            return
        if ANY_ANSWER in named:
            self._kept.reset()
        else:
            self._kept.drop(named)

    def reset(self) -> None:
        """Forget everything: something may have changed unseen."""
        self._kept.reset()

    async def _made(self, key: Key, make: Make) -> Answer:
        making = partial(_counted, make)
        with self._kept.reading() as reading:
            shared = self._shared
            answer = await (making() if shared is None else shared.found_or_made(key, making))
            if answer.rests_on is not None:
                self._kept.put(key, answer, reading, weight=_weight(key, answer))
        return answer


def weight_of(key: Key) -> int:
    """Return the bytes of a key, about: texts may have four a character."""
    text, operation, variables, context = key
    return 4 * (len(text) + len(operation or "")) + len(variables) + len(context)


def _weight(key: Key, answer: Answer) -> int:
    subjects = _SUBJECT_BYTES * len(answer.rests_on or ())
    return len(answer.body) + weight_of(key) + subjects + _OVERHEAD_BYTES


async def _counted(make: Make) -> Answer:
    ANSWERS.add(_MADE)
    return await make()


def named_by(subject: Subject) -> Iterable[Subject]:
    """Return what answers may rest on of a subject that has changed."""
    if subject.startswith(_NOTHING):
        return
    if subject.startswith(_EVERYTHING):
        yield ANY_ANSWER
        return
    yield from widened(subject)
