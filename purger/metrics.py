"""What the purger counts."""

from prometheus_client import Counter, Enum, Gauge, Histogram

from catalog.purges.driver_store import CircuitState

SENT = Counter("vitrine_purge_requests_sent", "Purge requests begun.", ("driver",))
CONFIRMED = Counter(
    "vitrine_purge_requests_confirmed", "Purge requests that were done.", ("driver",)
)
FAILED = Counter(
    "vitrine_purge_requests_failed", "Purge requests that were not done.", ("driver", "code")
)
DEPTH = Gauge("vitrine_purge_queue_depth", "Purges due and not confirmed.", ("driver",))
OVERDUE_S = Gauge(
    "vitrine_purge_oldest_overdue_seconds", "Since when the oldest purge is due.", ("driver",)
)
CONFIRMED_AFTER_S = Histogram(
    "vitrine_purge_event_to_confirmed_seconds",
    "From an event to the confirmation of its purge, of each tag.",
    ("driver", "purge_pass"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 40, 60, 120, 300),
)
CIRCUIT = Enum(
    "vitrine_purge_circuit",
    "Whether a driver that this purger holds is asked, left alone, or tried.",
    ("driver",),
    states=[state.value for state in CircuitState],
)
BOUNDARIES = Counter("vitrine_boundaries_reached", "Starts and ends announced.")
