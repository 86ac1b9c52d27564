"""The one tree of domain errors.

Each carries a stable `code` that edges translate (HTTP status, GraphQL error, report line) and a
message that tells its reader what to do. Messages never contain secrets or internals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A rule that a value breaks, and which value it is.

    Attributes:
        rule: `type`, a key of the attribute's validation, or `options`, `product`, `unit`,
            `currency`, `html`, `columns`.
        given: what was given, shortened to 200 characters.
    """

    attribute: str
    locale: str | None
    market: str | None
    channel: str | None
    rule: str
    given: str


class VitrineError(Exception):
    """A failure that a caller can act on.

    Attributes:
        code: stable, upper snake case; listed in `docs/errors.md`.
        message: one sentence for a person.
        field: the input that is at fault, where one is.
        broken: the rule that is broken, where a value is at fault.
    """

    code: ClassVar[str] = "INTERNAL"
    broken: BrokenRule | None = None

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInputError(VitrineError):
    """The input breaks a rule of the domain."""

    code = "INVALID_INPUT"


class UnknownNameError(InvalidInputError):
    """A record names another that does not exist, or that lacks what is asked of it.

    Attributes:
        named: what it needs, each as type and key of a record.
    """

    def __init__(
        self, message: str, *, field: str | None, named: tuple[tuple[str, str], ...]
    ) -> None:
        super().__init__(message, field=field)
        self.named = named


class SeveralFaultsError(InvalidInputError):
    """More than one thing is wrong; it speaks as the first of them.

    Attributes:
        faults: all of them.
    """

    def __init__(self, faults: Sequence[VitrineError]) -> None:
        super().__init__(faults[0].message, field=faults[0].field)
        self.code = faults[0].code  # pyright: ignore[reportAttributeAccessIssue] - of this one alone
        self.faults = tuple(faults)


class Faults(list[VitrineError]):
    """Gathers what is wrong with one record, so that one answer names all of it.

    `with faults:` around a check keeps what it raises; `refuse_any` raises what was kept.
    """

    def __enter__(self) -> None:
        """Begin a check."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        """Keep what a check raised, and go on."""
        if not isinstance(error, VitrineError):
            return False
        told = {(each.field, each.message) for each in self}
        self.extend(each for each in faults_of(error) if (each.field, each.message) not in told)
        return True

    def as_one(self) -> VitrineError:
        """Return one error that has all that was kept."""
        return self[0] if len(self) == 1 else SeveralFaultsError(self)

    def refuse_any(self) -> None:
        """Raise what was kept.

        Raises:
            VitrineError: the only fault, or one that has all.
        """
        if self:
            raise self.as_one()


def faults_of(error: VitrineError) -> Sequence[VitrineError]:
    """Return all faults of an error."""
    return error.faults if isinstance(error, SeveralFaultsError) else (error,)


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
