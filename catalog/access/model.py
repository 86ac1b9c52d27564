"""Frozen values of access: who asks, scopes and API keys. Only `IssuedKey` knows a secret."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from catalog.access.roles import SCOPES
from catalog.access.rules import Assignment
from catalog.principal import Principal
from catalog.subjects import Subject

_SECRET_BYTES = 32


class Scope(StrEnum):
    """What an API key may do: each is a role of `catalog/access/roles.py`."""

    READ = "read"
    PREVIEW = "preview"
    MANAGE_PRODUCTS = "manage.products"
    MANAGE_MEDIA = "manage.media"
    MANAGE_RIGHTS = "manage.rights"
    ADMIN = "admin"


class KeyState(StrEnum):
    """How far an API key is."""

    IN_USE = "in_use"
    REPLACED = "replaced"
    EXPIRED = "expired"
    ENDED = "ended"


_ASSIGNMENTS = {scope: Assignment(role=scope, actions=SCOPES[scope].actions) for scope in Scope}


class Identification(Protocol):
    """What somebody is known by: an API key, or whatever else is shown at a door."""

    @property
    def id(self) -> uuid.UUID:
        """Of the credential, by which its requests are counted."""
        ...

    @property
    def principal(self) -> Principal:
        """Who asks."""
        ...

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """What they may do with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is stored.

    Attributes:
        name: unique among the keys that are not revoked.
        scopes: empty: it may do what its principal may.
        principal: who acts with it.
        assignments: what may be done with it.
        owner: the principal who answers for it; None: nobody was named.
        expires_at: from when on it is refused.
        last_used_at: within a minute.
        replaced_at: when another took its name; it goes on until it expires.
        replaced_by: id of the other.
    """

    id: uuid.UUID
    name: str
    scopes: frozenset[Scope]
    principal: Principal
    assignments: tuple[Assignment, ...]
    owner: uuid.UUID | None = None
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    replaced_at: datetime | None = None
    replaced_by: uuid.UUID | None = None

    def state_at(self, now: datetime) -> KeyState:
        """Return how far a key is at an instant."""
        if self.revoked_at is not None:
            return KeyState.ENDED
        if self.expires_at is not None and self.expires_at <= now:
            return KeyState.EXPIRED
        return KeyState.IN_USE if self.replaced_at is None else KeyState.REPLACED


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A key at the one moment when its secret is known.

    Attributes:
        secret: what a client sends as `Authorization: Bearer`; it is shown once and not stored.
    """

    key: ApiKey
    secret: str = field(repr=False)


def assignments_of(scopes: frozenset[Scope]) -> tuple[Assignment, ...]:
    """Return what the scopes of a key allow."""
    return tuple(_ASSIGNMENTS[scope] for scope in sorted(scopes))


def new_secret(prefix: str = "") -> str:
    """Return a secret of 256 random bits that nobody has seen before, as text."""
    return prefix + secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """Return what is stored of a secret: SHA-256, since 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def api_key_subject(key_id: uuid.UUID) -> Subject:
    """Name an API key in the event log."""
    return Subject(f"api_key:{key_id}")
