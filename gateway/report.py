"""What a gateway counts: denials and egress per minute, broken sources; sent in the background.

Counters are metrics at once and rows within seconds; what the database refuses is tried again,
and never holds up a delivery.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import NamedTuple, TypeAlias

import prometheus_client
import structlog

from catalog.db import DATABASE_FAILED, DATABASE_GONE, Pool
from catalog.events import store as event_store
from catalog.events.model import GatewayIdentity
from catalog.tasks.kinds import kind_named
from gateway.proof.delivery_log import How
from serving.counts import Counts

log = structlog.get_logger(__name__)

UNKNOWN_COUNTRY = "ZZ"

_FLUSH_S = 2.0
_MINUTE = timedelta(minutes=1)
_MAX_KEYS = 10_000

_DENIALS = prometheus_client.Counter("vitrine_denials", "Deliveries refused.", ("reason",))
_BYTES = Counts("vitrine_egress_bytes", "Image bytes sent.", ("preset",))
_DELIVERIES = Counts("vitrine_deliveries", "Images sent.", ("preset", "how"))
_UNREPORTED = prometheus_client.Counter(
    "vitrine_unreported", "Counts dropped because too many different ones came at once."
)


class CountedDelivery(NamedTuple):
    """Deliveries that are counted as one number: of an asset, to one country and channel.

    Attributes:
        country: `ZZ` where it is not known.
        how: `direct`, `leave` or `fill`, as in the delivery log.
    """

    asset: str
    preset: str
    channel: str
    country: str
    how: How


class _Egress:
    """So many answers, and bytes of images that they carried or gave leave for."""

    __slots__ = ("requests", "size")

    def __init__(self) -> None:
        self.requests = 0
        self.size = 0


_Minute: TypeAlias = dict[CountedDelivery, _Egress]


class Reporter:
    """Collects what one gateway reports."""

    def __init__(self, pool: Pool, gateway: GatewayIdentity) -> None:
        self._pool = pool
        self._gateway = gateway
        self._denials: Counter[tuple[str, str, str, str, datetime]] = Counter()
        self._egress: dict[datetime, _Minute] = {}
        self._minute: _Minute = {}  # the one of those that is counted in
        self._minute_begins = self._minute_ends = datetime.min.replace(tzinfo=UTC)
        self._tasks: dict[tuple[str, str, str], None] = {}

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
        _DELIVERIES.add((preset, source))
        _BYTES.add((preset,), size)

    def delivered(self, delivery: CountedDelivery, at: datetime, *, size: int) -> None:
        """Count an image that was sent, or the leave to deliver a stored one.

        Args:
            delivery: that it is one more of.
            at: of the decision.
            size: in bytes.
        """
        if not self._minute_begins <= at < self._minute_ends:
            self._turn_to(minute_of(at))
        egress = self._minute.get(delivery)
        if egress is None:
            if sum(map(len, self._egress.values())) >= _MAX_KEYS:
                _UNREPORTED.inc()
                return
            egress = self._minute[delivery] = _Egress()
        egress.requests += 1
        egress.size += size

    def _turn_to(self, minute: datetime) -> None:
        self._minute = self._egress.setdefault(minute, {})
        self._minute_begins, self._minute_ends = minute, minute + _MINUTE

    def open_task(self, kind: str, subject: str, cause: str) -> None:
        """Have people look at something."""
        if len(self._tasks) < _MAX_KEYS:
            self._tasks[kind, subject, cause] = None

    async def run(self) -> None:
        """Send what was collected every two seconds, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        """Send what was collected; keep it where the database does not take it."""
        denials, self._denials = self._denials, Counter()
        egress, self._egress = self._egress, {}
        self._minute_ends = self._minute_begins  # the next one begins it anew
        tasks, self._tasks = self._tasks, {}
        if not (denials or egress or tasks):
            return
        try:
            async with self._pool.acquire() as conn:
                await event_store.report(
                    conn,
                    self._gateway,
                    denials=_denial_rows(denials),
                    egresses=_egress_rows(egress),
                    tasks=_task_rows(tasks),
                )
        except DATABASE_FAILED as error:
            write = log.warning if isinstance(error, DATABASE_GONE) else log.error
            write("report_delayed", error=type(error).__name__)
            self._denials.update(denials)
            self._count_again(egress)
            self._tasks.update(tasks)

    def _count_again(self, egress: Mapping[datetime, _Minute]) -> None:
        """Add what was not sent to what was counted meanwhile."""
        for minute, counted in egress.items():
            for delivery, each in counted.items():
                kept = self._egress.setdefault(minute, {}).setdefault(delivery, _Egress())
                kept.requests += each.requests
                kept.size += each.size


def minute_of(instant: datetime) -> datetime:
    """Return the minute in which something is counted."""
    return instant.replace(second=0, microsecond=0)


# In order: two gateways that add to the same rows in different orders would wait for each other.


def _denial_rows(denials: Counter[tuple[str, str, str, str, datetime]]) -> list[dict[str, object]]:
    names = ("asset", "reason", "country", "channel", "minute")
    return [
        {**dict(zip(names, key, strict=True)), "count": n} for key, n in sorted(denials.items())
    ]


def _egress_rows(egress: Mapping[datetime, _Minute]) -> list[dict[str, object]]:
    counted = [
        (delivery, minute, each)
        for minute, deliveries in egress.items()
        for delivery, each in deliveries.items()
    ]
    return [
        {**delivery._asdict(), "minute": minute, "requests": each.requests, "bytes": each.size}
        for delivery, minute, each in sorted(counted, key=itemgetter(0, 1))
    ]


def _task_rows(tasks: Mapping[tuple[str, str, str], None]) -> list[dict[str, object]]:
    kinds = {kind: kind_named(kind) for kind, _, _ in tasks}
    return [
        {
            "kind": kind,
            "subject": subject,
            "cause": cause,
            "role": kinds[kind].role,
            "due_after_s": due.total_seconds() if (due := kinds[kind].due_after) else None,
        }
        for kind, subject, cause in sorted(tasks)
    ]
