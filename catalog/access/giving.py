"""What bounds whoever gives rights to others, and takes them: nobody gives more than they have.

An operator at the command line, and what Vitrine does by itself, are not bound by this.
"""

import uuid
from collections.abc import Collection, Iterable
from typing import Final, TypeAlias

from catalog.access import role_store
from catalog.access.assignments import roles_of
from catalog.access.rules import Assignment, covers
from catalog.db import Connection
from catalog.errors import ConflictError, ForbiddenError

#: The roles of whoever gives; None: an operator, who may give all.
Giver: TypeAlias = Collection[Assignment] | None
ADMINISTRATOR: Final = "administrator"


class ExceedsOwnRightsError(ForbiddenError):
    """Somebody would give more than they have, or change somebody who may do more than they."""

    code = "EXCEEDS_OWN_RIGHTS"


class LastAdministratorError(ConflictError):
    """Nobody could manage people any more."""

    code = "LAST_ADMINISTRATOR"


def check_gives_own(giver: Giver, given: Iterable[Assignment], *, field: str) -> None:
    """Refuse what allows more than the giver is allowed.

    Raises:
        ExceedsOwnRightsError: it does.
    """
    if giver is None:
        return
    for each in given:
        if not covers(giver, each):
            raise ExceedsOwnRightsError(
                f"{each.role!r} allows more than you may do yourself: an administrator gives it",
                field=field,
            )


async def check_reaches(
    conn: Connection, giver: Giver, principal: uuid.UUID, *, field: str
) -> None:
    """Refuse to change somebody who is allowed more than whoever changes them.

    Raises:
        ExceedsOwnRightsError: they are.
    """
    if giver is None:
        return
    if not all(covers(giver, each) for each in await roles_of(conn, principal)):
        raise ExceedsOwnRightsError(
            "they may do more than you: an administrator changes them", field=field
        )


async def check_not_the_last(conn: Connection, principal: uuid.UUID, *, field: str) -> None:
    """Refuse to end the last administrator, or to take the role from them.

    Until the transaction ends nobody else can end another one.

    Raises:
        LastAdministratorError: nobody else in use is one, everywhere.
    """
    if await role_store.lock_administrators(conn) == {principal}:
        raise LastAdministratorError(
            f"they are the last {ADMINISTRATOR}: give somebody else the role first", field=field
        )
