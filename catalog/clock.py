"""Time: always UTC with its zone, always handed in, so that tests can hold it still."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

FAR_FUTURE = datetime.max.replace(tzinfo=UTC)
_LAST_YEAR = 9999

# `fromisoformat` reads weeks, too, and dates without hyphens
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*", re.ASCII)


def utc_now() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def read_date(text: str) -> date:
    """Read a full date (RFC 3339, section 5.6), such as 2026-05-01.

    Raises:
        ValueError: it is none: another form, a week, or a day that no calendar has.
    """
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def read_instant(text: str) -> datetime:
    """Read a date and a time, with their zone if one is stated: 2026-05-01T12:00:00Z.

    Raises:
        ValueError: it is none.
    """
    if not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper())


def is_never(end: date) -> bool:
    """Whether an end means that there is none: SAP and DAMs write 9999-12-31."""
    return end.year == _LAST_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The two clocks of a machine.

    Attributes:
        monotonic_s: seconds since some instant; ages and leases are measured by it alone.
        utc: what the machine holds for the time of day; may be wrong.
    """

    monotonic_s: Callable[[], float] = time.monotonic
    utc: Clock = utc_now


#: By how much two clocks may part in a second. Quartz is off by some 50 in a million and may be
#: slewed; 200 is what TrueTime allows for (J. C. Corbett et al., Spanner, 2012, section 3).
DRIFT = 200e-6
_ROUNDING_S = 2e-6  # of instants in whole microseconds


class _Bounds:
    """Between which a number lies that hardly changes, by all measurements of it."""

    def __init__(self) -> None:
        self._low_s = -float("inf")
        self._high_s = float("inf")
        self._heard_s = 0.0

    def narrow(self, low_s: float, high_s: float, *, now_s: float) -> None:
        """Narrow them; where both cannot be true the clock was set, and the newer one is."""
        drift_s = self._drift_s(now_s)
        low_s, high_s = low_s - _ROUNDING_S, high_s + _ROUNDING_S
        low = max(low_s, self._low_s - drift_s)
        high = min(high_s, self._high_s + drift_s)
        self._low_s, self._high_s = (low, high) if low <= high else (low_s, high_s)
        self._heard_s = now_s

    @property
    def middle_s(self) -> float:
        """Return the best guess."""
        return (self._low_s + self._high_s) / 2

    def error_s(self, now_s: float) -> float:
        """Return how far that may be off by now, if nothing more is measured."""
        return (self._high_s - self._low_s) / 2 + self._drift_s(now_s)

    def _drift_s(self, now_s: float) -> float:
        return DRIFT * (now_s - self._heard_s)


class ClockOffset:
    """How far another machine's clock is ahead of ours, by all of its answers.

    An answer came about at some instant between its question and its arrival, so each bounds the
    offset, a quick one narrowly. Bounds are only ever narrowed: an answer that was read late, since
    this process was busy, says little and moves nothing (F. Cristian, Probabilistic clock
    synchronization, 1989). All is measured by the monotonic clock, so that setting ours does not
    count as a change of theirs.
    """

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._begin = clocks.utc()
        self._theirs = _Bounds()  # less the monotonic clock
        self._ours = _Bounds()
        self.value = timedelta()

    @property
    def error_s(self) -> float:
        """Return how far it may be off; infinite before the first answer.

        It grows from answer to answer, by the drift of clocks and by whatever ours was set.
        """
        low_s, high_s = self._read_ours()
        theirs_s = self._theirs.error_s(self._clocks.monotonic_s())
        if theirs_s == float("inf"):
            return theirs_s
        used_s = self._ours.middle_s
        return theirs_s + max(abs(low_s - used_s), abs(high_s - used_s))

    def add_answer(self, answered: datetime, *, asked_s: float, came_s: float) -> None:
        """Take an answer.

        Args:
            answered: what the other clock said.
            asked_s: when the question left, by the monotonic clock.
            came_s: when the answer was read.
        """
        theirs_s = (answered - self._begin).total_seconds()
        self._theirs.narrow(theirs_s - came_s, theirs_s - asked_s, now_s=came_s)
        low_s, high_s = self._read_ours()
        self._ours.narrow(low_s, high_s, now_s=self._clocks.monotonic_s())
        self.value = timedelta(seconds=self._theirs.middle_s - self._ours.middle_s)

    def _read_ours(self) -> tuple[float, float]:
        """Return between which our clock, less the monotonic one, is."""
        before_s = self._clocks.monotonic_s()
        ours_s = (self._clocks.utc() - self._begin).total_seconds()
        after_s = self._clocks.monotonic_s()
        return ours_s - after_s, ours_s - before_s
