"""Replays answers against the history of rights, in chunks, and adds up what came of it."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from catalog.db import Connection
from catalog.graph.history import (
    load_channel_rules,
    load_histories,
    load_key_revocations,
    load_window_histories,
)
from gateway.proof.answers import LoggedAnswer
from gateway.proof.judge import DELIVERED, AnswerVerdict, Judge, Judgement, Records

_CHUNK = 20_000
_KEPT = 1_000
#: Rows are dated when they are written and seen when they are committed.
TRANSACTION_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """How long after a change an answer may rest on what was before it.

    Attributes:
        answers: of gateways and authorising edges: their lease.
        hits: of caches that do not ask: until the last purge has been done.
    """

    answers: timedelta
    hits: timedelta


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a replay found.

    Attributes:
        judged: answers of gateways.
        delivered: those of them that deliver, or let an authorising edge deliver; no redirects.
        leaves: the latter alone.
        kept: leaves that the edge may use again and again for a while.
        edge_hits: deliveries in the logs of authorising edges, whether or not they asked for each.
        hits: of caches that do not ask.
        late: right by what was on record within the tolerance.
        latest: the longest time between a change and such an answer.
        wrongly_denied: though all that was on record allowed it.
        incidents: how many; `worst` are the longest overdue of them.
        first, last: the instants that the answers span.
        edge_first, edge_last: those that the logs of authorising edges span.
    """

    judged: int = 0
    delivered: int = 0
    leaves: int = 0
    kept: int = 0
    edge_hits: int = 0
    hits: int = 0
    late: int = 0
    latest: timedelta = timedelta()
    wrongly_denied: int = 0
    incidents: int = 0
    first: datetime | None = None
    last: datetime | None = None
    edge_first: datetime | None = None
    edge_last: datetime | None = None
    worst: list[tuple[timedelta, int, LoggedAnswer, Judgement]] = field(
        default_factory=list[tuple[timedelta, int, LoggedAnswer, Judgement]]
    )

    def add(self, answer: LoggedAnswer, judgement: Judgement) -> None:
        """Count one answer."""
        delivers = answer.entry.status in DELIVERED
        match answer.source:
            case "cdn":
                self.hits += 1
            case "edge":
                self.edge_hits += delivers
                self.edge_first = min(self.edge_first or answer.at, answer.at)
                self.edge_last = max(self.edge_last or answer.at, answer.at)
            case "gateway":
                self.judged += 1
                self.delivered += delivers
                self.leaves += delivers and answer.entry.how == "leave"
                self.kept += bool(answer.usable_for)
        self.first = min(self.first or answer.at, answer.at)
        self.last = max(self.last or answer.at, answer.at)
        match judgement.verdict:
            case AnswerVerdict.LATE:
                self.late += 1
                self.latest = max(self.latest, _overdue(judgement))
            case AnswerVerdict.WRONGLY_DENIED:
                self.wrongly_denied += 1
            case AnswerVerdict.INCIDENT:
                self.incidents += 1
                entry = (_overdue(judgement), self.incidents, answer, judgement)
                push = heapq.heappush if len(self.worst) < _KEPT else heapq.heappushpop
                push(self.worst, entry)
            case AnswerVerdict.RIGHT:
                pass


def _overdue(judgement: Judgement) -> timedelta:
    """Return how long nothing had allowed it; the longest, if nothing ever did."""
    if judgement.verdict is AnswerVerdict.LATE and judgement.dark_since is None:
        return timedelta()  # a denial: what came late is the light
    return timedelta.max if judgement.overdue is None else judgement.overdue


async def replay(
    conn: Connection,
    answers: Iterable[LoggedAnswer],
    tolerances: Tolerances,
    *,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Judge every answer.

    Args:
        conn: to the database that holds the history.
        answers: in any order.
        tolerances: of the gateways' lease and the caches' purges.
        on_progress: called with how many more answers have been judged.
    """
    tally = Tally()
    for chunk in _chunks(iter(answers)):
        judge = Judge(
            records=await _load_records(conn, chunk),
            tolerance=tolerances.answers,
            hit_tolerance=tolerances.hits,
        )
        for answer in chunk:
            tally.add(answer, judge.judge(answer))
        on_progress(len(chunk))
    tally.worst.sort(reverse=True, key=lambda each: each[:2])
    return tally


async def _load_records(conn: Connection, chunk: Sequence[LoggedAnswer]) -> Records:
    owners = {each.entry.owner for each in chunk} - {None}
    return Records(
        histories=await load_histories(conn, list({each.entry.asset for each in chunk})),
        windows=await load_window_histories(conn, [owner for owner in owners if owner]),
        rules=await load_channel_rules(conn),
        revocations=await load_key_revocations(conn),
    )


def _chunks(answers: Iterator[LoggedAnswer]) -> Iterator[list[LoggedAnswer]]:
    while chunk := list(islice(answers, _CHUNK)):
        yield chunk
