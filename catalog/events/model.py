"""Facts in the past tense, and the log's answers about them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from catalog.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayIdentity:
    """What a gateway reports as.

    Attributes:
        id: of its row.
        secret: that only its process knows, by which the database knows it again.
    """

    id: uuid.UUID
    secret: uuid.UUID = field(repr=False)

    @classmethod
    def new(cls) -> "GatewayIdentity":
        """Make one that nobody else has."""
        return cls(id=uuid.uuid4(), secret=uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact, ready to be appended in the transaction that made it true.

    Attributes:
        type: `noun.past_tense`, such as `rights.changed`.
        subject: the aggregate, as `kind/natural key or public id`.
        version: of the aggregate after the change (an epoch, a revision).
        subjects: what has to be dropped from caches and indexes; empty: nothing.
        data: thin: ids, epochs, reasons. Never a secret.
        before, after: the whole thing as it was and as it is, dataclasses or mappings without
            secrets; None: there was, or is, none, or `data` says it all. Not in the log: the audit
            keeps what differs.
    """

    type: str
    subject: str
    version: int
    subjects: tuple[Subject, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    before: object | None = field(default=None, compare=False)
    after: object | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event in the log.

    Attributes:
        xid8: the transaction that wrote it, as text: visible to those whose snapshot holds it.
        at: when it was written, by the database's clock.
    """

    id: uuid.UUID
    seq: int
    xid8: str
    at: datetime
    event: Event


class Touch(NamedTuple):
    """That a transaction recorded an event of a subject.

    Attributes:
        xid: of the transaction, an xid8.
    """

    subject: Subject
    xid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAnswer:
    """What one question to the log brought.

    Attributes:
        now: the database's clock.
        snapshot: everything visible in it has been handled once this answer is applied.
        is_standby: true: the answer proves nothing about the primary.
        touches: of every event that became visible since the last applied answer.
        overdue_drivers: whose oldest purge is more than 60 s overdue.
    """

    now: datetime
    snapshot: str
    is_standby: bool
    touches: tuple[Touch, ...]
    overdue_drivers: frozenset[str]
