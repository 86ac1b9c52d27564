"""Holds one answer against what was on record when it was given: pure.

Rights may have changed a moment ago: an answer may rest on what was on record at any instant of
the tolerance before it (the lease). Time itself is given none but the turn between a decision and
the first byte after it: whatever began or ended, began or ended at its instant. Leave that an edge
may keep is held against every instant at which it may be used.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeAlias

from catalog.rights.case import MICROSECOND, Case, turned_at
from catalog.rights.history import AssetHistory, RecordedRule, RecordedWindow
from catalog.rights.model import Reason
from catalog.rights.territory import bit_of, country_bits
from gateway.proof.answers import ANYWHERE, LoggedAnswer
from gateway.proof.delivery_log import TURN_S, DeliveryLogEntry

DELIVERED = frozenset({200, 204, 206, 304})
_ALLOWING = DELIVERED | {307}
_TURN = timedelta(seconds=TURN_S)
_EARLY = timedelta(seconds=30)  # a token is accepted so long before its time
#: Denials that rest on rights alone, so that the record can tell whether they were right.
_BY_RIGHTS = frozenset({
    Reason.LEGAL_DEMAND,
    Reason.WITHDRAWN,
    Reason.NOT_APPROVED,
    Reason.UNPUBLISHED,
    Reason.RESTRICTED,
    Reason.EMBARGOED,
    Reason.LICENCE_EXPIRED,
    Reason.TERRITORY,
    Reason.CHANNEL,
    Reason.USAGE,
    Reason.NO_GRANT,
})


class AnswerVerdict(Enum):
    """What an answer was."""

    RIGHT = "right"
    LATE = "late"  # right by what was on record within the tolerance
    INCIDENT = "incident"  # delivered, and nothing on record allowed it
    WRONGLY_DENIED = "wrongly denied"  # denied, and all that was on record allowed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, and what it rests on.

    Attributes:
        at: the instant that was judged: of the answer, or one at which it may still be used.
        reason: why the rule forbids it at that instant.
        dark_since: from when on it did; None: it never allowed it.
    """

    verdict: AnswerVerdict
    at: datetime
    reason: Reason | None = None
    dark_since: datetime | None = None

    @property
    def overdue(self) -> timedelta | None:
        """Return for how long nothing had allowed it; None: nothing ever did."""
        return None if self.dark_since is None else self.at - self.dark_since


