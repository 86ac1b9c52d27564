"""The decision, made before the work and again right before the first byte."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog.graph.delivery import DeliverableAsset, DeliveryChannel
from catalog.rights.model import NEVER, Decision, Question, Reason
from catalog.rights.rules import decide, is_same_everywhere
from catalog.rights.territory import bit_of
from gateway.errors import DeniedError
from gateway.index import Index
from gateway.wanted import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Leave to deliver, and what the answer's lifetime is computed from.

    Attributes:
        at: the instant of the decision.
        location: the one right URL, where the request named another (epoch, slug, query).
        is_same_everywhere: whether every country would get this answer.
    """

    asset: DeliverableAsset
    decision: Decision
    at: datetime
    location: str | None
    is_same_everywhere: bool


class Authoriser:
    """Decides by the index; asks the database only for what the index lacks."""

    def __init__(self, index: Index, now: Callable[[], datetime], *, path_prefix: str = "") -> None:
        self._index = index
        self._now = now
        self._path_prefix = path_prefix

    async def authorise(self, wanted: Wanted) -> Allowed:
        """Decide.

        Raises:
            DeniedError: the rule says no.
            StateUnprovenError: it cannot be decided on state that is proven.
        """
        asset = await self._asset(wanted)
        channel = await self._channel(wanted)
        owner, claims = wanted.claims.owner, wanted.claims
        windows = None
        if owner is not None and not wanted.is_staff:
            windows = await self._index.windows.get((owner, claims.channel))
        # After everything that waits, and never before the rights were read: the two clocks may
        # differ by milliseconds, and a grant that was ended ends at that instant.
        now = max(self._now(), asset.read_at)
        viewer = bit_of(wanted.viewer.country)
        asked = Question(
            now=now,
            countries=viewer if channel.declared is None else channel.declared,
            channel=claims.channel,
            usage=claims.usage,
            windows=windows,
        )
        decision = _decide_for_staff(asset) if wanted.is_staff else decide(asset.rights, asked)
        if decision.reason is not None:
            raise DeniedError(decision.reason, authority_url=asset.rights.authority_url)
        if wanted.path.epoch > asset.epoch or asset.master_key is None:
            raise DeniedError(Reason.NOT_FOUND)
        return Allowed(
            asset=asset,
            decision=decision,
            at=now,
            location=self._better_location(wanted, asset),
            is_same_everywhere=channel.declared is not None
            or is_same_everywhere(
                asset.rights, channel=claims.channel, usage=claims.usage, now=now
            ),
        )

    async def _asset(self, wanted: Wanted) -> DeliverableAsset:
        asset = await self._index.assets.get(wanted.path.asset)
        if asset is not None and wanted.path.epoch > asset.epoch:
            # newer than what is known here: one look at the database tells
            asset = await self._index.assets.refresh(wanted.path.asset)
        if asset is None:
            raise DeniedError(Reason.NOT_FOUND)
        return asset

    async def _channel(self, wanted: Wanted) -> DeliveryChannel:
        channel = (await self._index.catalogue()).channels.get(wanted.claims.channel)
        if channel is None:
            raise DeniedError(Reason.CHANNEL)
        return channel

    def _better_location(self, wanted: Wanted, asset: DeliverableAsset) -> str | None:
        path = wanted.path
        canonical = (
            path.epoch == asset.epoch
            and path.slug == asset.slug
            and wanted.query == f"t={wanted.token}"
        )
        if canonical:
            return None
        best = type(path)(
            asset=path.asset,
            epoch=asset.epoch,
            preset=path.preset,
            version=path.version,
            width_px=path.width_px,
            slug=asset.slug,
            format=path.format,
        )
        return f"{self._path_prefix}{best}?t={wanted.token}"


def _decide_for_staff(asset: DeliverableAsset) -> Decision:
    reason = Reason.LEGAL_DEMAND if asset.rights.legal_demand else None
    return Decision(reason=reason, holds_until=NEVER)
