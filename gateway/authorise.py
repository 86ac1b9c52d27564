"""The decision, made before the work and again right before the first byte."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.delivery.tokens import TokenExpiredError, TokenInvalidError
from catalog.graph.delivery import Catalogue, DeliverableAsset, DeliveryChannel
from catalog.rights.model import NEVER, Decision, Question, Reason, Window
from catalog.rights.territory import bit_of
from gateway.delivery_request import DeliveryRequest
from gateway.errors import DeniedError
from gateway.index import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Leave to deliver, and what the answer's lifetime is computed from.

    Attributes:
        at: the instant of the decision.
        location: the one right URL, where the request named another (epoch, slug, query).
        is_same_everywhere: whether every country would get this answer.
        grounds: what it rests on.
        ends: time alone changes the answer no earlier: right, token and preset are as they are.
        changes: of the index, when the grounds were last proven.
    """

    decision: Decision
    at: datetime
    location: str | None
    is_same_everywhere: bool
    grounds: "Grounds"
    ends: datetime
    changes: int

    @property
    def asset(self) -> DeliverableAsset:
        """Return the asset as it was decided on."""
        return self.grounds.asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a decision rests on, each part proven at the instant at which all were gathered.

    Attributes:
        windows: publications of the owner; None: the token is bound to none.
    """

    catalogue: Catalogue
    channel: DeliveryChannel
    asset: DeliverableAsset
    windows: tuple[Window, ...] | None


class Authoriser:
    """Decides by the index; asks the database only for what the index lacks.

    Attributes:
        now: returns the instant that a decision made now is of.
    """

    def __init__(self, index: Index, now: Callable[[], datetime], *, path_prefix: str = "") -> None:
        self._index = index
        self.now = now
        self._path_prefix = path_prefix

    async def authorise(self, wanted: DeliveryRequest) -> Permission:
        """Decide.

        Raises:
            DeniedError: the rule says no.
            TokenInvalidError: the signing key has been revoked.
            TokenExpiredError: the token's time is over.
            StateUnprovenError: it cannot be decided on state that is proven.
        """
        grounds = await self._gather(wanted)
        asset, channel, claims = grounds.asset, grounds.channel, wanted.claims
        # Never before the rights were read: the two clocks may differ by milliseconds, and a grant
        # that was ended ends at that instant.
        now = max(self.now(), asset.read_at)
        if now >= claims.expires_at:
            raise TokenExpiredError("the token has expired")
        viewer = bit_of(wanted.viewer.country)
        asked = Question(
            now=now,
            countries=viewer if channel.declared is None else channel.declared,
            channel=claims.channel,
            usage=claims.usage,
            windows=grounds.windows,
        )
        decision = _decide_for_staff(asset) if wanted.is_staff else asset.compiled.decide(asked)
        if decision.reason is not None:
            raise DeniedError(
                decision.reason, authority_url=asset.rights.authority_url, decided_at=now
            )
        if wanted.path.epoch > asset.epoch or asset.master_key is None:
            raise DeniedError(Reason.NOT_FOUND)
        return Permission(
            decision=decision,
            at=now,
            location=self._better_location(wanted, asset),
            is_same_everywhere=channel.declared is not None
            or asset.compiled.is_same_everywhere(
                channel=claims.channel, usage=claims.usage, now=now
            ),
            grounds=grounds,
            changes=self._index.changes,
            ends=min(decision.holds_until, claims.expires_at, wanted.preset.served_until or NEVER),
        )

    def renewed(
        self, wanted: DeliveryRequest, allowed: Permission, now: datetime
    ) -> Permission | None:
        """Decide again at once, by what is known and proven.

        Args:
            wanted: what was decided on.
            allowed: the decision, `at` whatever earlier instant.
            now: as `now` returned it this very moment.

        Returns:
            The same decision, which holds now as well; None: another may have to be made.
        """
        if not allowed.at <= now < allowed.ends:
            return None
        if self._index.vouched_for_s(allowed.changes) >= 0:
            return allowed
        if self._are_proven(wanted, allowed.grounds):
            return replace(allowed, changes=self._index.changes)
        return None

    def good_for_s(self, wanted: DeliveryRequest, allowed: Permission, now: datetime) -> float:
        """Return how long a decision that was made or renewed just now may be relied upon.

        While what it rests on is proven, and until time alone may turn it.
        """
        proven_s = self._index.vouched_for_s(allowed.changes)
        if proven_s < 0:
            proven_s = self._index.proven_for_s(wanted.path.asset, _bound_to(wanted))
        return min(proven_s, (allowed.ends - now).total_seconds())

    async def _gather(self, wanted: DeliveryRequest) -> Grounds:
        """Gather what is decided by, until nothing has changed while it was gathered.

        Raises:
            DeniedError: there is no such asset or channel.
            TokenInvalidError: the signing key has been revoked.
        """
        claims = wanted.claims
        while True:
            catalogue = await self._index.catalogue()
            if claims.kid not in catalogue.keys.by_kid:
                raise TokenInvalidError("the token was not signed by a key that is in use")
            channel = catalogue.channels.get(claims.channel)
            if channel is None:
                raise DeniedError(Reason.CHANNEL)
            bound_to = _bound_to(wanted)
            windows = None if bound_to is None else await self._index.windows_of(*bound_to)
            asset = await self._asset(wanted)
            if asset is None:
                if self._index.holds_catalogue(catalogue) and self._index.assets.holds(
                    wanted.path.asset, None
                ):
                    raise DeniedError(Reason.NOT_FOUND)
                continue
            grounds = Grounds(catalogue=catalogue, channel=channel, asset=asset, windows=windows)
            if self._are_proven(wanted, grounds):
                return grounds

    def _are_proven(self, wanted: DeliveryRequest, grounds: Grounds) -> bool:
        """Whether nothing of it has changed, as far as anybody can know now."""
        return (
            self._index.holds_catalogue(grounds.catalogue)
            and self._index.assets.holds(wanted.path.asset, grounds.asset)
            and self._still_open(_bound_to(wanted), grounds.windows)
        )

    def _still_open(
        self, bound_to: tuple[str, str] | None, windows: tuple[Window, ...] | None
    ) -> bool:
        if bound_to is None or windows is None:
            return True
        return self._index.windows.holds(bound_to, windows)

    async def _asset(self, wanted: DeliveryRequest) -> DeliverableAsset | None:
        asset = await self._index.asset(wanted.path.asset)
        if asset is not None and wanted.path.epoch > asset.epoch:
            # the URL is newer than what is held here: one read of the database settles it
            asset = await self._index.refresh_asset(wanted.path.asset)
        return asset

    def _better_location(self, wanted: DeliveryRequest, asset: DeliverableAsset) -> str | None:
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


def _bound_to(wanted: DeliveryRequest) -> tuple[str, str] | None:
    """Return the owner and the channel whose publications count; None: none do."""
    owner = wanted.claims.owner
    return None if owner is None or wanted.is_staff else (owner, wanted.claims.channel)


def _decide_for_staff(asset: DeliverableAsset) -> Decision:
    reason = Reason.LEGAL_DEMAND if asset.rights.legal_demand else None
    return Decision(reason=reason, holds_until=NEVER)
