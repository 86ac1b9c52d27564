"""What a gateway counts: denials and egress per minute, broken sources; sent in the background.

Counters are metrics at once and rows within seconds; what the database refuses is tried again,
and never holds up a delivery.
"""

import asyncio
from collections import Counter
from datetime import datetime
from functools import cache
from typing import NamedTuple

import prometheus_client
import structlog

from catalog.db import DATABASE_FAILED, DATABASE_GONE, Pool
from catalog.events import store as event_store
from catalog.events.model import GatewayIdentity
from gateway.delivery_log import How

log = structlog.get_logger(__name__)

UNKNOWN_COUNTRY = "ZZ"

_FLUSH_S = 2.0
_MAX_KEYS = 10_000

_DENIALS = prometheus_client.Counter("vitrine_denials", "Deliveries refused.", ("reason",))
_BYTES = prometheus_client.Counter("vitrine_egress_bytes", "Image bytes sent.", ("preset",))
_DELIVERIES = prometheus_client.Counter("vitrine_deliveries", "Images sent.", ("preset", "how"))
_UNREPORTED = prometheus_client.Counter(
    "vitrine_unreported", "Counts dropped because too many different ones came at once."
)


@cache  # as many as there are presets, times the sources
def _counters(preset: str, source: str) -> tuple[prometheus_client.Counter, ...]:
    return _DELIVERIES.labels(preset, source), _BYTES.labels(preset)


class Delivered(NamedTuple):
    """What is counted together: deliveries of an asset in a minute to one place.

    Attributes:
        country: `ZZ` where it is not known.
        how: `direct`, `leave` or `fill`, as in the delivery log.
    """

    asset: str
    preset: str
    channel: str
    country: str
    how: How
    minute: datetime


class Reporter:
    """Collects what one gateway reports."""

    def __init__(self, pool: Pool, gateway: GatewayIdentity) -> None:
        self._pool = pool
        self._gateway = gateway
        self._denials: Counter[tuple[str, str, str, str, datetime]] = Counter()
        self._requests: Counter[Delivered] = Counter()
        self._bytes: Counter[Delivered] = Counter()
        self._exceptions: dict[tuple[str, str, str], None] = {}

    def denied(
        self, reason: str, *, asset: str, country: str | None, channel: str, now: datetime
    ) -> None:
        """Count a refusal; `asset` and `channel` only from a verified token, else empty."""
        _DENIALS.labels(reason).inc()
        key = (asset, reason, country or UNKNOWN_COUNTRY, channel, minute_of(now))
        if key in self._denials or len(self._denials) < _MAX_KEYS:
            self._denials[key] += 1
        else:
            _UNREPORTED.inc()

    def sent(self, preset: str, *, source: str, size: int) -> None:
        """Measure an image that was sent; `source` is where it was found, `size` in bytes."""
        deliveries, sent = _counters(preset, source)
        deliveries.inc()
        sent.inc(size)

    def delivered(self, delivery: Delivered, *, size: int) -> None:
        """Count an image that was sent, or the leave to deliver a stored one; `size` in bytes."""
        if delivery in self._requests or len(self._requests) < _MAX_KEYS:
            self._requests[delivery] += 1
            self._bytes[delivery] += size
        else:
            _UNREPORTED.inc()

    def exception(self, kind: str, subject: str, cause: str) -> None:
        """Put something into the queue for people."""
        if len(self._exceptions) < _MAX_KEYS:
            self._exceptions[kind, subject, cause] = None

    async def run(self) -> None:
        """Send what was collected every two seconds, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Send what was collected; keep it where the database does not take it."""
        denials, self._denials = self._denials, Counter()
        requests, self._requests = self._requests, Counter()
        sizes, self._bytes = self._bytes, Counter()
        exceptions, self._exceptions = self._exceptions, {}
        if not (denials or requests or exceptions):
            return
        try:
            async with self._pool.acquire() as conn:
                await event_store.report(
                    conn,
                    self._gateway,
                    denials=_denial_rows(denials),
                    egresses=_egress_rows(requests, sizes),
                    exceptions=[
                        {"kind": kind, "subject": subject, "cause": cause}
                        for kind, subject, cause in sorted(exceptions)
                    ],
                )
        except DATABASE_FAILED as error:
            tell = log.warning if isinstance(error, DATABASE_GONE) else log.error
            tell("report_delayed", error=type(error).__name__)
            self._denials.update(denials)
            self._requests.update(requests)
            self._bytes.update(sizes)
            self._exceptions.update(exceptions)


def minute_of(instant: datetime) -> datetime:
    """Return the minute in which something is counted."""
    return instant.replace(second=0, microsecond=0)


# In order: two gateways that add to the same rows in different orders would wait for each other.


def _denial_rows(denials: Counter[tuple[str, str, str, str, datetime]]) -> list[dict[str, object]]:
    names = ("asset", "reason", "country", "channel", "minute")
    return [
        {**dict(zip(names, key, strict=True)), "count": n} for key, n in sorted(denials.items())
    ]


def _egress_rows(
    requests: Counter[Delivered], sizes: Counter[Delivered]
) -> list[dict[str, object]]:
    return [
        {**key._asdict(), "requests": n, "bytes": sizes[key]} for key, n in sorted(requests.items())
    ]
