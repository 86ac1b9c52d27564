"""Time: always UTC with its zone, always handed in, so that tests can hold it still."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
