"""Frozen values of tasks: what waits for a person, what was said of it, and what is asked for."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.errors import VitrineError
from catalog.reach import Reach


class TaskState(StrEnum):
    """Whether somebody still has to look at it; a snoozed task is open again by the instant."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said of a task."""

    text: str
    created_by: uuid.UUID
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that waits for a person, however often it happened.

    Attributes:
        id: of its row; the newest is the largest.
        kind: one of `catalog.tasks.kinds`, such as `broken_source`.
        subject: what it is about, as events name it: `asset/7f3k2cq9`; None: nothing stored.
        role: whose work it is.
        cause: one sentence or code; of a `todo` what is to be done. Each cause of a subject is a
            task of its own.
        snoozed_until: nobody has to look before; a past instant means nothing.
        escalated_at: when it was seen to be overdue, once.
        data: what its kind keeps besides.
        resolved_by: None, where it is resolved: its cause was gone.
        resolved_at: None: it is not done with.
    """

    id: int
    public_id: str
    revision: int
    kind: str
    subject: str | None
    role: str
    cause: str
    count: int
    assignee: uuid.UUID | None
    due_at: datetime | None
    snoozed_until: datetime | None
    escalated_at: datetime | None
    data: Mapping[str, Any]
    first_at: datetime
    last_at: datetime
    created_by: uuid.UUID | None
    resolved_by: uuid.UUID | None
    resolved_at: datetime | None
    resolution: str | None

    @property
    def is_resolved(self) -> bool:
        """Whether it is done with."""
        return self.resolved_at is not None

    def state_at(self, now: datetime) -> TaskState:
        """Return its state at an instant: what is snoozed ends by the instant alone."""
        if self.is_resolved:
            return TaskState.RESOLVED
        is_snoozed = self.snoozed_until is not None and now < self.snoozed_until
        return TaskState.SNOOZED if is_snoozed else TaskState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are asked for; what is None is not asked.

    Attributes:
        now: by which what is snoozed is told from what is open.
        without_kind: only of others.
        unassigned: only those that nobody has taken on.
        due_before: only those that are due, before this instant.
        first_before: only those that happened first before this instant.
        before: only those with smaller ids.
        reach: what they see who look.
    """

    now: datetime
    kind: str | None = None
    role: str | None = None
    state: TaskState | None = None
    assignee: uuid.UUID | None = None
    subject: str | None = None
    without_kind: str | None = None
    unassigned: bool | None = None
    due_before: datetime | None = None
    first_before: datetime | None = None
    before: int | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCount:
    """How many tasks of a kind and a role wait.

    Attributes:
        is_snoozed: nobody has to look at them now.
        overdue: of these those that were due before now.
    """

    kind: str
    role: str
    is_snoozed: bool
    count: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """What a person notes for people.

    Attributes:
        text: what is to be done.
        role: whose work it is.
    """

    text: str
    role: str
    subject: str | None = None
    assignee: uuid.UUID | None = None
    due_at: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What became of one of many ids.

    Attributes:
        task: as it is now; None: there is none, or it is not to be changed so.
        error: why not.
    """

    id: str
    task: Task | None = None
    error: VitrineError | None = None
