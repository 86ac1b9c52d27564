"""Records what was answered: metrics at once, counters per minute, the delivery log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog

from gateway.authorise import Permission
from gateway.delivery_request import DeliveryRequest
from gateway.errors import Refusal
from gateway.proof.delivery_log import (
    DeliveryLog,
    DeliveryLogEntry,
    How,
    columns_after_status,
    microseconds,
)
from gateway.report import UNKNOWN_COUNTRY, CountedDelivery, Reporter
from imaging.stored_renditions import StoredRendition

log = structlog.get_logger(__name__)

_LEAVE = 204


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
    wanted: DeliveryRequest | None = None


class RepeatedRecord(NamedTuple):
    """The part of a delivery's record that is the same whenever it is repeated.

    Attributes:
        columns: of the delivery log, behind instant and status, as they are written.
        counted: what it is counted as.
    """

    columns: bytes
    counted: CountedDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecorder:
    """Records every answer of a gateway.

    Attributes:
        now: the local clock corrected by the database's.
    """

    reporter: Reporter
    delivery_log: DeliveryLog
    now: Callable[[], datetime]

    def sent(self, wanted: DeliveryRequest, stored: StoredRendition, *, size: int) -> None:
        """Measure an image that is sent; `size` in bytes, 0 where the client has it."""
        self.reporter.sent(wanted.preset.code, source=stored.how, size=size)

    def delivered(
        self, wanted: DeliveryRequest, allowed: Permission, *, status: int, size: int | None
    ) -> None:
        """Record an answer that was allowed.

        Args:
            wanted: what was asked for.
            allowed: the last decision, right before the first byte.
            status: 200 or 304, 307.
            size: bytes of the image; None: it carries none and leads to none, as a 307.
        """
        # the clocks differ by milliseconds: nothing is decided before the rights were read
        at = max(self.now(), allowed.at)
        delivery = repeated_record_of(wanted, allowed)
        self.delivery_log.note_again(microseconds(at), status, delivery.columns)
        if size is not None:
            self.reporter.delivered(delivery.counted, at, size=size)

    def repeated(self, delivery: RepeatedRecord, at: datetime, *, status: int, size: int) -> None:
        """Record a delivery from memory, as `sent` and `delivered` do.

        Args:
            delivery: as `repeated_record_of` made it.
            at: of the decision.
            status: 200 or 304.
            size: bytes of the image that are sent.
        """
        self.reporter.sent(delivery.counted.preset, source="memory", size=size)
        self.delivery_log.note_again(microseconds(at), status, delivery.columns)
        self.reporter.delivered(delivery.counted, at, size=size)

    def leave(self, given: RepeatedRecord, at: datetime, *, kept_for: bytes) -> None:
        """Record leave for an edge to deliver what it holds.

        Args:
            given: as `repeated_record_of` made it.
            at: of the decision.
            kept_for: seconds for which the edge may go on delivering by it, as the log has them.
        """
        self.delivery_log.note_again(microseconds(at), _LEAVE, given.columns, kept_for)
        self.reporter.delivered(given.counted, at, size=0)

    def refused(self, refusal: Refusal, exchange: Exchange) -> None:
        """Record an answer that was refused, by its true reason."""
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
            at = max(now, refusal.decided_at or now)
            columns = _columns(wanted, epoch=wanted.path.epoch, reason=refusal.reason)
            self.delivery_log.note_again(microseconds(at), refusal.status, columns)


def repeated_record_of(wanted: DeliveryRequest, allowed: Permission) -> RepeatedRecord:
    """Return the part of a delivery's record that is the same each time it is repeated."""
    return RepeatedRecord(
        columns=_columns(wanted, epoch=allowed.asset.epoch, reason=None),
        counted=CountedDelivery(
            asset=wanted.claims.asset,
            preset=wanted.preset.code,
            channel=wanted.claims.channel,
            country=wanted.viewer.country or UNKNOWN_COUNTRY,
            how=how_it_went(wanted),
        ),
    )


def _columns(wanted: DeliveryRequest, *, epoch: int, reason: str | None) -> bytes:
    """Write the columns of the delivery log that are the same for equal answers."""
    claims = wanted.claims
    return columns_after_status(
        DeliveryLogEntry(
            at=0,  # its own of each answer, like the status
            status=0,
            reason=reason,
            asset=claims.asset,
            epoch=epoch,
            country=wanted.viewer.country,
            channel=claims.channel,
            usage=claims.usage,
            owner=claims.owner,
            audience=claims.audience,
            kid=claims.kid,
            not_before=int(claims.not_before.timestamp()),
            expires_at=int(claims.expires_at.timestamp()),
            how=how_it_went(wanted),
        )
    )


def how_it_went(wanted: DeliveryRequest) -> How:
    """Return whether the answer is for someone's eyes, or for an edge that delivers by leave."""
    viewer = wanted.viewer
    if wanted.is_staff:
        return "staff"
    if viewer.asks_leave_only:
        return "leave"
    if viewer.hop is not None and viewer.hop.kind == "authorising":
        return "fill"
    return "direct"
