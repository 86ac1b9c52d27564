"""What is counted with every request is collected as Prometheus expects it."""

from prometheus_client import CollectorRegistry, generate_latest

from serving.counts import Counts, Durations


def test_counts_and_durations_are_written_as_those_of_the_library_are() -> None:
    registry = CollectorRegistry()
    sent = Counts("sent", "Images sent.", ("preset", "how"), registry=registry)
    took = Durations("took_seconds", "Time taken.", (0.5, 1), registry=registry)
    sent.add(("card", "memory"))
    sent.add(("card", "memory"), 2)
    sent.add(("zoom", "store"))
    for seconds in (0.25, 0.5, 0.75, 4.0):
        took.add(seconds)

    lines = generate_latest(registry).decode().splitlines()
    assert [line for line in lines if not line.startswith("# HELP")] == [
        "# TYPE sent_total counter",
        'sent_total{how="memory",preset="card"} 3.0',
        'sent_total{how="store",preset="zoom"} 1.0',
        "# TYPE took_seconds histogram",
        'took_seconds_bucket{le="0.5"} 2.0',
        'took_seconds_bucket{le="1.0"} 3.0',
        'took_seconds_bucket{le="+Inf"} 4.0',
        "took_seconds_count 4.0",
        "took_seconds_sum 5.5",
    ]
