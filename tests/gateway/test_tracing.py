"""Traces: a collector on loopback hears of every step of a delivery, and of nothing secret."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.ports import free_port
from tests.support.processes import run_vitrine, wait_until_ready
from tests.support.stage import WORLDWIDE, Stage, master_key_text

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "CF-IPCountry": "DE"}


class Collector:
    """Keeps what is exported to it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def run_collector() -> Generator[tuple[Collector, str]]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if self.headers.get("Content-Encoding") is None and self.path == "/v1/traces":
                collector.bodies.append(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base names it
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield collector, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


async def test_every_step_of_a_delivery_is_traced_and_no_token_is_told(
    stage: Stage, database_url: str, gateway_database_url: str, tmp_path: Path
) -> None:
    asset = await stage.asset(WORLDWIDE)
    port = free_port()
    with run_collector() as (collector, endpoint):
        env = {
            "VITRINE_HOME": str(tmp_path),
            "VITRINE_DATABASE_URL": database_url,
            "VITRINE_GATEWAY_DATABASE_URL": gateway_database_url,
            "VITRINE_MASTER_KEY": master_key_text(),
            "VITRINE_GATEWAY_PORT": str(port),
            "VITRINE_OTLP_ENDPOINT": endpoint,
            "VITRINE_TRACE_SHARE": "0",
        }
        base = f"http://127.0.0.1:{port}"
        with run_vitrine("gateway", env=env, log=tmp_path / "log") as process:
            wait_until_ready(base, process)
            async with httpx2.AsyncClient(base_url=base, headers=SAMPLED) as client:
                for _ in range(2):
                    assert (await client.get(stage.url(asset))).status_code == 200
                untraced = await client.get(stage.url(asset), headers={"traceparent": ""})
                assert untraced.status_code == 200

    spans = collector.spans()
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    names = [span.name for span in spans]
    for name, times in (
        ("GET", 2),
        ("verify", 2),
        ("authorise", 4),
        ("find_or_render", 2),
        ("look_up", 1),
        ("fetch_master", 1),
        ("render", 1),
        ("encode", 1),
    ):
        assert names.count(name) == times, name
    by_id = {span.span_id: span for span in spans}
    (encode,) = (span for span in spans if span.name == "encode")
    assert by_id[encode.parent_span_id].name == "render"
    token = stage.url(asset).partition("?t=")[2]
    assert all(token.encode() not in body for body in collector.bodies)
