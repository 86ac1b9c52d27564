"""The account of what was answered: metrics at once, counters per minute, the delivery log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from gateway.authorise import Allowed
from gateway.delivery_log import DeliveryLog, Entry, How, microseconds
from gateway.errors import Refusal
from gateway.report import UNKNOWN_COUNTRY, Delivered, Reporter, minute_of
from gateway.wanted import Wanted
from imaging.stored import Stored

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Exchange:
    """What is known of a request so far.

    Attributes:
        began: by the database's clock.
        country: of the viewer; None: unknown.
        wanted: once its token is verified.
    """

    began: datetime
    country: str | None = None
    wanted: Wanted | None = None


class Repeated(NamedTuple):
    """What is the same whenever a delivery is repeated.

    Attributes:
        entry: of the delivery log, without instant and status.
        preset, channel, country, how: of the counters.
    """

    entry: tuple[Any, ...]
    preset: str
    channel: str
    country: str
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where every answer of a gateway is put down.

    Attributes:
        now: the local clock corrected by the database's.
    """

    reporter: Reporter
    delivery_log: DeliveryLog
    now: Callable[[], datetime]

    def sent(self, wanted: Wanted, stored: Stored, *, size: int) -> None:
        """Measure an image that is sent; `size` in bytes, 0 where the client has it."""
        self.reporter.sent(wanted.preset.code, source=stored.how, size=size)

    def delivered(self, wanted: Wanted, allowed: Allowed, *, status: int, size: int | None) -> None:
        """Put down an answer that was allowed.

        Args:
            wanted: what was asked for.
            allowed: the last decision, right before the first byte.
            status: 200 or 304, 204 for leave, 307.
            size: bytes of the image; None: it carries none and leads to none, as a 307.
        """
        # the clocks differ by milliseconds: nothing is decided before the rights were read
        at = max(self.now(), allowed.at)
        self._put_down(repetitions_of(wanted, allowed), at, status, size)

    def repeated(self, delivery: Repeated, at: datetime, *, status: int, size: int) -> None:
        """Put down a delivery from memory, as `sent` and `delivered` do.

        Args:
            delivery: as `repetitions_of` made it.
            at: of the decision.
            status: 200 or 304.
            size: bytes of the image that are sent.
        """
        self.reporter.sent(delivery.preset, source="memory", size=size)
        self._put_down(delivery, at, status, size)

    def _put_down(self, delivery: Repeated, at: datetime, status: int, size: int | None) -> None:
        entry, preset, channel, country, how = delivery
        self.delivery_log.note(Entry(microseconds(at), status, *entry))
        if size is not None:
            asset: str = entry[1]
            counted = Delivered(asset, preset, channel, country, how, minute_of(at))
            self.reporter.delivered(counted, size=size)

    def refused(self, refusal: Refusal, exchange: Exchange) -> None:
        """Put down an answer that was refused, by its true reason."""
        wanted = exchange.wanted
        asset = wanted.claims.asset if wanted else ""
        self.reporter.denied(
            refusal.reason,
            asset=asset,
            country=exchange.country,
            channel=wanted.claims.channel if wanted else "",
            now=exchange.began,
        )
        log.info(
            "refused",
            status=refusal.status,
            reason=refusal.reason,
            asset=asset or None,
            country=exchange.country,
        )
        if wanted is not None:
            now = self.now()
            entry = _entry_of(
                wanted,
                epoch=wanted.path.epoch,
                how=how_it_went(wanted),
                reason=refusal.reason,
            )
            at = max(now, refusal.decided_at or now)
            self.delivery_log.note(Entry(microseconds(at), refusal.status, *entry))


def repetitions_of(wanted: Wanted, allowed: Allowed) -> Repeated:
    """Return what is put down for a delivery, each time that it is repeated."""
    how = how_it_went(wanted)
    return Repeated(
        entry=_entry_of(wanted, epoch=allowed.asset.epoch, how=how),
        preset=wanted.preset.code,
        channel=wanted.claims.channel,
        country=wanted.viewer.country or UNKNOWN_COUNTRY,
        how=how,
    )


def _entry_of(
    wanted: Wanted, *, epoch: int, how: How, reason: str | None = None
) -> tuple[Any, ...]:
    """Return the columns of an entry behind instant and status."""
    claims = wanted.claims
    return (
        reason,
        claims.asset,
        epoch,
        wanted.viewer.country,
        claims.channel,
        claims.usage,
        claims.owner,
        claims.audience,
        claims.kid,
        int(claims.not_before.timestamp()),
        int(claims.expires_at.timestamp()),
        how,
    )


def how_it_went(wanted: Wanted) -> How:
    """Return whether the answer is for someone's eyes, or for an edge that asks before each hit."""
    viewer = wanted.viewer
    if wanted.is_staff:
        return "staff"
    if viewer.asks_leave_only:
        return "leave"
    if viewer.hop is not None and viewer.hop.kind == "authorising":
        return "fill"
    return "direct"
