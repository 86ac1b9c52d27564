"""A failure that lasts is logged at most every ten seconds, with how often it came meanwhile."""

import logging
import time
from collections.abc import Callable
from typing import Any, cast

EVERY_S = 10.0
MOST_KINDS = 1_024
#: What tells one try from the next, and nothing about what fails.
_OF_ONE_TRY = frozenset({"timestamp", "request_id", "batch", "stack"})
#: How the names end of numbers that do not measure: `job_id`.
_NAMING = frozenset({"id", "errno", "status"})


class RepeatFilter(logging.Filter):
    """Holds back what was logged within the last ten seconds: warnings and worse.

    Two lines are alike if they say the same of the same: numbers that measure (durations, counts,
    attempts) and ids of a try may differ, names and ids of what failed (a driver, a job) may not.
    What failed of a single request with a stack is always logged, for its id finds it.

    Args:
        monotonic_s: a clock.
    """

    def __init__(self, *, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic_s = monotonic_s
        self._logged: dict[int, tuple[float, int]] = {}  # when, and how many were held back since

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is logged; one that is says how many like it were not."""
        kind = _kind_of(record) if record.levelno >= logging.WARNING else None
        if kind is None:
            return True
        now_s = self._monotonic_s()
        logged_at, held_back = self._logged.pop(kind, (-EVERY_S, 0))
        if now_s - logged_at < EVERY_S:
            self._logged[kind] = logged_at, held_back + 1
            return False
        if len(self._logged) >= MOST_KINDS:
            del self._logged[next(iter(self._logged))]
        self._logged[kind] = now_s, 0
        if held_back:
            _add(record, held_back)
        return True


def _kind_of(record: logging.LogRecord) -> int | None:
    """Return what is the same of lines that are alike; None: each is logged."""
    event = _event_of(record)
    if event is None:
        return hash((record.name, record.levelno, record.getMessage(), _failure(record)))
    if "request_id" in event and "exception" in event:
        return None
    words = [
        (name, str(value).strip().rpartition("\n")[2] if name == "exception" else str(value))
        for name, value in event.items()
        if name not in _OF_ONE_TRY and not _measures(name, value)
    ]
    return hash((record.name, record.levelno, *words))


def _measures(name: str, value: object) -> bool:
    """Whether a field may differ between two lines that are alike."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return name.rpartition("_")[2] not in _NAMING
    return isinstance(value, dict)  # counts, by what is counted


def _event_of(record: logging.LogRecord) -> dict[str, Any] | None:
    """Return an event of our own code; None: a library says it."""
    message: Any = record.msg
    return cast("dict[str, Any]", message) if isinstance(message, dict) else None


def _failure(record: logging.LogRecord) -> str:
    return repr(record.exc_info[1]) if record.exc_info else ""


def _add(record: logging.LogRecord, held_back: int) -> None:
    event = _event_of(record)
    if event is not None:
        record.msg = {**event, "repeated": held_back}
    else:
        record.msg, record.args = f"{record.getMessage()} (and {held_back} times more)", ()
