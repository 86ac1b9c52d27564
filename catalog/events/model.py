"""Facts in the past tense, and the subjects by which caches find what a fact touches."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, NewType

from catalog.errors import VitrineError, faults_of

#: What a cached decision or answer may rest on, as `kind:id`: `asset:7f3k2cq9`, `set:EU`.
Subject = NewType("Subject", str)


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


def asset_subject(public_id: str) -> Subject:
    """Name an asset by its public id."""
    return Subject(f"asset:{public_id}")


def licence_subject(public_id: str) -> Subject:
    """Name a licence by its public id."""
    return Subject(f"licence:{public_id}")


def collection_subject(code: str) -> Subject:
    """Name a collection by its code."""
    return Subject(f"collection:{code}")


def territory_set_subject(code: str) -> Subject:
    """Name a territory set by its code."""
    return Subject(f"set:{code}")


def channel_subject(code: str) -> Subject:
    """Name a channel by its code."""
    return Subject(f"channel:{code}")


def publication_subject(owner: str, channel: str) -> Subject:
    """Name the publication of a product (by public id) on a channel."""
    return Subject(f"publication:{owner}:{channel}")


def product_subject(public_id: str) -> Subject:
    """Name a product by its public id: what answers show of it, whatever the channel."""
    return Subject(f"product:{public_id}")


def asset_texts_subject(public_id: str) -> Subject:
    """Name what people read of an asset: it is in the graph's answers, and in no gateway's."""
    return Subject(f"texts:{public_id}")


def list_subject(channel: str) -> Subject:
    """Name every list of what is published on a channel; each publication there changes them."""
    return Subject(f"publications:{channel}")


def reference_subject(noun: str, code: str) -> Subject:
    """Name a market, a locale or a category by its code."""
    return Subject(f"{noun}:{code}")


def preset_subject(code: str) -> Subject:
    """Name every version of a preset by its code."""
    return Subject(f"preset:{code}")


def signing_key_subject(kid: str) -> Subject:
    """Name a signing key by its id."""
    return Subject(f"key:{kid}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact, ready to be appended in the transaction that made it true.

    Attributes:
        type: `noun.past_tense`, such as `rights.changed`.
        subject: the aggregate, as `kind/natural key or public id`.
        version: of the aggregate after the change (an epoch, a revision).
        subjects: what has to be dropped from caches and indexes; empty: nothing.
        data: thin: ids, epochs, reasons. Never a secret.
    """

    type: str
    subject: str
    version: int
    subjects: tuple[Subject, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in the log.

    Attributes:
        xid8: the transaction that wrote it, as text: visible to those whose snapshot holds it.
    """

    id: uuid.UUID
    seq: int
    xid8: str
    event: Event


class Touch(NamedTuple):
    """That a transaction recorded an event of a subject.

    Attributes:
        xid: of the transaction, an xid8.
    """

    subject: Subject
    xid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeTimes:
    """When the passes of a purge are due after the first, which is due at commit.

    Attributes:
        second_s: at the latest: lease + 1 s, when no gateway answers by what was before; at once
            when every gateway has applied the change.
        last_s: lease + send timeout + 5 s, when no older answer can be on its way.
    """

    second_s: float = 2.0
    last_s: float = 36.0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One record of a batch that was not applied, while its neighbours were.

    Attributes:
        index: its place in the batch, from 0.
        code, message, field: as a `VitrineError` carries them.
        faults: all that is wrong with it.
    """

    index: int
    code: str
    message: str
    field: str | None = None
    faults: tuple[VitrineError, ...] = ()

    @classmethod
    def of(cls, index: int, error: VitrineError) -> "Rejection":
        """Say of a record what an error says."""
        return cls(
            index=index,
            code=error.code,
            message=error.message,
            field=error.field,
            faults=tuple(faults_of(error)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a batch of upserts did. A second run of the same batch has only `unchanged`.

    Attributes:
        kept_approvals: assets that a record calls a draft, and that stay as a person approved them.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept_approvals: int = 0
    rejections: tuple[Rejection, ...] = ()
