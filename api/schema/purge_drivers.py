"""How the purges of each CDN stand, for those who run Vitrine."""

from datetime import datetime
from enum import Enum

import strawberry

from api.schema.descriptions import graphql_enum, graphql_type
from catalog.purges.driver_store import CircuitState, DriverStatus


@graphql_enum
class PurgeCircuit(Enum):
    """Whether a CDN is asked to purge, left alone for a while, or tried.

    Attributes:
        CLOSED: It is asked, as it should be.
        OPEN: It failed again and again, and is left alone until the next try.
        HALF_OPEN: One purge tries whether it answers again.
    """

    CLOSED = CircuitState.CLOSED
    OPEN = CircuitState.OPEN
    HALF_OPEN = CircuitState.HALF_OPEN


@graphql_type
class PurgeDriver:
    """A CDN or a tier of caches that is purged."""

    name: str = strawberry.field(description="In the settings.")
    circuit: PurgeCircuit | None = strawberry.field(
        description="Whether it is asked; null: no purger has held it yet."
    )
    failures: int = strawberry.field(description="Requests without an answer, in a row.")
    since: datetime | None = strawberry.field(
        description="When the circuit was closed, or ceased to be."
    )
    next_try_at: datetime | None = strawberry.field(
        description="While the circuit is open: not before then."
    )
    last_error: str | None = strawberry.field(
        description="What it last refused or failed to do, however long ago."
    )
    due: int = strawberry.field(description="Purges (tag, cause, pass) due and not confirmed.")
    overdue_seconds: float = strawberry.field(
        description="Since when the oldest of them is due; 0: none is."
    )
    last_confirmed_at: datetime | None = strawberry.field(
        description="When a purge was last confirmed, in the last 90 days."
    )


def purge_driver_of(status: DriverStatus) -> PurgeDriver:
    """Make the type of a status."""
    return PurgeDriver(
        name=status.driver,
        circuit=PurgeCircuit(status.circuit) if status.circuit else None,
        failures=status.failures,
        since=status.since,
        next_try_at=status.next_try_at,
        last_error=status.last_error,
        due=status.due,
        overdue_seconds=status.overdue_s,
        last_confirmed_at=status.last_confirmed_at,
    )