#: Of the instants at which leave may be used, the worst counts.
_SEVERITY = (
    AnswerVerdict.RIGHT,
    AnswerVerdict.LATE,
    AnswerVerdict.WRONGLY_DENIED,
    AnswerVerdict.INCIDENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What was on record, for the answers at hand.

    Attributes:
        histories: by asset; one that is missing never existed.
        windows: by owner and channel.
        rules: by channel, ascending in time.
        revocations: by signing key; one that is missing never existed.
    """

    histories: Mapping[str, AssetHistory]
    windows: Mapping[tuple[str, str], Sequence[RecordedWindow]]
    rules: Mapping[str, Sequence[RecordedRule]]
    revocations: Mapping[str, datetime | None]


_Key: TypeAlias = tuple[str, str, str, str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges answers.

    Attributes:
        tolerance: of gateways: their lease.
        hit_tolerance: of caches that do not ask: until their purge is beyond doubt.
    """

    records: Records
    tolerance: timedelta
    hit_tolerance: timedelta
    _known: dict[_Key, tuple[Case, ...]] = field(default_factory=dict[_Key, tuple[Case, ...]])

    def judge(self, answer: LoggedAnswer) -> Judgement:
        """Return what an answer was; what is neither a delivery nor a denial by rights is right.

        Of leave it is the worst of what it was at any instant at which it may have been used.
        """
        instants = (answer.at, *self._turns(answer))
        return max((self._judge(answer, at) for at in instants), key=_how_bad)

    def _turns(self, answer: LoggedAnswer) -> Iterator[datetime]:
        """Yield the later instants at which the judgement of leave may become another."""
        if not answer.usable_for:
            return
        entry, tolerance = answer.entry, self._tolerance(answer)
        begin, end = answer.at - tolerance, answer.at + answer.usable_for
        known = self._cases(entry)[0].turning_points
        expires_at = datetime.fromtimestamp(entry.expires_at, UTC)
        for point in (
            *known[bisect_left(known, begin) : bisect_left(known, end)],
            *(each for each in (*self._revocation(entry), expires_at) if begin <= each < end),
        ):
            turns = (point, point + _TURN, point + tolerance + MICROSECOND, end - MICROSECOND)
            yield from (each for each in turns if answer.at < each < end)

    def _judge(self, answer: LoggedAnswer, at: datetime) -> Judgement:
        entry = answer.entry
        reason = self._why_not(entry, at, recorded=at)
        if entry.status in _ALLOWING and reason is not None:
            is_late = any(self._before(answer, at))
            return Judgement(
                verdict=AnswerVerdict.LATE if is_late else AnswerVerdict.INCIDENT,
                at=at,
                reason=reason,
                dark_since=turned_at(
                    (*self._cases(entry)[0].turning_points, *self._revocation(entry)),
                    at,
                    lambda instant: self._why_not(entry, instant, recorded=instant) is None,
                ),
            )
        if entry.reason in _BY_RIGHTS and reason is None:
            was_allowed = all(self._before(answer, at))
            return Judgement(
                verdict=AnswerVerdict.WRONGLY_DENIED if was_allowed else AnswerVerdict.LATE, at=at
            )
        return Judgement(verdict=AnswerVerdict.RIGHT, at=at)

    def _tolerance(self, answer: LoggedAnswer) -> timedelta:
        return self.hit_tolerance if answer.source == "cdn" else self.tolerance

    def _before(self, answer: LoggedAnswer, at: datetime) -> Iterator[bool]:
        """Yield whether it is allowed a turn earlier, and by each record within the tolerance."""
        entry = answer.entry
        begin = at - self._tolerance(answer)
        changes = self._cases(entry)[0].changes
        within = changes[bisect_left(changes, begin) : bisect_right(changes, at)]
        revoked = [each for each in self._revocation(entry) if begin <= each <= at]
        if answer.source != "cdn":
            yield self._why_not(entry, at - _TURN, recorded=at) is None
        for change in sorted((*within, *revoked)):
            yield self._why_not(entry, at, recorded=change - MICROSECOND) is None

    def _why_not(
        self, entry: DeliveryLogEntry, now: datetime, *, recorded: datetime
    ) -> Reason | None:
        """Return why the rule forbids an answer at `now` by what was on record at `recorded`."""
        reason = self._token(entry, now, recorded)
        if reason is not None:
            return reason
        cases = self._cases(entry)
        if entry.audience == "staff":
            history = cases[0].history
            rights = history.as_of(recorded).rights if history else None
            if rights is None:
                return Reason.NOT_FOUND
            return Reason.LEGAL_DEMAND if rights.legal_demand else None
        reasons = (case.decide(now, recorded=recorded).reason for case in cases)
        first = next(reasons)
        return None if first is None or None in reasons else first

    def _token(self, entry: DeliveryLogEntry, now: datetime, recorded: datetime) -> Reason | None:
        is_known = entry.kid in self.records.revocations
        if not is_known or any(each <= recorded for each in self._revocation(entry)):
            return Reason.TOKEN_INVALID
        if now < datetime.fromtimestamp(entry.not_before, UTC) - _EARLY:
            return Reason.TOKEN_NOT_YET
        if now >= datetime.fromtimestamp(entry.expires_at, UTC):
            return Reason.TOKEN_EXPIRED
        return None

    def _revocation(self, entry: DeliveryLogEntry) -> tuple[datetime, ...]:
        revoked_at = self.records.revocations.get(entry.kid)
        return () if revoked_at is None else (revoked_at,)

    def _cases(self, entry: DeliveryLogEntry) -> tuple[Case, ...]:
        """Return the cases of which one must allow the answer: one, if the country is known."""
        key = (entry.asset, entry.channel, entry.usage, entry.owner, entry.country)
        known = self._known.get(key)
        if known is None:
            windows = None
            if entry.owner is not None:
                windows = self.records.windows.get((entry.owner, entry.channel), ())
            known = self._known[key] = tuple(
                Case(
                    history=self.records.histories.get(entry.asset),
                    rules=self.records.rules.get(entry.channel, ()),
                    channel=entry.channel,
                    usage=entry.usage,
                    countries=countries,
                    owner_windows=windows,
                )
                for countries in _countries(entry)
            )
        return known


def _countries(entry: DeliveryLogEntry) -> Iterable[int]:
    return country_bits().values() if entry.country == ANYWHERE else (bit_of(entry.country),)


def _how_bad(judgement: Judgement) -> tuple[int, timedelta]:
    return _SEVERITY.index(judgement.verdict), judgement.overdue or timedelta()
