"""The one tree of domain errors.

Each carries a stable `code` that edges translate (HTTP status, GraphQL error, report line) and a
message that tells its reader what to do. Messages never contain secrets or internals.
"""

from typing import ClassVar


class VitrineError(Exception):
    """A failure that a caller can act on.

    Attributes:
        code: stable, upper snake case; listed in the README's table.
        message: one sentence for a person.
        field: the input that is at fault, where one is.
    """

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInputError(VitrineError):
    """The input breaks a rule of the domain."""

    code = "INVALID_INPUT"


class NotFoundError(VitrineError):
    """What was named does not exist, or the caller may not know that it does."""

    code = "NOT_FOUND"


class ConflictError(VitrineError):
    """The row changed since the caller read it (`expectedRevision`), or a natural key is taken."""

    code = "CONFLICT"


class ForbiddenError(VitrineError):
    """The caller is known and may not do this."""

    code = "FORBIDDEN"


class UnauthenticatedError(VitrineError):
    """No key, or one that does not exist or was revoked."""

    code = "UNAUTHENTICATED"


class UnavailableError(VitrineError):
    """A part that is needed (database, store) does not answer; trying again later may help."""

    code = "UNAVAILABLE"


class SettingsError(VitrineError):
    """The process must not start with these settings."""

    code = "SETTINGS"
