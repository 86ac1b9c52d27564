"""What a reader of the event log has seen: pure."""

from dataclasses import dataclass
from itertools import pairwise

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A `pg_snapshot`: which transactions had committed when it was taken.

    Attributes:
        text: as PostgreSQL writes it, `xmin:xmax:xip,…`.
        xmin: every transaction below it is held.
        xmax: none from it on is.
        running: those between that are not.
    """

    text: str
    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def read(cls, text: str) -> "Snapshot":
        """Read what PostgreSQL writes.

        Raises:
            ValueError: it is anything else.
        """
        parts = text.split(":")
        if len(parts) != _PARTS or not text.isascii():
            raise ValueError(f"no snapshot: {text!r}")
        xmin, xmax = int(parts[0]), int(parts[1])
        running = [int(each) for each in parts[2].split(",")] if parts[2] else []
        ascends = all(low < high for low, high in pairwise(running))
        if not (0 < xmin <= xmax and ascends and all(xmin <= each < xmax for each in running)):
            raise ValueError(f"no snapshot: {text!r}")
        written = f"{xmin}:{xmax}:{','.join(map(str, running))}"
        return cls(written, xmin, xmax, frozenset(running))

    def holds(self, xid: int) -> bool:
        """Return whether what a transaction wrote is visible in it."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)
