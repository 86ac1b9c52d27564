"""How the house stands: its processes, its database, its store, and what waits."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from api.documents.declared import STORED
from api.request.scene import Info
from api.request.services import Services
from api.schema.descriptions import allowed, graphql_enum, graphql_field, graphql_type
from catalog.access.roles import Action
from catalog.errors import VitrineError
from catalog.events import process_store
from catalog.graph import health as graph
from catalog.purges.driver_store import statuses
from serving.heartbeat import BEAT_S

#: After so many seconds without a report a process is taken for gone.
SILENT_S: Final = 3 * BEAT_S
_STORE_S = 2.0
_PROBE = "health/probe"


@graphql_enum
class ProcessKind(Enum):
    """What a process does.

    Attributes:
        API: It answers this.
        GATEWAY: It delivers pictures.
        PURGER: It clears CDNs.
        RELAY: It does what may take long.
    """

    API = "api"
    GATEWAY = "gateway"
    PURGER = "purger"
    RELAY = "relay"


@graphql_type
class ProcessProblem:
    """What keeps a process from being ready."""

    check: str = strawberry.field(description="Which check says so, such as `feed`.")
    message: str = strawberry.field(description="What is missing.")


@graphql_type
class ReportedProcess:
    """A process as it last said that it stands."""

    id: strawberry.ID = strawberry.field(description="Of its run; it has another when it restarts.")
    kind: ProcessKind = strawberry.field(description="What it does.")
    version: str = strawberry.field(description="Of Vitrine.")
    host: str = strawberry.field(description="The name of its machine.")
    started_at: datetime = strawberry.field(description="When it started.")
    reported_at: datetime = strawberry.field(description="When it last said so.")
    is_ready: bool = strawberry.field(description="Whether it said so lately, and was ready.")
    is_silent: bool = strawberry.field(
        description=f"Whether it has said nothing for {SILENT_S:g} s: it has died, or reaches the "
        "database no more. It is forgotten after a day."
    )
    problems: list[ProcessProblem] = strawberry.field(
        description="What kept it from being ready.", metadata=STORED.metadata
    )
    feed_lag_seconds: float | None = strawberry.field(
        description="Since when it knew nothing of the event log; null: it follows none."
    )


@graphql_type
class DatabaseHealth:
    """How the database stands."""

    version: str = strawberry.field(description="Of PostgreSQL.")
    mebibytes: float = strawberry.field(description="On its disk.")
    connections: int = strawberry.field(description="That are open.")
    most_connections: int = strawberry.field(description="That it takes.")


@graphql_type
class StoreHealth:
    """How the object store stands."""

    is_reachable: bool = strawberry.field(description="Whether it answers this api.")
    problem: str | None = strawberry.field(description="Why not; null: it does.")


@graphql_type
class QueueHealth:
    """How the queue of jobs stands, that relays work on."""

    waiting: int = strawberry.field(description="Jobs that are due, and that none has begun.")
    oldest_at: datetime | None = strawberry.field(
        description="Since when the oldest of them waits; null: none does."
    )
    running: int = strawberry.field(description="Jobs that a relay does.")
    failed: int = strawberry.field(description="Jobs that failed, and are kept for a look.")


@graphql_type
class PurgeHealth:
    """How the purges of all CDNs stand together; `purgeDrivers` has each."""

    due: int = strawberry.field(description="That are due and not confirmed.")
    overdue_seconds: float = strawberry.field(
        description="Since when the oldest of them is due; 0: none is."
    )


@graphql_type
class AuditHealth:
    """How far the audit is sealed."""

    sealed_at: datetime | None = strawberry.field(description="When it was last; null: never.")
    unsealed: int = strawberry.field(description="Rows that came since.")


@graphql_type
class Health:
    """How the house stands now."""

    processes: list[ReportedProcess] = strawberry.field(
        description="Those that said so in the last day and did not end cleanly.",
        metadata=STORED.metadata,
    )
    database: DatabaseHealth = strawberry.field(description="The primary.")
    store: StoreHealth = strawberry.field(description="Originals, masters, renditions.")
    queue: QueueHealth = strawberry.field(description="What relays have to do.")
    purges: PurgeHealth = strawberry.field(description="What CDNs have to forget.")
    audit: AuditHealth = strawberry.field(description="What the relay seals.")


@graphql_type
class HealthQueries:
    """Reads of how the house stands."""

    @graphql_field
    @allowed(Action.SYSTEM_WATCH)
    async def health(self, info: Info) -> Health | None:
        """Return how processes, database, store and queues stand now."""
        services = info.context.services
        async with services.pool.acquire() as conn:
            database = await graph.database_health(conn)
            reported = await process_store.processes(conn)
            drivers = await statuses(conn, services.settings.drivers)
        return Health(
            processes=[_process(each) for each in reported],
            database=DatabaseHealth(
                version=database.version,
                mebibytes=round(database.size_bytes / 2**20, 1),
                connections=database.connections,
                most_connections=database.most_connections,
            ),
            store=await _store(services),
            queue=QueueHealth(
                waiting=database.jobs_waiting,
                oldest_at=database.oldest_job_at,
                running=database.jobs_running,
                failed=database.jobs_failed,
            ),
            purges=PurgeHealth(
                due=sum(each.due for each in drivers),
                overdue_seconds=max((each.overdue_s for each in drivers), default=0.0),
            ),
            audit=AuditHealth(sealed_at=database.sealed_at, unsealed=database.unsealed),
        )


def _process(reported: process_store.ReportedProcess) -> ReportedProcess:
    is_silent = reported.silent_s > SILENT_S
    return ReportedProcess(
        id=strawberry.ID(str(reported.id)),
        kind=ProcessKind(reported.kind),
        version=reported.version,
        host=reported.host,
        started_at=reported.started_at,
        reported_at=reported.reported_at,
        is_ready=not (is_silent or reported.problems),
        is_silent=is_silent,
        problems=_problems(sorted(reported.problems.items())),
        feed_lag_seconds=reported.feed_lag_s,
    )


def _problems(said: Sequence[tuple[str, str]]) -> list[ProcessProblem]:
    return [ProcessProblem(check=check, message=message) for check, message in said]


async def _store(services: Services) -> StoreHealth:
    """Ask the store for an object that need not be there: whether it answers is what counts."""
    try:
        async with asyncio.timeout(_STORE_S):
            store = await services.objects()
            await store.exists(_PROBE)
    except TimeoutError:
        return StoreHealth(is_reachable=False, problem="no answer in time")
    except VitrineError as error:
        return StoreHealth(is_reachable=False, problem=error.message)
    return StoreHealth(is_reachable=True, problem=None)
