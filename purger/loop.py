"""One loop per driver: hold it, take what is due, send it, confirm it, or try again for ever."""

import asyncio
import logging
import random
import time
import uuid
from datetime import datetime

import structlog

from catalog.db import Connection
from catalog.events.pauses import growing_pauses
from catalog.events.store import database_now
from catalog.purges import driver_store as purge_driver_store
from catalog.purges import store
from catalog.purges.driver_store import CircuitState
from catalog.purges.store import PURGES_CHANNEL, PurgeBatch
from purger import metrics
from purger.backoff import PAUSE, REST
from purger.bucket import TokenBucket
from purger.circuit import Circuit, resumed
from purger.drivers.model import Driver, PurgeRejectedError, PurgeUnavailableError
from purger.wake import Waker, listening

log = structlog.get_logger(__name__)

_POLL_S = 1.0
_REQUEST_TIMEOUT_S = 15.0


class DriverLoop:
    """Works through one driver's queue.

    A batch is marked sent before its request and confirmed after it, each in a statement of its
    own on the connection that holds the driver. So whatever dies in between, the batch is found
    again as sent and its request repeated under the same id. Nothing depends on memory but how
    long a batch rests; for how long the CDN is left alone is in the driver's row.

    Args:
        url: of the primary, not through a transaction pooler.
        driver: which CDN.
        lease_s: of the gateways.
        after: the driver whose hop stands behind this one's, if any.
    """

    def __init__(
        self, url: str, driver: Driver, *, lease_s: float, after: str | None = None
    ) -> None:
        self._url = url
        self._driver = driver
        self._lease_s = lease_s
        self._after = after
        self._circuit = Circuit()
        self._bucket = TokenBucket(driver.limit, now_s=time.monotonic())
        self._resting: dict[uuid.UUID, float] = {}
        self._pauses = growing_pauses()
        self._held_since: datetime

    async def run(self) -> None:
        """Hold the driver, as soon as no other purger does, and work until cancelled."""
        name = self._driver.name
        async with listening(
            self._url, PURGES_CHANNEL, application=f"vitrine-purger {name}"
        ) as waker:
            while not await store.hold_driver(waker.conn, name):
                waker.clear()
                await waker.wait(_POLL_S)
            log.info("purge_driver_held", driver=name)
            try:
                await self._take_over(waker.conn)
                while True:
                    await self._work_off(waker)
            finally:
                metrics.CIRCUIT.remove(name)  # the next holder of it reports

    async def _take_over(self, conn: Connection) -> None:
        self._held_since = await database_now(conn)
        known = await purge_driver_store.read_circuit(conn, self._driver.name)
        await self._record_circuit(conn, resumed(known, now_s=time.monotonic()))

    async def _work_off(self, waker: Waker) -> None:
        now_s = time.monotonic()
        await asyncio.sleep(max(self._circuit.wait_s(now_s), self._bucket.wait_s(now_s)))
        waker.clear()
        batch = await self._next(waker.conn)
        if batch is None:
            is_due, is_due_soon = await store.hasten(
                waker.conn, self._driver.name, lease_s=self._lease_s
            )
            if not is_due:
                await waker.wait(next(self._pauses) if is_due_soon else _POLL_S)
            return
        self._pauses = growing_pauses()
        await self._become(waker.conn, self._circuit.asked())
        self._bucket.take(time.monotonic())
        await self._send(waker.conn, batch)

    async def _next(self, conn: Connection) -> PurgeBatch | None:
        now = time.monotonic()
        self._resting = {batch: until for batch, until in self._resting.items() if until > now}
        name, after, since = self._driver.name, self._after, self._held_since
        return await store.retake(
            conn, name, resting=list(self._resting), after=after, held_since=since
        ) or await store.take(
            conn, name, max_batch=self._driver.max_batch, after=after, held_since=since
        )

    async def _send(self, conn: Connection, batch: PurgeBatch) -> None:
        name = self._driver.name
        metrics.SENT.labels(name).inc()
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT_S):
                receipt = await self._driver.purge(batch.tags, batch.id)
        except PurgeRejectedError as error:
            self._put_off(batch, error, REST.delay_s(batch.attempts, jitter=_jitter()))
            await self._become(conn, self._circuit.refused(error.message))
        except PurgeUnavailableError as error:
            await self._pause(conn, batch, error)
        except TimeoutError:
            await self._pause(conn, batch, PurgeUnavailableError(f"{name}: no answer in time"))
        else:
            rows = await store.confirm(conn, name, batch.id)
            metrics.CONFIRMED.labels(name).inc()
            for purge_pass, age_s in rows:
                metrics.CONFIRMED_AFTER_S.labels(name, purge_pass).observe(age_s)
            log.info(
                "purged",
                driver=name,
                batch=str(batch.id),
                tags=len(batch.tags),
                nodes=receipt.nodes,
                attempts=batch.attempts,
            )
            await self._become(conn, self._circuit.answered())

    async def _pause(
        self, conn: Connection, batch: PurgeBatch, error: PurgeUnavailableError
    ) -> None:
        wanted_s = error.retry_after_s
        rest_s = PAUSE.delay_s(batch.attempts, jitter=_jitter(), wanted_s=wanted_s)
        self._put_off(batch, error, rest_s)
        failures = self._circuit.failures + 1
        pause_s = PAUSE.delay_s(failures, jitter=_jitter(), wanted_s=wanted_s)
        next_try_s = time.monotonic() + pause_s
        await self._become(conn, self._circuit.failed(error.message, next_try_s=next_try_s))

    def _put_off(
        self, batch: PurgeBatch, error: PurgeRejectedError | PurgeUnavailableError, rest_s: float
    ) -> None:
        self._resting[batch.id] = time.monotonic() + rest_s
        metrics.FAILED.labels(self._driver.name, error.code).inc()
        log.warning(
            "purge_failed",
            driver=self._driver.name,
            batch=str(batch.id),
            attempts=batch.attempts,
            code=error.code,
            error=error.message,
            again_in_s=round(rest_s, 2),
        )

    async def _become(self, conn: Connection, circuit: Circuit) -> None:
        if circuit != self._circuit:
            await self._record_circuit(conn, circuit)

    async def _record_circuit(self, conn: Connection, circuit: Circuit) -> None:
        has_turned = circuit.state is not self._circuit.state
        self._circuit = circuit
        name, stored = self._driver.name, circuit.stored(time.monotonic())
        metrics.CIRCUIT.labels(name).state(stored.state)
        if has_turned:
            log.log(
                logging.WARNING if stored.state is CircuitState.OPEN else logging.INFO,
                "purge_circuit",
                driver=name,
                circuit=stored.state.value,
                failures=stored.failures,
                next_try_in_s=stored.next_try_in_s and round(stored.next_try_in_s, 2),
            )
        await purge_driver_store.write_circuit(conn, name, stored)


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads load, guards nothing
