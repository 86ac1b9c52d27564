"""Instants as an import states them: RFC 3339, a date alone, or relative to the import."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from catalog.clock import FAR_FUTURE, is_never, read_date, read_instant
from catalog.errors import InvalidInputError

_RELATIVE = re.compile(r"now(?:([+-]\d{1,6})([smhdw]))?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedInstant:
    """An instant as it was written; exactly one of the three is set.

    Attributes:
        instant: with its zone.
        day: a date alone: begins at midnight, ends at the following midnight; 9999-12-31: never.
        offset: from the instant of the import; resolved once, when the row is first stored.
    """

    instant: datetime | None = None
    day: date | None = None
    offset: timedelta | None = None

    def as_start(self, now: datetime, zone: tzinfo) -> datetime:
        """Return when something begins that begins with this instant.

        Raises:
            InvalidInputError: it is never.
        """
        if self._is_never:
            raise InvalidInputError("9999-12-31 means never: give an earlier beginning")
        return self._at(now, zone)

    def as_end(self, now: datetime, zone: tzinfo) -> datetime:
        """Return when something has ended that ends with this instant; `FAR_FUTURE`: never."""
        if self._is_never:
            return FAR_FUTURE
        if self.day is not None:
            return datetime.combine(self.day + timedelta(days=1), time(), zone)
        return self._at(now, zone)

    @property
    def _is_never(self) -> bool:
        stated = self.day or self.instant
        return stated is not None and is_never(stated)

    def _at(self, now: datetime, zone: tzinfo) -> datetime:
        if self.offset is not None:
            return now + self.offset
        if self.day is not None:
            return datetime.combine(self.day, time(), zone)
        assert self.instant is not None  # noqa: S101 - one of the three is set
        return self.instant


NOW = StatedInstant(offset=timedelta())
NEVER = StatedInstant(instant=FAR_FUTURE)

_FARTHEST = timedelta(days=36_525)
_YEARS = (*range(1900, 9001), 9999)  # 9999: never
_Dated = TypeVar("_Dated", date, datetime)


def _in_range(dated: _Dated) -> _Dated:
    if dated.year not in _YEARS:
        raise ValueError(dated)
    return dated


def parse_stated_instant(text: str) -> StatedInstant:
    """Read RFC 3339, a date alone, or `now`, `now-30d`, `now+20m` (s, m, h, d, w).

    Raises:
        InvalidInputError: it is none of these.
    """
    if relative := _RELATIVE.fullmatch(text):
        amount, unit = relative.groups()
        offset = timedelta(**{_UNITS[unit]: int(amount)}) if unit else timedelta()
        if abs(offset) > _FARTHEST:
            raise InvalidInputError(f"{text!r} is more than a hundred years away")
        return StatedInstant(offset=offset)
    try:
        if len(text) == len("2026-05-01"):
            return StatedInstant(day=_in_range(read_date(text)))
        instant = _in_range(read_instant(text))
    except ValueError as error:
        raise InvalidInputError(
            f"{text!r} is no instant (2026-05-01T12:00:00Z), no date (2026-05-01) from 1900 to "
            "9000, not 9999-12-31 (never) and nothing relative (now-30d)"
        ) from error
    if instant.tzinfo is None:
        raise InvalidInputError(f"{text!r} has no zone: end it with Z or an offset")
    return StatedInstant(instant=instant)
