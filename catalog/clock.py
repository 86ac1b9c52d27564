"""Time: always UTC with its zone, always handed in, so that tests can hold it still."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

FAR_FUTURE = datetime.max.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)
