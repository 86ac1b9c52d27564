"""OpenTelemetry traces of a process, where the settings name a collector.

Spans are made through OpenTelemetry's API, which costs next to nothing while nobody collects.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind
from starlette.types import Scope

from serving.logs import redact
from serving.settings import LogSettings

TRACE_HEADER = b"traceparent"  # W3C Trace Context

_EXPORT_TIMEOUT_S = 3
_tracer = trace.get_tracer("vitrine")


def start_tracing(settings: LogSettings, *, process: str) -> Callable[[], None]:
    """Send the spans of this process to the collector from now on.

    Returns:
        What sends the last ones and ends it: it blocks, for some seconds at most.
    """
    if settings.otlp_endpoint is None:
        return lambda: None
    # loaded for those who have a collector
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - loaded where traces are sent
        OTLPSpanExporter,
    )

    provider = TracerProvider(
        resource=Resource.create({"service.name": f"vitrine-{process}"}),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_share)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(
        endpoint=f"{settings.otlp_endpoint}/v1/traces", timeout=_EXPORT_TIMEOUT_S
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def is_collected() -> bool:
    """Return whether anybody collects the spans of this process."""
    return isinstance(trace.get_tracer_provider(), TracerProvider)


@contextmanager
def request_span(scope: Scope, request_id: str) -> Generator[Any]:
    """Make the span of a request, within the trace that it names."""
    carrier = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in (TRACE_HEADER, b"tracestate")
    }
    with _tracer.start_as_current_span(
        scope["method"],
        context=propagate.extract(carrier) if carrier else None,
        kind=SpanKind.SERVER,
        attributes={
            "http.request.method": scope["method"],
            "url.path": redact(scope["path"]),  # without the query, which holds the token
            "vitrine.request_id": request_id,
        },
    ) as span:
        yield span
