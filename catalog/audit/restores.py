"""Restores that an operator stated: what was kept elsewhere of seals that the database lost by one.

A statement is a row of the audit like others, and counts once a seal vouches for it. It names each
head that it explains by its MAC, so it explains no head that was made since.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from catalog.audit.seals import Head
from catalog.errors import InvalidInputError
from catalog.events.model import Event

#: What a statement is called in the audit.
RESTORE_STATED: Final = "audit.restore_stated"
#: Characters of a reason.
MAX_REASON: Final = 500
_HEADS_OF_A_ROW = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRestore:
    """A statement, as it is in the audit.

    Attributes:
        row: its id.
        by: who made it.
        heads: number and MAC of each seal that was lost.
    """

    row: int
    time: datetime
    by: uuid.UUID
    reason: str
    heads: frozenset[tuple[int, str]]


def restore_events(reason: str, lost: Iterable[Head]) -> list[Event]:
    """Return what to record of a restore.

    Args:
        reason: why there was one, for whoever reads the audit.
        lost: heads that were kept elsewhere, and that the database has not.

    Raises:
        InvalidInputError: the reason is empty or too long.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise InvalidInputError(
            f"say why there was a restore, in 1 to {MAX_REASON} characters", field="reason"
        )
    heads = sorted({(each.seal, each.mac) for each in lost})
    return [
        Event(
            type=RESTORE_STATED,
            subject="audit",
            version=1,
            data={"reason": reason, "heads": heads[at : at + _HEADS_OF_A_ROW]},
        )
        for at in range(0, len(heads), _HEADS_OF_A_ROW)
    ]


def read_restore(row: int, time: datetime, by: uuid.UUID, data: dict[str, Any]) -> StatedRestore:
    """Read a statement; what is no head in it explains none."""
    written: Any = data.get("heads")
    heads = cast("list[Any]", written) if isinstance(written, list) else []
    return StatedRestore(
        row=row,
        time=time,
        by=by,
        reason=str(data.get("reason", "")),
        heads=frozenset((each[0], each[1]) for each in heads if _is_head(each)),
    )


def _is_head(written: Any) -> bool:  # noqa: ANN401 - whatever JSON can hold
    return isinstance(written, list) and [type(part) for part in cast("list[Any]", written)] == [
        int,
        str,
    ]
