"""Counts of what happens with every request: plain numbers, which Prometheus collects.

`prometheus_client` takes a lock for each step of its own counters, so that threads may share them.
These are counted on the event loop alone, and cost a tenth.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import isinf

from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector


class Counts(Collector):
    """How often something happened, or how much of it there was, by labels.

    Args:
        name: of the metric, without `_total`.
        documentation: of the metric.
        labels: their names; whoever counts gives a value for each, in the same order.
        registry: that collects it.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._name, self._documentation, self._labels = name, documentation, labels
        self._counted: defaultdict[tuple[str, ...], int] = defaultdict(int)
        registry.register(self)

    def add(self, labels: tuple[str, ...], count: int = 1) -> None:
        """Count."""
        self._counted[labels] += count

    def describe(self) -> Iterable[Metric]:
        """Yield the metric without its numbers."""
        yield self._family()

    def collect(self) -> Iterable[Metric]:
        """Yield the metric."""
        family = self._family()
        for labels, count in tuple(self._counted.items()):
            family.add_metric(labels, count)
        yield family

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self._name, self._documentation, labels=self._labels)


class Durations(Collector):
    """How long something took.

    Args:
        name: of the metric.
        documentation: of the metric.
        buckets: their upper ends in seconds, ascending.
        registry: that collects it.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        buckets: Sequence[float],
        *,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._name, self._documentation = name, documentation
        self._ends = (*buckets, float("inf"))
        self._counted = [0] * len(self._ends)
        self._sum_s = 0.0
        registry.register(self)

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counted[bisect_left(self._ends, seconds)] += 1
        self._sum_s += seconds

    def describe(self) -> Iterable[Metric]:
        """Yield the metric without its numbers."""
        yield HistogramMetricFamily(self._name, self._documentation)

    def collect(self) -> Iterable[Metric]:
        """Yield the metric."""
        at_most, buckets = 0, list[tuple[str, float]]()
        for end, count in zip(self._ends, self._counted, strict=True):
            at_most += count
            buckets.append(("+Inf" if isinf(end) else str(float(end)), at_most))
        family = HistogramMetricFamily(self._name, self._documentation)
        family.add_metric([], buckets, self._sum_s)
        yield family
