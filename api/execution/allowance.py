"""What one operation may still take: asked every so many fields while its answer is made.

Fields are resolved without waiting, so nothing from outside can end them.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from catalog.errors import InvalidInputError, UnavailableError

#: Fields that an answer may really have: lists that are not paged are as long as they are.
MAX_FIELDS: Final = 200_000


class TimedOutError(UnavailableError):
    """The operation took longer than one request is given."""

    code = "TIMED_OUT"


class AnswerTooLargeError(InvalidInputError):
    """The answer is larger than one request is given."""

    code = "ANSWER_TOO_LARGE"


#: Whatever else an answer holds, it is not given.
ENDED: Final = (TimedOutError, AnswerTooLargeError)


@dataclass(slots=True, kw_only=True)
class Allowance:
    """Of one operation, or of one event of a subscription.

    Attributes:
        limit_s: seconds that it may take.
        most_bytes: of its answer.
        fields: that its answer may still have.
        monotonic: seconds.
    """

    limit_s: float
    most_bytes: int
    fields: int = MAX_FIELDS
    monotonic: Callable[[], float] = time.monotonic
    _ends_at_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        self._ends_at_s = self.monotonic() + self.limit_s

    @property
    def left_s(self) -> float:
        """Return how many seconds are left of its time; negative: it is over."""
        return self._ends_at_s - self.monotonic()

    def take(self, fields: int) -> None:
        """Note that so many fields were made.

        Raises:
            TimedOutError: the time is over.
            AnswerTooLargeError: those were too many.
        """
        self.fields -= fields
        if self.fields < 0:
            raise AnswerTooLargeError(
                f"the answer has more than {MAX_FIELDS:,} fields: ask for smaller pages, or for "
                "less of each row"
            )
        if self.left_s < 0:
            raise self.timed_out()

    def timed_out(self) -> TimedOutError:
        """Return what is said once the time is over."""
        return TimedOutError(
            f"the operation took longer than {self.limit_s:g} s: ask for less at once"
        )

    def check_size(self, size: int) -> None:
        """Refuse an answer of more bytes than are allowed.

        Raises:
            AnswerTooLargeError: it has more.
        """
        if size > self.most_bytes:
            raise AnswerTooLargeError(
                f"the answer is larger than {self.most_bytes / 1_048_576:g} MiB: ask for smaller "
                "pages, or for less of each row"
            )
