"""Where compiled execution spends its time: the stack is looked at now and then."""

import signal
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

#: Of processor time; the kernel's tick may make it longer.
_EVERY_S = 0.001
_RESOLVERS = ("/api/schema/", "/catalog/", "/api/images/urls.py")
_EXECUTION = ("/api/execution/", "<graphql ")
_PASSES_ON = "Product.completed_by"  # which is asked between two functions of the compiled code
_NAMED = 8


class Samples:
    """Counts samples by what is being done, and of resolvers by which of a type's it is."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._resolvers: Counter[str] = Counter()

    @contextmanager
    def taken(self) -> Generator[None]:
        """Take samples until the end of the block; of the main thread alone."""
        before = signal.signal(signal.SIGPROF, self._take)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_S, _EVERY_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    @property
    def of_resolvers(self) -> float:
        """The share of the time that is in resolvers, whoever calls them."""
        return self._kinds["resolvers"] / max(1, self._kinds.total())

    def shares(self) -> dict[str, float]:
        """Return the share of the time by what is done, resolvers by name the longest first."""
        total = max(1, self._kinds.total())
        kinds = {name: round(count / total, 3) for name, count in self._kinds.most_common()}
        named = {
            f"resolver_{name}": round(count / total, 3)
            for name, count in self._resolvers.most_common(_NAMED)
        }
        return kinds | named

    def _take(self, _signal: int, frame: FrameType | None) -> None:
        stack: list[FrameType] = []
        while frame is not None:
            stack.append(frame)
            frame = frame.f_back
        stack.reverse()
        is_completing = False
        for each in stack:
            name = each.f_code.co_filename
            if each.f_code.co_qualname.startswith(_PASSES_ON):
                continue
            if any(part in name for part in _RESOLVERS):
                self._kinds["resolvers"] += 1
                self._resolvers[each.f_code.co_qualname] += 1
                return
            is_completing = is_completing or any(part in name for part in _EXECUTION)
        self._kinds["completion" if is_completing else "around"] += 1
