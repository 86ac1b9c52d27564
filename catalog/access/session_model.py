"""Frozen values of sessions. Only `IssuedSession` knows a secret."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from catalog.access.rules import Assignment
from catalog.principal import Principal
from catalog.subjects import Subject


class Login(StrEnum):
    """How a person logged in."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - a word, and none
    OIDC = "oidc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is logged in with a browser.

    Attributes:
        principal: the person.
        used_at: to the minute.
        ends_at: however much it is used.
        address: IP address of the browser at the login; None: it is not known.
        assignments: what the person may do.
    """

    id: uuid.UUID
    principal: Principal
    login: Login
    begun_at: datetime
    used_at: datetime
    ends_at: datetime
    address: str | None = None
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedSession:
    """A session at the one moment when its secret is known.

    Attributes:
        secret: what the browser sends as its cookie; it is not stored.
    """

    id: uuid.UUID
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimes:
    """How long sessions last.

    Attributes:
        lasts: from the login on, however much it is used.
        idle: since it was used last.
    """

    lasts: timedelta
    idle: timedelta


def session_subject(session_id: uuid.UUID) -> Subject:
    """Name a session in the event log."""
    return Subject(f"session:{session_id}")
