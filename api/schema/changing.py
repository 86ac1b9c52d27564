"""How mutations change: one transaction, and on demand the wait until it is obeyed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from api.scene import RequestState
from api.schema.described import argument
from api.schema.payloads import DarkAt, MutationError, dark_at, mutation_error
from api.services import Services
from catalog.access.model import Scope
from catalog.errors import VitrineError
from catalog.events.commands import Change
from catalog.events.darkness import wait_until_dark

Command: TypeAlias = Callable[[Change], Awaitable[object]]

AwaitDark = Annotated[
    bool,
    argument(
        "Answer only when no gateway can deliver by the old rights any more, at most a lease "
        "later, and caches have confirmed the purge that follows, at most 2 s after that."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a change.

    Attributes:
        errors: why it was not made; empty: it was.
        dark_at: where that was asked for, and something changed.
    """

    errors: list[MutationError]
    dark_at: DarkAt | None = None


async def change_rights(state: RequestState, command: Command, *, await_dark: bool) -> Outcome:
    """Run a command of somebody who manages rights.

    Raises:
        UnauthenticatedError: there is no API key.
        ForbiddenError: it has not the scope `manage.rights`.
    """
    key = state.require(Scope.MANAGE_RIGHTS)
    try:
        async with state.services.changes.begin(key.name) as change:
            await command(change)
    except VitrineError as error:
        return Outcome(errors=[mutation_error(error)])
    dark = await darkness_of(change, state.services) if await_dark else None
    return Outcome(errors=[], dark_at=dark)


async def darkness_of(change: Change, services: Services) -> DarkAt | None:
    """Wait until a committed change is obeyed everywhere; None: it recorded nothing."""
    if not change.recorded:
        return None
    lease_s = services.settings.lease_s
    return dark_at(await wait_until_dark(services.pool, change.recorded, lease_s=lease_s))
