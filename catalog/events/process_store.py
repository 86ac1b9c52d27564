"""The SQL of processes: how each says that it stands, and who says nothing any more."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from catalog.db import Connection
from catalog.events.model import GatewayIdentity

ProcessKind: TypeAlias = Literal["api", "gateway", "purger", "relay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessReport:
    """What a process says of itself.

    Attributes:
        host: the name of its machine.
        feed_lag_s: since when nothing is known of the event log; None: it follows none.
        problems: what keeps it from being ready, by the check that says so; empty: it is.
    """

    version: str
    host: str
    started_at: datetime
    feed_lag_s: float | None
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedProcess(ProcessReport):
    """A process as it last said that it stands.

    Attributes:
        silent_s: for how long it has said nothing since.
    """

    id: uuid.UUID
    kind: ProcessKind
    reported_at: datetime
    silent_s: float


REPORT_PROCESS_SQL = """
INSERT INTO process (id, kind, version, host, started_at, feed_lag_s, problems)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET reported_at = clock_timestamp(),
    feed_lag_s = EXCLUDED.feed_lag_s, problems = EXCLUDED.problems
"""
LEAVE_PROCESS_SQL = "DELETE FROM process WHERE id = $1"
DESCRIBE_GATEWAY_SQL = "SELECT gateway_describes($1, $2, $3::jsonb)"


async def report_process(
    conn: Connection, process: uuid.UUID, kind: ProcessKind, said: ProcessReport
) -> None:
    """Write how an api, a purger or a relay stands."""
    await conn.execute(
        REPORT_PROCESS_SQL,
        process,
        kind,
        said.version,
        said.host,
        said.started_at,
        said.feed_lag_s,
        dict(said.problems),
    )


async def leave(conn: Connection, process: uuid.UUID) -> None:
    """Remove the row of one of them at a clean stop."""
    await conn.execute(LEAVE_PROCESS_SQL, process)


async def describe_gateway(
    conn: Connection, gateway: GatewayIdentity, said: ProcessReport | None
) -> None:
    """Do the same for a gateway, which writes by a function; None: it leaves."""
    told = (
        None
        if said is None
        else {
            "version": said.version,
            "host": said.host,
            "started_at": said.started_at.isoformat(),
            "feed_lag_s": said.feed_lag_s,
            "problems": dict(said.problems),
        }
    )
    await conn.execute(DESCRIBE_GATEWAY_SQL, gateway.id, gateway.secret, told)


PROCESSES_SQL = """
SELECT id, kind, version, host, started_at, reported_at, feed_lag_s, problems,
       extract(epoch FROM clock_timestamp() - reported_at)::float8 AS silent_s
FROM process ORDER BY kind, host, started_at, id
"""


async def processes(conn: Connection) -> list[ReportedProcess]:
    """Return every process that reported in the last day and did not leave."""
    return [ReportedProcess(**row) for row in await conn.fetch(PROCESSES_SQL)]


FORGET_PROCESSES_SQL = """
WITH gone AS (
    DELETE FROM process WHERE reported_at < clock_timestamp() - interval '1 day' RETURNING 1
)
SELECT count(*) FROM gone
"""


async def forget_silent_processes(conn: Connection) -> int:
    """Remove processes that have said nothing for a day; return how many."""
    return int(await conn.fetchval(FORGET_PROCESSES_SQL))
