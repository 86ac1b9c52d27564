"""The account of what was answered: metrics at once, counters per minute, the delivery log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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
        how = how_it_went(wanted)
        self._note(wanted, at, status, epoch=allowed.asset.epoch, how=how)
        if size is not None:
            delivery = Delivered(
                asset=wanted.claims.asset,
                preset=wanted.preset.code,
                channel=wanted.claims.channel,
                country=wanted.viewer.country or UNKNOWN_COUNTRY,
                how=how,
                minute=minute_of(at),
            )
            self.reporter.delivered(delivery, size=size)

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
            how = how_it_went(wanted)
            self._note(
                wanted,
                max(now, refusal.decided_at or now),
                refusal.status,
                reason=refusal.reason,
                epoch=wanted.path.epoch,
                how=how,
            )

    def _note(
        self,
        wanted: Wanted,
        at: datetime,
        status: int,
        *,
        epoch: int,
        how: How,
        reason: str | None = None,
    ) -> None:
        claims = wanted.claims
        self.delivery_log.note(
            Entry(
                at=microseconds(at),
                status=status,
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
                how=how,
            )
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
