"""What a measurement amounts to, under the names that `bench/README.md` lists."""

from collections.abc import Iterator, Sequence

from bench.report import Figure
from bench.time_to_dark.judge import WatcherVerdict, percentile
from bench.time_to_dark.measure import Measurement
from bench.time_to_dark.run import Seen

GATEWAY_P99_MS = 50.0
EDGE_P99_MS = 250.0
_PERCENTS = {"p50": 50, "p99": 99, "max": 100}


def figures_of(measured: Measurement) -> dict[str, Figure]:
    """Compute every figure."""
    seen, load, purges = measured.seen, measured.load, measured.purges
    kinds = sorted({kind for each in seen.outcomes for kind in each.verdicts})
    found: dict[str, Figure] = {}
    for kind in kinds:
        watched = [each.verdicts[kind] for each in seen.outcomes if kind in each.verdicts]
        found |= _latencies(kind, watched)
    commits_ms = [1000 * each.committed.lasted_s for each in seen.outcomes]
    found |= _spread("commit", commits_ms)
    leaks = {
        kind: load.leaks[kind] + sum(each.leaks for each in _all(seen, kind)) for kind in kinds
    }
    counts = {
        "leaks": (sum(leaks.values()) - leaks.get("plain", 0), "deliveries"),
        "revocations": (len(seen.outcomes), "commits"),
        "restored": (seen.restored, "commits"),
        "denials": (sum(each.denials for kind in kinds for each in _all(seen, kind)), "answers"),
        "faults": (
            load.faults + sum(each.faults for kind in kinds for each in _all(seen, kind)),
            "answers",
        ),
        "load_requests": (load.requests, "requests"),
        "load_judged": (load.judged, "requests"),
        "load_rate": (load.requests / measured.load_s, "requests/s"),
        "purges_sent": (purges.sent, "purges"),
        "purges_confirmed": (purges.confirmed, "purges"),
        "replayed": (measured.replayed.judged, "answers"),
        "incidents": (measured.replayed.incidents, "answers"),
        "replayed_latest_ms": (
            round(1000 * measured.replayed.latest.total_seconds(), 2),
            "ms",
        ),
    }
    if "plain" in leaks:
        counts["plain_leaks"] = (leaks["plain"], "deliveries")
    return found | {
        name: Figure(values=[value], unit=unit) for name, (value, unit) in counts.items()
    }


def aims_of(figures: dict[str, Figure], *, only_bounds: bool, lease_s: float) -> dict[str, float]:
    """Return the aims.

    Args:
        figures: that there are.
        only_bounds: latencies say what two cores do with many gateways or many changes at once, or
            what an edge does that nobody purges.
        lease_s: the bound.
    """
    aims = {"leaks": 0.0, "plain_leaks": 0.0, "incidents": 0.0}
    if not only_bounds:
        aims |= {"gateway_p99_ms": GATEWAY_P99_MS, "edge_p99_ms": EDGE_P99_MS}
    else:
        aims |= {"gateway_max_ms": 1000 * lease_s, "edge_max_ms": 1000 * lease_s}
    return {name: limit for name, limit in aims.items() if name in figures}


def _latencies(kind: str, revocations: Sequence[Sequence[WatcherVerdict]]) -> dict[str, Figure]:
    """Of each revocation the slowest place of the kind counts."""
    dark_ms = [1000 * max(each.dark_s for each in places) for places in revocations]
    denied_ms = [
        1000 * max(each.denied_s for each in places if each.denied_s is not None)
        for places in revocations
        if any(each.denied_s is not None for each in places)
    ]
    return _spread(kind, dark_ms) | _spread(f"{kind}_denied", denied_ms)


def _spread(name: str, values_ms: Sequence[float]) -> dict[str, Figure]:
    return {
        f"{name}_{label}_ms": Figure(values=[round(percentile(values_ms, percent), 2)], unit="ms")
        for label, percent in _PERCENTS.items()
        if values_ms
    }


def _all(seen: Seen, kind: str) -> Iterator[WatcherVerdict]:
    return (verdict for each in seen.outcomes for verdict in each.verdicts.get(kind, ()))
