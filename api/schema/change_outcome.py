"""How mutations change: one transaction, and on demand the wait until it is obeyed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import structlog

from api.request.scene import RequestState
from api.schema.descriptions import argument
from api.schema.payloads import DarkAt, MutationError, dark_at, mutation_error
from catalog.changes import Change
from catalog.db import DATABASE_FAILED
from catalog.errors import VitrineError
from catalog.purges import darkness

#: Makes nothing dark.
_BROUGHT_BACK = "asset.reinstated"

log = structlog.get_logger(__name__)

#: What is left of a request's time for its answer.
_ANSWER_S = 0.5

Command: TypeAlias = Callable[[Change], Awaitable[object]]

AwaitDark = Annotated[
    bool,
    argument(
        "Answer only when no gateway can deliver by the old rights any more, at most a lease "
        "later, and caches have confirmed the purge that follows, at most 2 s after that, and no "
        "longer than a request may take."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOutcome:
    """What became of a change.

    Attributes:
        errors: why it was not made; empty: it was.
        dark_at: where that was asked for, and something changed.
    """

    errors: list[MutationError]
    dark_at: DarkAt | None = None


async def change_rights(
    state: RequestState, command: Command, *, await_dark: bool
) -> ChangeOutcome:
    """Run a command of somebody who manages rights.

    Raises:
        UnauthenticatedError: nobody knows who asks.
        ForbiddenError: no role of theirs allows it.
    """
    try:
        async with state.change() as change:
            await command(change)
    except VitrineError as error:
        return ChangeOutcome(errors=[mutation_error(error)])
    dark = await _darkness_of(change, state) if await_dark else None
    if dark is not None and change.recorded[0].event.type != _BROUGHT_BACK:
        await _keep(state, change, dark)
    return ChangeOutcome(errors=[], dark_at=dark_at(dark))


async def _keep(state: RequestState, change: Change, dark: darkness.DarkAt) -> None:
    """Record when a change was obeyed; what was changed is answered even if that fails."""
    try:
        async with state.change() as later:
            await later.record(darkness.obeyed(change.recorded, dark))
    except (VitrineError, *DATABASE_FAILED) as error:
        log.warning("darkness_not_kept", events=len(change.recorded), error=str(error))


async def darkness_of(change: Change, state: RequestState) -> DarkAt | None:
    """Wait until a committed change is obeyed everywhere; None: it recorded nothing."""
    return dark_at(await _darkness_of(change, state))


async def _darkness_of(change: Change, state: RequestState) -> darkness.DarkAt | None:
    """Wait for a change.

    Edges are waited for while there is time to answer: what was changed is not answered by an
    error only because they are slow.
    """
    if not change.recorded:
        return None
    return await darkness.wait_until_dark(
        state.services.pool,
        change.recorded,
        lease_s=state.services.settings.lease_s,
        within_s=state.allowance.left_s - _ANSWER_S,
    )
