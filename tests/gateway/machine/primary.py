"""A primary in memory: transactions, what is visible to a snapshot, and every version of a row.

Only what a gateway can see of PostgreSQL is modelled, and `test_primary.py` holds it against the
real one: an event is new if it is visible now and was not in the snapshot before.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.events.model import FeedAnswer, Touch
from catalog.subjects import Subject

#: What the clock of the database showed when the loop's time was 0.
BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)


def instant(seconds: float) -> datetime:
    """Return what a clock that is right shows at a time of the loop."""
    return BEGINNING + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What `pg_current_snapshot()` returns.

    Attributes:
        xmax: the first transaction that had not begun.
        running: those that had, and had not ended.
    """

    xmax: int
    running: frozenset[int]

    @property
    def xmin(self) -> int:
        return min(self.running, default=self.xmax)

    def sees(self, xid: int) -> bool:
        """`pg_visible_in_snapshot`."""
        return xid < self.xmax and xid not in self.running

    @classmethod
    def parse(cls, text: str) -> "Snapshot":
        _, xmax, running = text.split(":")
        return cls(int(xmax), frozenset(map(int, filter(None, running.split(",")))))

    def __str__(self) -> str:
        return f"{self.xmin}:{self.xmax}:{','.join(map(str, sorted(self.running)))}"


@dataclass(slots=True)
class Transaction:
    """An open transaction: what it will have changed, and whom it tells."""

    xid: int
    writes: dict[str, Any]
    subjects: tuple[Subject, ...]


@dataclass(slots=True)
class VersionedRow:
    """The committed versions of one row; `since_s[n]` is when `values[n]` was committed."""

    since_s: list[float] = field(default_factory=list[float])
    values: list[Any] = field(default_factory=list[Any])

    def between(self, start_s: float) -> list[tuple[float, Any]]:
        """Return the versions that were true at some instant since then, with their own begin.

        At an instant of a commit both are true: a snapshot may have been taken just before it.
        """
        first = max(0, bisect_left(self.since_s, start_s) - 1)
        return list(zip(self.since_s[first:], self.values[first:], strict=True))


class Primary:
    """The database, by the loop's time; its clock is right by definition."""

    def __init__(self, rows: Mapping[str, Any]) -> None:
        self.rows = {key: VersionedRow([-float("inf")], [value]) for key, value in rows.items()}
        self.listeners: list[Callable[[], None]] = []
        self._next_xid = 1
        self._open: dict[int, Transaction] = {}
        self._committed: dict[int, tuple[Subject, ...]] = {}

    @property
    def now_s(self) -> float:
        return asyncio.get_running_loop().time()

    def read(self, key: str) -> Any:  # noqa: ANN401 - whatever the row holds
        """Return the committed value of a row."""
        return self.rows[key].values[-1]

    def is_locked(self, key: str) -> bool:
        """Whether an open transaction has changed the row: another one would have to wait."""
        return any(key in each.writes for each in self._open.values())

    def begin(self, writes: Mapping[str, Any], *subjects: Subject) -> Transaction:
        """Write rows and an event that names subjects; nobody sees it before the commit."""
        assert not any(self.is_locked(key) for key in writes)
        transaction = Transaction(self._next_xid, dict(writes), subjects)
        self._next_xid += 1
        self._open[transaction.xid] = transaction
        return transaction

    def commit(self, transaction: Transaction) -> None:
        """Make it visible, and wake the listeners."""
        del self._open[transaction.xid]
        self._committed[transaction.xid] = transaction.subjects
        for key, value in transaction.writes.items():
            self.rows[key].since_s.append(self.now_s)
            self.rows[key].values.append(value)
        for notify in self.listeners:
            notify()

    def roll_back(self, transaction: Transaction) -> None:
        """Undo it."""
        del self._open[transaction.xid]

    def ask(self, applied: str | None) -> FeedAnswer:
        """Answer as `ASK_SQL` does."""
        now = Snapshot(self._next_xid, frozenset(self._open))
        before = now if applied is None else Snapshot.parse(applied)
        named = {
            Touch(subject, xid): None
            for xid, subjects in self._committed.items()
            if xid >= before.xmin and not before.sees(xid)
            for subject in subjects
        }
        return FeedAnswer(
            now=instant(self.now_s),
            snapshot=str(now),
            is_standby=False,
            touches=tuple(named),
            overdue_drivers=frozenset(),
        )
