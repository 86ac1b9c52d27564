"""Time: always UTC with its zone, always handed in, so that tests can hold it still."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The two clocks of a machine.

    Attributes:
        monotonic_s: seconds since some instant; ages and leases are measured by it alone.
        utc: what the machine holds for the time of day; may be wrong.
    """

    monotonic_s: Callable[[], float] = time.monotonic
    utc: Clock = utc_now
