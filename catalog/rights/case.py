"""One question about one asset, answered by whatever was on record at an instant: pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain

from catalog.rights.history import AssetHistory, RecordedRule, RecordedWindow
from catalog.rights.model import NEVER, Decision, Question, Reason, Window
from catalog.rights.rules import decide

#: The resolution of instants, of PostgreSQL and Python alike.
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """May the asset be shown there, on that channel, for that use?

    Attributes:
        history: of the asset; None: there never was one.
        rules: of the channel, ascending in time.
        owner_windows: publications of the owner on the channel; None: bound to no owner.
        countries: bits of the viewer's country, where the channel goes by it.
    """

    history: AssetHistory | None
    rules: Sequence[RecordedRule]
    channel: str
    usage: str
    countries: int
    owner_windows: Sequence[RecordedWindow] | None = None

    def decide(self, now: datetime, *, recorded: datetime) -> Decision:
        """Decide as of `now` by what was on record at `recorded`."""
        asked = self.question(now, recorded=recorded)
        as_recorded = self.history.as_of(recorded) if self.history else None
        if as_recorded is None or as_recorded.rights is None:
            return Decision(reason=Reason.NOT_FOUND, holds_until=NEVER)
        if asked is None:
            return Decision(reason=Reason.CHANNEL, holds_until=NEVER)
        return decide(as_recorded.rights, asked)

    def question(self, now: datetime, *, recorded: datetime) -> Question | None:
        """Return what the rule is asked; None: there was no such channel."""
        rule = next((rule for rule in self.rules if rule.on_record.contains(recorded)), None)
        if rule is None:
            return None
        return Question(
            now=now,
            countries=self.countries if rule.territory is None else rule.territory,
            channel=self.channel,
            usage=self.usage,
            windows=self._windows(recorded),
        )

    def _windows(self, recorded: datetime) -> tuple[Window, ...] | None:
        if self.owner_windows is None:
            return None
        return tuple(
            each.visible for each in self.owner_windows if each.on_record.contains(recorded)
        )

    @cached_property
    def changes(self) -> Sequence[datetime]:
        """Return every instant at which what it rests on was changed, ascending."""
        spans = [each.on_record for each in chain(self.rules, self.owner_windows or ())]
        instants = {instant for span in spans for instant in (span.start, span.end)}
        instants |= set(self.history.changes if self.history else ())
        return sorted(instants - {NEVER})

    @cached_property
    def turning_points(self) -> Sequence[datetime]:
        """Return the changes, and every instant at which time alone may turn the answer."""
        spans = [each.visible for each in self.owner_windows or ()]
        if self.history:
            spans += [each.valid for each in chain(self.history.grants, self.history.restrictions)]
        instants = {instant for span in spans for instant in (span.start, span.end)}
        return sorted((instants | set(self.changes)) - {NEVER})

    def is_allowed(self, now: datetime, *, today: datetime) -> bool:
        """Return the answer as of an instant: of the past by its record, to come by today's."""
        return self.decide(now, recorded=min(now, today)).is_allowed

    def turns_at(self, now: datetime, *, today: datetime) -> datetime | None:
        """Return the first instant after `now` with the other answer; None: as things stand, none.

        Changes of the record turn it as time does; of what is to come only time is known.
        """
        before = self.is_allowed(now, today=today)
        later = self.turning_points[bisect_right(self.turning_points, now) :]
        return next(
            (each for each in later if self.is_allowed(each, today=today) is not before), None
        )


def turned_at(
    instants: Iterable[datetime], now: datetime, is_allowed: Callable[[datetime], bool]
) -> datetime | None:
    """Return the last instant up to `now` at which the answer turned; None: it always was so.

    Args:
        instants: at which it may have turned, in any order.
        now: whose answer it is.
        is_allowed: the answer as of an instant.
    """
    after = is_allowed(now)
    earlier = sorted(filter(now.__ge__, instants), reverse=True)
    return next((each for each in earlier if is_allowed(each - MICROSECOND) is not after), None)
