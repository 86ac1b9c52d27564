"""What a workload prints: figures with their spread, and whether each aim was met."""

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
        return {
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one workload.

    Attributes:
        settings: sizes and counts that somebody needs to repeat it.
        at_most: the aims, by metric: its median may not be larger.
        at_least: likewise: its smallest value may not be smaller.
    """

    name: str
    settings: Mapping[str, Any]
    figures: Mapping[str, Figure]
    at_most: Mapping[str, float] = field(default_factory=dict[str, float])
    at_least: Mapping[str, float] = field(default_factory=dict[str, float])

    def as_json(self) -> dict[str, Any]:
        """Return the one object that `--json` prints."""
        return {
            "name": self.name,
            "settings": dict(self.settings),
            "versions": {"vitrine": version("vitrine"), "python": platform.python_version()},
            "figures": {name: figure.as_json() for name, figure in self.figures.items()},
            "ratios": {},
            "aims": {
                name: {"aim": limit, "met": self.figures[name].median <= limit}
                for name, limit in self.at_most.items()
            }
            | {
                name: {"aim": limit, "met": min(self.figures[name].values) >= limit}
                for name, limit in self.at_least.items()
            },
        }

    def print(self, *, as_json: bool) -> None:
        """Print it for a program or for a person."""
        if as_json:
            print(orjson.dumps(self.as_json()).decode())
            return
        print(self.name, dict(self.settings))
        width = max(map(len, self.figures))
        for name, figure in self.figures.items():
            aim = f"  (aim: at most {self.at_most[name]:g})" if name in self.at_most else ""
            if name in self.at_least:
                aim += f"  (aim: at least {self.at_least[name]:g})"
            spread = f"{min(figure.values):g} to {max(figure.values):g}"
            print(f"  {name:{width}} {figure.median:g} {figure.unit}  ({spread}){aim}")
