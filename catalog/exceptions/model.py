"""Frozen values of the queue for people."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ExceptionState(StrEnum):
    """Whether somebody still has to look at it."""

    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedException:
    """Something that a person has to look at, however often it happened.

    Attributes:
        kind: such as `broken_source`.
        subject: what it is about, as events name it: `asset/7f3k2cq9`.
        cause: one sentence or code; other causes of the same subject are exceptions of their own.
    """

    id: int
    kind: str
    subject: str
    cause: str
    count: int
    state: ExceptionState
    first_at: datetime
    last_at: datetime
