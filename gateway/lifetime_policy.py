"""How long answers may live now: by the settings, and by which purge drivers are late."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from catalog.delivery.model import Format
from catalog.rights.model import NEVER
from edge.hops import Viewer
from edge.lifetimes import Lifetimes
from gateway import respond
from gateway.authorise import Permission
from gateway.delivery_request import DeliveryRequest
from gateway.lifetimes import LifetimeInputs, lifetimes_for


@dataclass(frozen=True, slots=True, kw_only=True)
class LifetimePolicy:
    """Computes the lifetimes of answers.

    Attributes:
        browser_max_age_s: the setting.
        overdue_drivers: whose oldest purge is more than a minute late.
    """

    browser_max_age_s: int
    overdue_drivers: Callable[[], Collection[str]]

    def of(
        self, wanted: DeliveryRequest, allowed: Permission, *, is_stand_in: bool = False
    ) -> Lifetimes:
        """Return the lifetimes of an answer that was allowed; `is_stand_in`: a better follows."""
        return lifetimes_for(
            wanted.viewer.keeper,
            LifetimeInputs(
                now=allowed.at,
                holds_until=min(allowed.decision.holds_until, wanted.preset.served_until or NEVER),
                token_ends=wanted.claims.expires_at,
                preset_s=wanted.preset.lifetime_s,
                is_same_everywhere=allowed.is_same_everywhere,
                is_negotiated=wanted.path.format is Format.AUTO,
                is_taggable=respond.is_taggable(wanted, allowed),
                is_stand_in=is_stand_in,
            ),
            browser_max_age_s=self.browser_max_age_s,
            is_overdue=self.is_overdue(wanted.viewer),
        )

    def is_overdue(self, viewer: Viewer) -> bool:
        """Return whether the purges of the hop that may keep the answer are late."""
        overdue = self.overdue_drivers()
        if not overdue:
            return False
        hop = viewer.keeper
        return hop is not None and hop.driver in overdue
