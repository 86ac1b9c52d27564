"""What a step of the proof asks, finds and measures; it fails at the first thing that is not so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.errors import VitrineError


class StepFailedError(VitrineError):
    """A step found something else than what it has to find."""

    code = "STEP_FAILED"


class Figure(NamedTuple):
    """Something that was measured.

    Attributes:
        unit: empty for a plain number.
    """

    name: str
    value: float
    unit: str


@dataclass(slots=True)
class Evidence:
    """Collected by one step, for the report.

    Attributes:
        asked: what was asked of the product, in its own words: a command, a query, a request.
        found: each expectation that held, as a sentence.
        figures: what was measured on the way.
    """

    asked: list[str] = field(default_factory=list[str])
    found: list[str] = field(default_factory=list[str])
    figures: list[Figure] = field(default_factory=list[Figure])

    def ask(self, what: str) -> None:
        """Note what is asked."""
        self.asked.append(what)

    def expect(self, sentence: str, found: object, expected: object) -> None:
        """Note that something is as it has to be.

        Raises:
            StepFailedError: it is not.
        """
        if found != expected:
            raise StepFailedError(f"{sentence}: expected {expected!r}, found {found!r}")
        self.found.append(sentence)

    def holds(self, sentence: str, is_so: object) -> None:
        """Note that something is so.

        Raises:
            StepFailedError: it is not.
        """
        if not is_so:
            raise StepFailedError(f"{sentence}: it is not so")
        self.found.append(sentence)

    def measure(self, name: str, value: float, unit: str = "") -> None:
        """Note a figure."""
        self.figures.append(Figure(name, value, unit))

    def measure_spread(self, name: str, values_ms: Sequence[float]) -> None:
        """Note the median and the 99th percentile of milliseconds."""
        self.measure(f"{name}, median", percentile(values_ms, 0.5), "ms")
        self.measure(f"{name}, 99 of 100 within", percentile(values_ms, 0.99), "ms")


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share of them is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
