"""Leave for authorising edges: how long it is good for, whether it may be kept, and given again.

Leave needs no pixels. Like a delivery (`repeated_deliveries.py`), leave that was given before is
repeated from memory, by a decision of this very instant. `X-Good-For` says for how long that
decision is proven. Until then an edge may keep the leave and go on delivering by it, unless a
lifetime or a header in it would have to change meanwhile.
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.responses import Response

from catalog.memory.kept import Kept
from edge.hops import Viewer
from edge.lifetimes import Lifetimes
from gateway import respond
from gateway.answer_recorder import AnswerRecorder, RepeatedRecord, repeated_record_of
from gateway.authorise import Authoriser, Permission
from gateway.delivery_request import DeliveryRequest
from gateway.lifetime_policy import LifetimePolicy
from gateway.lifetimes import unchanged_until
from gateway.proof.delivery_log import NOT_KEPT, written
from serving.at_once import head_of

MOST_REMEMBERED = 16_384  # leaves, some KB each
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_UNKNOWN = Lifetimes(browser_s=0, edge_s=0)


#: For how many seconds a leave is good, as it says, and whether an edge may keep it for so long.
_GoodFor: TypeAlias = tuple[bytes, bool]


@dataclass(slots=True, kw_only=True)
class _RememberedLeave:
    """A leave that was given before.

    Attributes:
        repeated: what is recorded each time.
        may_be_kept: whether a purge would take it out of an edge, and before the hop in front is
            purged; staff's never has to.
        lifetimes: that it states.
        heads: that state them, first as an edge may not keep it; without `X-Good-For`.
        is_overdue: whether they are for a hop in front whose purges are late.
        unchanged_until: when the lifetimes begin to shrink, as the right is about to end.
    """

    wanted: DeliveryRequest
    allowed: Permission
    repeated: RepeatedRecord
    may_be_kept: bool
    lifetimes: Lifetimes = _UNKNOWN
    heads: tuple[bytes, bytes] = (b"", b"")
    is_overdue: bool = False
    unchanged_until: datetime = _LONG_AGO


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepers:
    """Decides which edges may keep leave, by the hop in front of them.

    A hop in front that is purged before the edge could store again by leave that the edge keeps,
    after its own purge. One without a driver has no purge to lose: its lifetimes alone end what it
    holds, and they are no longer than after an answer of the gateway itself.

    Attributes:
        may_keep: whether any may: the setting.
        awaited: for each purge driver, all that it waits for.
    """

    may_keep: bool
    awaited: Mapping[str, Collection[str]]

    def include(self, viewer: Viewer) -> bool:
        """Return whether the edge by which a viewer asks is one of them."""
        edge, front = viewer.hop, viewer.hop_in_front
        if not self.may_keep or edge is None:
            return False
        if front is None or front.driver is None:
            return True
        return edge.driver in self.awaited.get(front.driver, ())


class Leaves:
    """The leaves that a gateway gives, and those that it repeats from memory.

    Args:
        authoriser: proves that a decision still holds, and for how long.
        recorder: records each leave.
        lifetime_policy: gives the lifetimes in the hop in front of the edge.
        keepers: decides which edges may keep leave.
    """

    def __init__(
        self,
        *,
        authoriser: Authoriser,
        recorder: AnswerRecorder,
        lifetime_policy: LifetimePolicy,
        keepers: Keepers,
    ) -> None:
        self._authoriser = authoriser
        self._recorder = recorder
        self._lifetime_policy = lifetime_policy
        self._keepers = keepers
        self._known: Kept[Hashable, _RememberedLeave] = Kept(MOST_REMEMBERED)

    def give(
        self, wanted: DeliveryRequest, allowed: Permission, *, asked: Hashable | None
    ) -> Response:
        """Give leave right after the decision.

        Args:
            wanted: by the edge.
            allowed: the decision.
            asked: how it was asked for, to remember it; None: each is looked at anew.
        """
        given = _RememberedLeave(
            wanted=wanted,
            allowed=allowed,
            repeated=repeated_record_of(wanted, allowed),
            may_be_kept=not wanted.is_staff
            and respond.is_taggable(wanted, allowed)
            and self._keepers.include(wanted.viewer),
        )
        if asked is not None:
            self._known.put(asked, given)
        good_for, is_kept = self._put_down(given, allowed.at)
        response = respond.leave(wanted, allowed, given.lifetimes, is_kept=is_kept)
        response.headers["X-Good-For"] = good_for.decode()
        return response

    def again(self, asked: Hashable) -> bytes | None:
        """Give leave again, as the head of its answer; None: it may have to be refused."""
        given = self._known.get(asked)
        if given is None:
            return None
        now = self._authoriser.now()
        allowed = self._authoriser.renewed(given.wanted, given.allowed, now)
        if allowed is None:
            self._known.forget(asked)
            return None
        given.allowed = allowed
        good_for, is_kept = self._put_down(given, now)
        return b"%bX-Good-For: %b\r\n" % (given.heads[is_kept], good_for)

    def _put_down(self, given: _RememberedLeave, now: datetime) -> _GoodFor:
        """Record a leave, and write its heads again if their lifetimes are no longer right.

        An edge that keeps a leave repeats its lifetimes to others until it ends. So it may keep
        only one whose lifetimes stay right for as long, before a hop whose purges are not late.
        """
        is_overdue = self._lifetime_policy.is_overdue(given.wanted.viewer)
        if now >= given.unchanged_until or is_overdue != given.is_overdue:
            self._write_heads(given, now)
            given.is_overdue = is_overdue
        good_for_s = _whole_ms(self._authoriser.good_for_s(given.wanted, given.allowed, now))
        is_unchanged = good_for_s <= (given.unchanged_until - now).total_seconds()
        is_kept = given.may_be_kept and is_unchanged and not is_overdue and good_for_s > 0
        good_for = written(good_for_s)
        self._recorder.leave(given.repeated, now, kept_for=good_for if is_kept else NOT_KEPT)
        return good_for, is_kept

    def _write_heads(self, given: _RememberedLeave, now: datetime) -> None:
        wanted, allowed = given.wanted, replace(given.allowed, at=now)
        given.lifetimes = self._lifetime_policy.of(wanted, allowed)
        given.heads = (
            head_of(respond.leave(wanted, allowed, given.lifetimes, is_kept=False)),
            head_of(respond.leave(wanted, allowed, given.lifetimes, is_kept=True)),
        )
        given.unchanged_until = unchanged_until(
            given.lifetimes, allowed.ends, browser_alone=wanted.viewer.hop_in_front is None
        )


def _whole_ms(seconds: float) -> float:
    """Round down to what three decimals can say: rounded up, it would lend time."""
    return int(seconds * 1000) / 1000 if seconds > 0 else 0.0
