"""One loop per driver: hold it, take what is due, send it, confirm it, or try again for ever."""

import asyncio
import random
import time
import uuid

import structlog

from catalog.db import Connection
from catalog.events import purge_store as store
from catalog.events.purge_store import Batch
from catalog.events.store import PURGES_CHANNEL
from gateway.purge import metrics
from gateway.purge.drivers.model import Driver, PurgeRejectedError, PurgeUnavailableError
from gateway.purge.pace import PAUSE, REST
from gateway.purge.wake import Waker, listening

log = structlog.get_logger(__name__)

_POLL_S = 1.0
_REQUEST_TIMEOUT_S = 15.0


class DriverLoop:
    """Works through one driver's queue.

    A batch is marked sent before its request and confirmed after it, each in a statement of its
    own on the connection that holds the driver. So whatever dies in between, the batch is found
    again as sent and its request repeated under the same id. Nothing depends on memory but how
    long to wait.

    Args:
        url: of the primary, not through a transaction pooler.
        driver: which CDN.
        after: the driver whose hop stands behind this one's, if any.
    """

    def __init__(self, url: str, driver: Driver, *, after: str | None = None) -> None:
        self._url = url
        self._driver = driver
        self._after = after
        self._failures = 0
        self._paused_until = 0.0
        self._resting: dict[uuid.UUID, float] = {}

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
            while True:
                await self._work_off(waker)

    async def _work_off(self, waker: Waker) -> None:
        await asyncio.sleep(max(0.0, self._paused_until - time.monotonic()))
        waker.clear()
        batch = await self._next(waker.conn)
        if batch is None:
            await waker.wait(_POLL_S)
            return
        await self._send(waker.conn, batch)
        await asyncio.sleep(1 / self._driver.rate)

    async def _next(self, conn: Connection) -> Batch | None:
        now = time.monotonic()
        self._resting = {batch: until for batch, until in self._resting.items() if until > now}
        name = self._driver.name
        return await store.retake(conn, name, resting=list(self._resting)) or await store.take(
            conn, name, max_batch=self._driver.max_batch, after=self._after
        )

    async def _send(self, conn: Connection, batch: Batch) -> None:
        name = self._driver.name
        metrics.SENT.labels(name).inc()
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT_S):
                receipt = await self._driver.purge(batch.tags, batch.id)
        except PurgeRejectedError as error:
            self._put_off(batch, error, REST.delay_s(batch.attempts, jitter=_jitter()))
        except PurgeUnavailableError as error:
            self._pause(batch, error)
        except TimeoutError:
            self._pause(batch, PurgeUnavailableError(f"{name}: no answer in time"))
        else:
            self._failures = 0
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

    def _pause(self, batch: Batch, error: PurgeUnavailableError) -> None:
        self._failures += 1
        wanted_s = error.retry_after_s
        pause_s = PAUSE.delay_s(self._failures, jitter=_jitter(), wanted_s=wanted_s)
        self._paused_until = time.monotonic() + pause_s
        rest_s = PAUSE.delay_s(batch.attempts, jitter=_jitter(), wanted_s=wanted_s)
        self._put_off(batch, error, rest_s)

    def _put_off(
        self, batch: Batch, error: PurgeRejectedError | PurgeUnavailableError, rest_s: float
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


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads load, guards nothing
