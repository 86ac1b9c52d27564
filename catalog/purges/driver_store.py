"""The SQL of the purge drivers: which there are, how they and their queues stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from catalog.db import Connection, Record


class CircuitState(StrEnum):
    """Whether a driver's CDN is asked."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCircuit:
    """What the last holder of a driver knew.

    Attributes:
        failures: in a row.
        next_try_in_s: from now, where it is open; may have passed.
        last_error: without secrets.
    """

    state: CircuitState
    failures: int
    next_try_in_s: float | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverStatus:
    """How a driver and its queue stand.

    Attributes:
        circuit: None: no purger has held it yet.
        failures: requests without an answer, in a row.
        since: when the circuit was closed, or ceased to be.
        next_try_at: not before then, where it is open.
        last_error: without secrets.
        due: rows that are due and not confirmed.
        overdue_s: since when the oldest of them is due; 0: none is.
        last_confirmed_at: when a purge was last confirmed.
    """

    driver: str
    circuit: CircuitState | None
    failures: int
    since: datetime | None
    next_try_at: datetime | None
    last_error: str | None
    due: int
    overdue_s: float
    last_confirmed_at: datetime | None


READ_CIRCUIT_SQL = """
SELECT circuit AS state, failures, last_error,
       extract(epoch FROM next_try_at - clock_timestamp())::float8 AS next_try_in_s
FROM purge_driver WHERE driver = $1 AND circuit IS NOT NULL
"""


async def read_circuit(conn: Connection, driver: str) -> StoredCircuit | None:
    """Return what the last holder of a driver knew; None: there was none."""
    row = await conn.fetchrow(READ_CIRCUIT_SQL, driver)
    if row is None:
        return None
    fields: dict[str, Any] = {**row, "state": CircuitState(row["state"])}
    return StoredCircuit(**fields)


WRITE_CIRCUIT_SQL = """
INSERT INTO purge_driver AS known (driver, circuit, failures, since, next_try_at, last_error)
VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp() + make_interval(secs => $4), $5)
ON CONFLICT (driver) DO UPDATE SET
    circuit = EXCLUDED.circuit, failures = EXCLUDED.failures,
    next_try_at = EXCLUDED.next_try_at, last_error = EXCLUDED.last_error,
    since = CASE WHEN (known.circuit = 'closed') IS NOT DISTINCT FROM (EXCLUDED.circuit = 'closed')
                 THEN known.since ELSE EXCLUDED.since END
"""


async def write_circuit(conn: Connection, driver: str, circuit: StoredCircuit) -> None:
    """Record what the holder of a driver knows.

    Args:
        conn: the one that holds the driver.
        driver: its name.
        circuit: with `next_try_in_s` if and only if it is open.
    """
    await conn.execute(
        WRITE_CIRCUIT_SQL,
        driver,
        circuit.state,
        circuit.failures,
        circuit.next_try_in_s,
        circuit.last_error,
    )


STATUS_SQL = """
WITH waiting AS (
    SELECT driver, count(*) AS due, min(not_before) AS oldest
    FROM purge WHERE state <> 'confirmed' AND not_before <= clock_timestamp()
    GROUP BY driver
), named AS (
    SELECT driver FROM unnest($1::text[]) AS driver
    UNION SELECT driver FROM purge_driver WHERE is_in_use
)
SELECT driver, circuit, coalesce(failures, 0) AS failures, since, next_try_at, last_error,
       coalesce(due, 0) AS due,
       coalesce(extract(epoch FROM clock_timestamp() - oldest), 0)::float8 AS overdue_s,
       (SELECT max(confirmed_at) FROM purge WHERE purge.driver = named.driver) AS last_confirmed_at
FROM named LEFT JOIN waiting USING (driver) LEFT JOIN purge_driver USING (driver)
ORDER BY driver
"""


async def statuses(conn: Connection, drivers: Sequence[str]) -> list[DriverStatus]:
    """Return how drivers stand, by name.

    Args:
        conn: to the database.
        drivers: those of the settings, listed besides those that purges are queued for.
    """
    return [_status(row) for row in await conn.fetch(STATUS_SQL, list(drivers))]


def _status(row: Record) -> DriverStatus:
    circuit = row["circuit"]
    fields: dict[str, Any] = {**row, "circuit": CircuitState(circuit) if circuit else None}
    return DriverStatus(**fields)


USE_DRIVERS_SQL = """
WITH dropped AS (
    UPDATE purge_driver SET is_in_use = false WHERE is_in_use AND driver <> ALL ($1)
)
INSERT INTO purge_driver AS known (driver, is_in_use, holds_answers)
SELECT driver, true, driver = ANY ($2) FROM unnest($1::text[]) AS driver
ON CONFLICT (driver) DO UPDATE SET is_in_use = true, holds_answers = EXCLUDED.holds_answers
    WHERE NOT known.is_in_use OR known.holds_answers <> EXCLUDED.holds_answers
"""


async def use_drivers(
    conn: Connection, drivers: Sequence[str], *, answer_drivers: Sequence[str] = ()
) -> None:
    """Queue purges for these drivers from now on, whoever makes the change, and for no other.

    Args:
        conn: to the primary.
        drivers: every purge of pictures goes to each.
        answer_drivers: those of them that clear a hop of the api, which holds answers.
    """
    await conn.execute(USE_DRIVERS_SQL, list(drivers), list(answer_drivers))


GIVE_UP_SQL = """
WITH given_up AS (
    DELETE FROM purge
    WHERE state <> 'confirmed'
      AND driver NOT IN (SELECT driver FROM purge_driver WHERE is_in_use)
    RETURNING driver
)
SELECT driver, count(*) AS purges FROM given_up GROUP BY driver ORDER BY driver
"""


async def give_up_queues(conn: Connection) -> dict[str, int]:
    """Withdraw the purges of drivers that are in use no more; return how many of each.

    A change that was under way meanwhile may leave some behind. Nobody waits for them, and the next
    call withdraws them.

    Args:
        conn: in the transaction that says which drivers are in use.
    """
    return {row["driver"]: row["purges"] for row in await conn.fetch(GIVE_UP_SQL)}
