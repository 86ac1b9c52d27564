"""Holds one answer against what was on record when it was given: pure.

Rights may have changed a moment ago: an answer may rest on what was on record at any instant of
the tolerance before it (the lease). Time itself is given none: whatever began or ended, began or
ended at its instant.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from catalog.rights.history import (
    AssetHistory,
    RecordedRule,
    RecordedWindow,
    windows_as_of,
)
from catalog.rights.model import NEVER, Question, Reason, Window
from catalog.rights.rules import decide
from catalog.rights.territory import bit_of, country_bits
from gateway.delivery_log import Entry
from gateway.replay.answers import ANYWHERE, Answer

DELIVERED = frozenset({200, 204, 206, 304})
_ALLOWING = DELIVERED | {307}
_MOMENT = timedelta(microseconds=1)
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


class Verdict(Enum):
    """What an answer was."""

    RIGHT = "right"
    LATE = "late"  # right by what was on record within the tolerance
    INCIDENT = "incident"  # delivered, and nothing on record allowed it
    WRONGLY_DENIED = "wrongly denied"  # denied, and all that was on record allowed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, and what it rests on.

    Attributes:
        reason: why the rule forbids it at the answer's instant.
        dark_since: from when on it did; None: it never allowed it.
    """

    verdict: Verdict
    reason: Reason | None = None
    dark_since: datetime | None = None


RIGHT = Judgement(verdict=Verdict.RIGHT)


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
    _changes: dict[tuple[str, str, str | None, str], list[datetime]] = field(
        default_factory=dict[tuple[str, str, str | None, str], list[datetime]]
    )

    def judge(self, answer: Answer) -> Judgement:
        """Return what an answer was; what is neither a delivery nor a denial by rights is right."""
        entry, at = answer.entry, answer.at
        reason = self._why_not(entry, at, recorded=at)
        if entry.status in _ALLOWING and reason is not None:
            return Judgement(
                verdict=Verdict.LATE if True in self._before(answer) else Verdict.INCIDENT,
                reason=reason,
                dark_since=self._dark_since(entry, at),
            )
        if entry.reason in _BY_RIGHTS and reason is None:
            is_late = False in self._before(answer)
            return Judgement(verdict=Verdict.LATE if is_late else Verdict.WRONGLY_DENIED)
        return RIGHT

    def _before(self, answer: Answer) -> Iterator[bool]:
        """Yield, of each state that was on record within the tolerance, whether it allows it."""
        changes = self._changes_of(answer.entry)
        tolerance = self.hit_tolerance if answer.is_hit else self.tolerance
        first = bisect_left(changes, answer.at - tolerance)
        for change in changes[first : bisect_right(changes, answer.at)]:
            yield self._why_not(answer.entry, answer.at, recorded=change - _MOMENT) is None

    def _dark_since(self, entry: Entry, at: datetime) -> datetime | None:
        """Return the last instant, by a change or by time alone, since which nothing allows it."""
        history = self.records.histories.get(entry.asset)
        rights = history.as_of(at).rights if history else None
        instants = {*self._changes_of(entry), *(rights.boundaries if rights else ())}
        instants |= {
            edge for each in self._windows(entry, at) or () for edge in (each.start, each.end)
        }
        for instant in sorted(filter(at.__ge__, instants), reverse=True):
            before = instant - _MOMENT
            if self._why_not(entry, before, recorded=before) is None:
                return instant
        return None

    def _why_not(self, entry: Entry, now: datetime, *, recorded: datetime) -> Reason | None:
        """Return why the rule forbids an answer at `now` by what was on record at `recorded`."""
        history = self.records.histories.get(entry.asset)
        rights = history.as_of(recorded).rights if history else None
        rule = _rule_at(self.records.rules.get(entry.channel, ()), recorded)
        reason = self._token(entry, now, recorded)
        if reason is not None or rights is None or rule is None:
            return reason or (Reason.NOT_FOUND if rights is None else Reason.CHANNEL)
        if entry.audience == "staff":
            return Reason.LEGAL_DEMAND if rights.legal_demand else None
        reasons = (
            decide(
                rights,
                Question(
                    now=now,
                    countries=countries,
                    channel=entry.channel,
                    usage=entry.usage,
                    windows=self._windows(entry, recorded),
                ),
            ).reason
            for countries in _countries(entry, rule)
        )
        first = next(reasons)
        return None if first is None or None in reasons else first

    def _windows(self, entry: Entry, recorded: datetime) -> tuple[Window, ...] | None:
        if entry.owner is None or entry.audience == "staff":
            return None
        owned = self.records.windows.get((entry.owner, entry.channel), ())
        return windows_as_of(owned, recorded)

    def _token(self, entry: Entry, now: datetime, recorded: datetime) -> Reason | None:
        revoked_at = self.records.revocations.get(entry.kid, NEVER)
        if entry.kid not in self.records.revocations or (revoked_at or NEVER) <= recorded:
            return Reason.TOKEN_INVALID
        if now < datetime.fromtimestamp(entry.not_before, UTC) - _EARLY:
            return Reason.TOKEN_NOT_YET
        if now >= datetime.fromtimestamp(entry.expires_at, UTC):
            return Reason.TOKEN_EXPIRED
        return None

    def _changes_of(self, entry: Entry) -> list[datetime]:
        """Return all instants at which what the answer rests on was changed, ascending."""
        key = (entry.asset, entry.channel, entry.owner, entry.kid)
        known = self._changes.get(key)
        if known is None:
            history = self.records.histories.get(entry.asset)
            spans = [each.on_record for each in self.records.rules.get(entry.channel, ())]
            if entry.owner is not None:
                owned = self.records.windows.get((entry.owner, entry.channel), ())
                spans += [each.on_record for each in owned]
            instants = {instant for span in spans for instant in (span.start, span.end)}
            instants |= set(history.changes if history else ())
            instants.add(self.records.revocations.get(entry.kid) or NEVER)
            known = self._changes[key] = sorted(instants - {NEVER})
        return known


def _countries(entry: Entry, rule: RecordedRule) -> Iterable[int]:
    """Return whose countries to ask for; an answer is forbidden if the rule forbids it for all."""
    if rule.territory is not None:
        return (rule.territory,)
    return country_bits().values() if entry.country == ANYWHERE else (bit_of(entry.country),)


def _rule_at(rules: Sequence[RecordedRule], instant: datetime) -> RecordedRule | None:
    return next((rule for rule in rules if rule.on_record.contains(instant)), None)
