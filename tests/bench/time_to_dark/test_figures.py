"""The figures: of each revocation the slowest place counts, and a leak anywhere is in the sum."""

from collections.abc import Sequence

from bench.time_to_dark.figures import aims_of, figures_of
from bench.time_to_dark.judge import LoadVerdict, WatcherVerdict
from bench.time_to_dark.measure import Measurement, Purges
from bench.time_to_dark.revocations import Commit
from bench.time_to_dark.run import RevocationOutcome, Seen
from gateway.proof.replay import Tally


def verdict(dark_s: float, *, leaks: int = 0, denied_s: float | None = 0.01) -> WatcherVerdict:
    return WatcherVerdict(dark_s=dark_s, denied_s=denied_s, leaks=leaks, denials=3, faults=0)


def measured(
    *outcomes: dict[str, Sequence[WatcherVerdict]], load_leaks: dict[str, int] | None = None
) -> Measurement:
    seen = Seen()
    for verdicts in outcomes:
        committed = Commit(asked_at=9.998, at=10.0)
        seen.outcomes.append(
            RevocationOutcome(kind="withdrawn", committed=committed, verdicts=verdicts)
        )
    leaks = dict.fromkeys(outcomes[0], 0) | (load_leaks or {})
    load = LoadVerdict(requests=100, judged=10, leaks=leaks, faults=0)
    purges = Purges(sent=8, confirmed=7)
    return Measurement(seen=seen, load=load, load_s=2.0, purges=purges, replayed=Tally(judged=5))


def test_of_many_gateways_the_slowest_counts() -> None:
    figures = figures_of(measured({"gateway": [verdict(0.001), verdict(0.25), verdict(0.002)]}))
    assert figures["gateway_max_ms"].median == 250


def test_leaks_of_watches_and_of_the_load_are_added_and_those_of_a_plain_edge_apart() -> None:
    figures = figures_of(
        measured(
            {
                "gateway": [verdict(2, leaks=2)],
                "edge": [verdict(0)],
                "plain": [verdict(50, leaks=4)],
            },
            load_leaks={"edge": 1, "plain": 1},
        )
    )
    assert figures["leaks"].median == 3
    assert figures["plain_leaks"].median == 5


def test_without_varnish_there_is_no_figure_and_no_aim_of_an_edge() -> None:
    figures = figures_of(measured({"gateway": [verdict(0.004)]}))
    assert not [name for name in figures if name.startswith(("edge", "plain"))]
    assert aims_of(figures, only_bounds=False, lease_s=1.0) == {
        "leaks": 0,
        "incidents": 0,
        "gateway_p99_ms": 50,
    }


def test_what_only_bounds_are_aims_of_may_last_a_lease() -> None:
    figures = figures_of(measured({"gateway": [verdict(0.2)] * 20, "edge": [verdict(0.2)]}))
    aims = aims_of(figures, only_bounds=True, lease_s=1.0)
    assert aims == {"leaks": 0, "incidents": 0, "gateway_max_ms": 1000, "edge_max_ms": 1000}


def test_what_was_not_watched_counts_as_a_revocation_and_has_no_latency() -> None:
    figures = figures_of(measured({"gateway": [verdict(0.004)]}, {}))
    assert figures["revocations"].median == 2
    assert figures["gateway_p50_ms"].median == 4


def test_counts_are_reported_as_they_are() -> None:
    figures = figures_of(measured({"gateway": [verdict(0.004)]}, {"gateway": [verdict(0.004)]}))
    counts = {
        "revocations": 2,
        "denials": 6,
        "load_requests": 100,
        "load_judged": 10,
        "load_rate": 50,
        "purges_sent": 8,
        "purges_confirmed": 7,
    }
    assert {name: figures[name].median for name in counts} == counts
