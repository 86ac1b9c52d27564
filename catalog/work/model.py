"""Frozen values of work: how far it is, what became of its rows, and the files it is given."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from catalog.errors import ConflictError, VitrineError


class WorkState(StrEnum):
    """How far it is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done, unless somebody has it retried."""
        return self not in {WorkState.QUEUED, WorkState.RUNNING}


class RowState(StrEnum):
    """What became of a row."""

    DONE = "done"
    FAILED = "failed"


class WorkCancelledError(VitrineError):
    """Somebody wants no more of the work that is being done; the batch is undone."""

    code = "CANCELLED"


class WorkTakenOverError(ConflictError):
    """Another relay does this work now, since this one gave no sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A job of the relay that may take long.

    Attributes:
        id: of its row; the newest is the largest.
        kind: such as `import`.
        done: rows that are committed.
        total: rows that there are; None: nobody has counted yet.
        failed: of those that are done.
        counts: what came of each type of row, such as `products.created`.
        cause: why it failed, for a person.
        args: what its kind was told.
        position: where its kind goes on after the last commit; None: at the start.
        attempt: how often it was begun.
        result_key: of its result file in the object store; None: there is none.
        result_name: what whoever takes the file home saves it as.
    """

    id: int
    public_id: str
    revision: int
    kind: str
    state: WorkState
    done: int
    total: int | None
    failed: int
    counts: Mapping[str, int]
    cause: str | None
    args: Mapping[str, Any]
    position: Mapping[str, Any] | None
    attempt: int
    cancel_asked_at: datetime | None
    result_key: str | None
    result_name: str | None
    started_by: uuid.UUID
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None

    @property
    def result_keys(self) -> list[str]:
        """Where the object store has the result file of each attempt, the present one's last."""
        return [f"works/{self.public_id}-{number}" for number in range(1, self.attempt + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """What became of one row of a work.

    Attributes:
        number: of the row; unique in its work.
        subject: what it is about, for a person.
        code, message: why it failed.
        source: the row as it was given.
    """

    number: int
    state: RowState
    subject: str | None = None
    code: str | None = None
    message: str | None = None
    source: str | None = None


class RowsWanted(NamedTuple):
    """Which rows of works are wanted, as they are asked for.

    Attributes:
        state: only those; None: all.
        first: at most so many; None: the usual.
        after: the cursor behind which they begin; None: at the start.
    """

    state: RowState | None
    first: int | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkProgress:
    """How far a work is once a batch is committed.

    Attributes:
        done, failed, total, counts: as `Work` has them.
        position: where to go on.
    """

    done: int
    failed: int
    total: int | None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    position: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file for work to read.

    Attributes:
        name: as whoever brought it calls it.
        bytes: None: it has not come yet.
    """

    public_id: str
    name: str
    bytes: int | None
    created_by: uuid.UUID
    created_at: datetime

    @property
    def key(self) -> str:
        """Where the object store has it."""
        return f"uploads/{self.public_id}"
