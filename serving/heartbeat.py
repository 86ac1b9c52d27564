"""The heartbeat: each process writes how it stands, for those who look at all of them at once."""

import asyncio
import contextlib
import math
import socket
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Final, TypeAlias

import structlog

from catalog.clock import utc_now
from catalog.db import DATABASE_FAILED, Connection, Pool
from catalog.events.process_store import ProcessReport
from serving.health import Check, ask_all

log = structlog.get_logger(__name__)

#: Seconds from one report to the next.
BEAT_S: Final = 10.0
_LEAVE_S = 1.0
#: Writes a report; None: the process leaves.
Write: TypeAlias = Callable[[Connection, ProcessReport | None], Awaitable[None]]


class Heartbeat:
    """Reports how a process stands, until it ends; what cannot be written is tried again.

    Args:
        pool: of the process.
        write: for its kind.
        checks: by which it is ready.
        feed_lag_s: since when nothing is known of the event log; None: it follows none.
    """

    def __init__(
        self,
        pool: Pool,
        write: Write,
        checks: Mapping[str, Check],
        feed_lag_s: Callable[[], float] | None,
    ) -> None:
        self._pool = pool
        self._write = write
        self._checks = checks
        self._feed_lag_s = feed_lag_s
        self._started_at = utc_now()

    async def run(self) -> None:
        """Report again and again."""
        is_written = True
        while True:
            try:
                await self._report(await self._standing())
                is_written = True
            except DATABASE_FAILED as error:
                if is_written:  # said once, until it is written again
                    log.warning("heartbeat_not_written", error=type(error).__name__)
                is_written = False
            await asyncio.sleep(BEAT_S)

    async def leave(self) -> None:
        """Say that the process ends; where the database does not answer, silence says it."""
        with contextlib.suppress(*DATABASE_FAILED):
            async with asyncio.timeout(_LEAVE_S):
                await self._report(None)

    async def _report(self, said: ProcessReport | None) -> None:
        async with self._pool.acquire() as conn:
            await self._write(conn, said)

    def _lag_s(self) -> float | None:
        lag_s = None if self._feed_lag_s is None else self._feed_lag_s()
        return lag_s if lag_s is not None and math.isfinite(lag_s) else None

    async def _standing(self) -> ProcessReport:
        found = await ask_all(self._checks)
        return ProcessReport(
            version=version("vitrine"),
            host=socket.gethostname(),
            started_at=self._started_at,
            feed_lag_s=self._lag_s(),
            problems={name: said for name, said in found.items() if said is not None},
        )
