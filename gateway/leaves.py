"""Leave for authorising edges: how long it is good for, whether it may be kept, and given again.

Leave needs no pixels. As a delivery that was made before (`warm.py`), leave that was given before
is given again without waiting for anything, by a decision of this very instant, and it says for how
long that is proven from now on. Until then an edge may keep it and go on delivering by it, where
nothing else that it says will have to be said otherwise.
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
from gateway.account import Account, Repeated, repetitions_of
from gateway.authorise import Allowed, Authoriser
from gateway.lifespans import Lifespans
from gateway.lifetimes import steady_until
from gateway.proof.delivery_log import NOT_KEPT, written
from gateway.wanted import Wanted
from serving.at_once import head_of

MOST_REMEMBERED = 16_384  # leaves, some KB each
_NEVER_STEADY = datetime.min.replace(tzinfo=UTC)
_UNKNOWN = Lifetimes(browser_s=0, edge_s=0)


#: For how many seconds a leave is good, as it says, and whether an edge may keep it for so long.
_GoodFor: TypeAlias = tuple[bytes, bool]


@dataclass(slots=True, kw_only=True)
class _KnownLeave:
    """A leave that was given before.

    Attributes:
        repeated: what is recorded each time.
        may_be_kept: whether a purge would take it out of an edge, and before the hop in front is
            purged; staff's never has to.
        lifetimes: that it states.
        heads: that state them, first as an edge may not keep it; without `X-Good-For`.
        is_overdue: whether they are for a hop in front whose purges are late.
        steady_until: when the lifetimes begin to shrink.
    """

    wanted: Wanted
    allowed: Allowed
    repeated: Repeated
    may_be_kept: bool
    lifetimes: Lifetimes = _UNKNOWN
    heads: tuple[bytes, bytes] = (b"", b"")
    is_overdue: bool = False
    steady_until: datetime = _NEVER_STEADY


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepers:
    """Tells which edges may keep leave, by who stands in front of them.

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
        authoriser: tells whether a decision still holds, and for how long it is proven.
        account: records each leave.
        lifespans: tell for how long what the edge delivers may live in the hop in front of it.
        keepers: tell which edges may keep any.
    """

    def __init__(
        self,
        *,
        authoriser: Authoriser,
        account: Account,
        lifespans: Lifespans,
        keepers: Keepers,
    ) -> None:
        self._authoriser = authoriser
        self._account = account
        self._lifespans = lifespans
        self._keepers = keepers
        self._known: Kept[Hashable, _KnownLeave] = Kept(MOST_REMEMBERED)

    def give(self, wanted: Wanted, allowed: Allowed, *, asked: Hashable | None) -> Response:
        """Give leave right after the decision.

        Args:
            wanted: by the edge.
            allowed: the decision.
            asked: how it was asked for, to remember it; None: each is looked at anew.
        """
        given = _KnownLeave(
            wanted=wanted,
            allowed=allowed,
            repeated=repetitions_of(wanted, allowed),
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

    def _put_down(self, given: _KnownLeave, now: datetime) -> _GoodFor:
        """Put down a leave, and see that the heads are those of its instant.

        What is kept is told to others until it is over: so its lifetimes must not begin to shrink
        before, and the hop in front must be one whose purges are done.
        """
        is_overdue = self._lifespans.is_overdue(given.wanted.viewer)
        if now >= given.steady_until or is_overdue != given.is_overdue:
            self._write_heads(given, now)
            given.is_overdue = is_overdue
        good_for_s = _whole_ms(self._authoriser.good_for_s(given.wanted, given.allowed, now))
        is_steady = good_for_s <= (given.steady_until - now).total_seconds()
        is_kept = given.may_be_kept and is_steady and not is_overdue and good_for_s > 0
        good_for = written(good_for_s)
        self._account.leave(given.repeated, now, kept_for=good_for if is_kept else NOT_KEPT)
        return good_for, is_kept

    def _write_heads(self, given: _KnownLeave, now: datetime) -> None:
        wanted, allowed = given.wanted, replace(given.allowed, at=now)
        given.lifetimes = self._lifespans.of(wanted, allowed)
        given.heads = (
            head_of(respond.leave(wanted, allowed, given.lifetimes, is_kept=False)),
            head_of(respond.leave(wanted, allowed, given.lifetimes, is_kept=True)),
        )
        given.steady_until = steady_until(
            given.lifetimes, allowed.ends, browser_alone=wanted.viewer.hop_in_front is None
        )


def _whole_ms(seconds: float) -> float:
    """Round down to what three decimals can say: rounded up, it would lend time."""
    return int(seconds * 1000) / 1000 if seconds > 0 else 0.0
