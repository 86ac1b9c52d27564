"""What bounds whoever gives rights to others, and takes them: nobody gives more than they have.

An operator at the command line, and what Vitrine does by itself, are not bound by this.
"""

import uuid
from collections.abc import Collection, Iterable
from typing import Final, TypeAlias

from catalog.access import role_store, store
from catalog.access.assignments import roles_of
from catalog.access.roles import Action
from catalog.access.rules import Assignment, covers
from catalog.db import Connection
from catalog.errors import ConflictError, ForbiddenError

#: The roles of whoever gives; None: an operator, who may give all.
Giver: TypeAlias = Collection[Assignment] | None
ADMINISTRATOR: Final = "administrator"
_EVERYTHING: Final = Assignment(role=ADMINISTRATOR, actions=frozenset(Action))


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

    What they are allowed is by their roles, and by the keys with which they act or that they own:
    these end with them.

    Raises:
        ExceedsOwnRightsError: they are.
    """
    if giver is None:
        return
    keys = await store.keys_of(conn, [principal])
    allowed = [*await roles_of(conn, principal), *(one for key in keys for one in key.assignments)]
    if not all(covers(giver, each) for each in allowed):
        raise ExceedsOwnRightsError(
            "they may do more than you: an administrator changes them", field=field
        )


def check_gives_all(giver: Giver, *, field: str | None) -> None:
    """Refuse to anybody but an administrator what lets them come as somebody else.

    A login, an address to log in by, a key without scopes, the token of an identity provider: each
    allows all that the other is given later, so what they may do today does not bound it.

    Raises:
        ExceedsOwnRightsError: the giver may not do everything.
    """
    if giver is not None and not covers(giver, _EVERYTHING):
        raise ExceedsOwnRightsError(
            "it would allow all that they are given later: an administrator does this", field=field
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
