"""What a workload prints: figures and ratios with their spread, and whether each aim was met."""

import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One metric, measured at least once."""

    values: Sequence[float]
    unit: str

    @property
    def median(self) -> float:
        """Return the middle of the values."""
        return statistics.median(self.values)

    def as_json(self) -> dict[str, Any]:
        """Return it as `bench/README.md` describes it."""
        return {**_spread(self.values), "unit": self.unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one workload.

    Attributes:
        settings: sizes and counts that somebody needs to repeat it.
        versions: of what took part, besides Vitrine and Python.
        ratios: by peer, one for each round; above 1 Vitrine is ahead.
        at_most: the aims, by metric: its median may not be larger.
        at_least: the aims, by peer or metric: the median may not be smaller.
    """

    name: str
    settings: Mapping[str, Any]
    figures: Mapping[str, Figure]
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    ratios: Mapping[str, Sequence[float]] = field(default_factory=dict[str, Sequence[float]])
    at_most: Mapping[str, float] = field(default_factory=dict[str, float])
    at_least: Mapping[str, float] = field(default_factory=dict[str, float])

    def as_json(self) -> dict[str, Any]:
        """Return the one object that `--json` prints."""
        ours = {"vitrine": version("vitrine"), "python": platform.python_version()}
        return {
            "name": self.name,
            "settings": dict(self.settings),
            "versions": {**ours, **self.versions},
            "figures": {name: figure.as_json() for name, figure in self.figures.items()},
            "ratios": {name: _spread(values) for name, values in self.ratios.items()},
            "aims": {
                **{
                    name: {"aim": limit, "met": self._median(name) <= limit}
                    for name, limit in self.at_most.items()
                },
                **{
                    name: {"aim": limit, "met": self._median(name) >= limit}
                    for name, limit in self.at_least.items()
                },
            },
        }

    def print(self, *, as_json: bool) -> None:
        """Print it for a program or for a person."""
        if as_json:
            print(orjson.dumps(self.as_json()).decode())
            return
        print(self.name, dict(self.settings), dict(self.versions))
        width = max(map(len, [*self.figures, *self.ratios]))
        for name, figure in self.figures.items():
            print(f"  {name:{width}} {_in_words(figure.values, figure.unit)}{self._aim(name)}")
        if self.ratios:
            print(" against, as a ratio (above 1: Vitrine is ahead)")
        for name, values in self.ratios.items():
            print(f"  {name:{width}} {_in_words(values, 'times')}{self._aim(name)}")

    def _median(self, name: str) -> float:
        return statistics.median(self._values(name))

    def _values(self, name: str) -> Sequence[float]:
        return self.ratios[name] if name in self.ratios else self.figures[name].values

    def _aim(self, name: str) -> str:
        if name in self.at_most:
            return f"  (aim: at most {self.at_most[name]:g})"
        return f"  (aim: at least {self.at_least[name]:g})" if name in self.at_least else ""


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def _in_words(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):g} {unit}  ({min(values):g} to {max(values):g})"
