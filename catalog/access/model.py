"""Frozen values of access: scopes and API keys. Only `IssuedKey` knows a secret."""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from catalog.principal import Principal
from catalog.subjects import Subject


class Scope(StrEnum):
    """What an API key may do."""

    READ = "read"
    PREVIEW = "preview"
    MANAGE_PRODUCTS = "manage.products"
    MANAGE_MEDIA = "manage.media"
    MANAGE_RIGHTS = "manage.rights"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is stored.

    Attributes:
        name: unique among the keys that are not revoked.
        principal: who acts with it.
        owner: the principal who answers for it; None: nobody was named.
        expires_at: from when on it is refused.
        last_used_at: within a minute.
    """

    id: uuid.UUID
    name: str
    scopes: frozenset[Scope]
    principal: Principal
    owner: uuid.UUID | None = None
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def may(self, scope: Scope) -> bool:
        """Return whether the key has a scope; `admin` has all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A key at the one moment when its secret is known.

    Attributes:
        secret: what a client sends as `Authorization: Bearer`; it is shown once and not stored.
    """

    key: ApiKey
    secret: str = field(repr=False)


def hash_of(secret: str) -> bytes:
    """Return what is stored of a secret: SHA-256, since 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def api_key_subject(key_id: uuid.UUID) -> Subject:
    """Name an API key in the event log."""
    return Subject(f"api_key:{key_id}")
