"""What has been touched lately, and by which transactions: pure.

They show whether anything of what was read is newer than the snapshot that it was read
under. What was forgotten is never taken for unchanged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.events.model import Touch
from catalog.events.snapshot import Snapshot
from catalog.subjects import Subject


@dataclass(slots=True)
class _SubjectTouches:
    """One subject.

    Attributes:
        newest: the highest of `xids`; not the last that committed.
    """

    newest: int = 0
    xids: set[int] = field(default_factory=set[int])

    def add(self, xid: int) -> int:
        """Add a transaction; return how many there are more."""
        before = len(self.xids)
        self.xids.add(xid)
        self.newest = max(self.newest, xid)
        return len(self.xids) - before

    def above(self, xid: int) -> "_SubjectTouches":
        """Return those above a transaction."""
        later = {each for each in self.xids if each > xid}
        return _SubjectTouches(max(later, default=0), later)

    def is_held_by(self, snapshot: Snapshot) -> bool:
        """Return whether all of them are visible in a snapshot."""
        return self.newest < snapshot.xmax and snapshot.running.isdisjoint(self.xids)


class RecentTouches:
    """Remembers touches, and from which transaction on it knows them all.

    Args:
        max_touches: beyond it the half with the lower transactions is forgotten.
    """

    def __init__(self, *, max_touches: int) -> None:
        self._max_touches = max_touches
        self._by_subject: dict[Subject, _SubjectTouches] = {}
        self._touches = 0
        self._complete_above = 0

    def add(self, touches: Iterable[Touch]) -> None:
        """Remember touches, in any order and any number of times."""
        for subject, xid in touches:
            self._touches += self._by_subject.setdefault(subject, _SubjectTouches()).add(xid)
        if self._touches > self._max_touches:
            xids = sorted(xid for each in self._by_subject.values() for xid in each.xids)
            self.forget(xids[len(xids) // 2])

    def forget(self, xid: int) -> None:
        """Know nothing any more of the transactions up to this one."""
        self._complete_above = max(self._complete_above, xid)
        later = {subject: each.above(xid) for subject, each in self._by_subject.items()}
        self._by_subject = {subject: each for subject, each in later.items() if each.xids}
        self._touches = sum(len(each.xids) for each in self._by_subject.values())

    def are_held_by(self, snapshot: Snapshot, subjects: Iterable[Subject]) -> bool:
        """Return whether every touch of these subjects is visible in a snapshot.

        False also where the snapshot is too old to know.
        """
        if snapshot.xmin <= self._complete_above:  # it misses what may have been forgotten
            return False
        known = map(self._by_subject.get, subjects)
        return all(each is None or each.is_held_by(snapshot) for each in known)
