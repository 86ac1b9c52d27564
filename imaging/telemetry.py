"""Metrics of renders, and a span of each with a child for every step."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

from catalog.errors import VitrineError
from imaging.model import Rendition

_RENDERS = Counter("vitrine_renders", "Renders that ended.", ("format", "outcome"))
_SECONDS = Histogram(
    "vitrine_render_seconds",
    "From the request for a render to its end, waiting and fetching included.",
    ("format",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

QUEUE = Gauge("vitrine_render_queue", "Renders that have a place and no thread.")

_tracer = trace.get_tracer("vitrine")


@contextmanager
def tracing_render(image_format: str) -> Generator[Callable[[Rendition], Rendition]]:
    """Measure and trace one render; hand the rendition through what is yielded.

    Raises:
        VitrineError: as the block does; the render counts with its code.
    """
    started_s = time.perf_counter()
    outcome = "cancelled"
    with _tracer.start_as_current_span("render", attributes={"vitrine.format": image_format}):
        try:
            yield _with_steps
            outcome = "done"
        except VitrineError as error:
            outcome = error.code
            raise
        finally:
            _RENDERS.labels(image_format, outcome).inc()
            _SECONDS.labels(image_format).observe(time.perf_counter() - started_s)


def _with_steps(rendition: Rendition) -> Rendition:
    """Add a span for each step, counted back from now: the thread that took them has ended."""
    if rendition.making is not None and trace.get_current_span().is_recording():
        begin_ns = time.time_ns() - round(sum(s.took_ms for s in rendition.making.steps) * 1e6)
        for step in rendition.making.steps:
            end_ns = begin_ns + round(step.took_ms * 1e6)
            _tracer.start_span(step.name, start_time=begin_ns).end(end_ns)
            begin_ns = end_ns
    return rendition
