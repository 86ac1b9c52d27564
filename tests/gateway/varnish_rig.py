"""A real Varnish in front of a gateway that does what the test says."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.etags import is_still
from tests.support.ports import free_port
from tests.support.serve import serve
from tests.support.stage import master_key_text
from vitrine.embedded import varnish as embedded
from vitrine.embedded.varnish import has_varnish
from vitrine.settings import Settings, load_settings

PURGE_SECRET = "purge-secret-0123"
HOP_SECRET = "hop-secret-0123456"
OUTER_SECRET = "outer-secret-01234"
BROWSER = "127.0.0.1"  # nobody trusts it
CDN = "127.0.0.2"  # a trusted hop
OUTER = "127.0.0.3"  # an authorising tier in front

IMAGE = "/7f3k2cq9/1c/card.3-640/shoe.jpg"
AUTO = "/7f3k2cq9/1c/card.3-640/shoe.auto"

needs_varnish = pytest.mark.skipif(
    not has_varnish(),
    reason="needs the Debian packages varnish and varnish-modules",
)


def settings(**overrides: object) -> Settings:
    """Return settings with a Varnish of each mode and two hops that may stand in front."""
    hops = [
        {"name": "edge", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET, "driver": "edge"}
        | {"kind": "authorising"},
        {"name": "cache", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET, "driver": "edge"}
        | {"kind": "plain"},
        {"name": "cdn", "networks": [f"{CDN}/32"], "country_header": "X-Cdn-Country"},
        {"name": "outer", "networks": [f"{OUTER}/32", f"{BROWSER}/32"], "secret": OUTER_SECRET}
        | {"kind": "authorising", "driver": "outer"},
    ]
    drivers = [
        {"name": "edge", "kind": "varnish", "nodes": ["http://edge"], "secret": PURGE_SECRET},
        {"name": "outer", "kind": "varnish", "nodes": ["http://outer"], "secret": PURGE_SECRET},
    ]
    return load_settings(**{
        "trusted_hops": hops,
        "purge_drivers": drivers,
        **overrides,
    })


def house_settings(
    database_url: str, gateway_database_url: str, home: Path, *, node: str
) -> Settings:
    """Return settings of a gateway behind an authorising Varnish, with a CDN in front of that."""
    return load_settings(
        home=home,
        database_url=database_url,
        gateway_database_url=gateway_database_url,
        master_key=master_key_text(),
        trusted_hops=[
            {"name": "edge", "networks": ["127.0.0.1/32"], "secret": HOP_SECRET}
            | {"kind": "authorising", "driver": "edge"},
            {"name": "cdn", "networks": [f"{CDN}/32"]},
        ],
        purge_drivers=[
            {"name": "edge", "kind": "varnish", "nodes": [node], "secret": PURGE_SECRET}
        ],
    )


@dataclass
class Gateway:
    """Answers both legs as a gateway does, and keeps what it was asked.

    Attributes:
        canonical: whether leave is for the one right URL.
        leave_tags: of leave that may be kept; None: it is asked for each time.
        leave_status: of leave.
        leave_lacks: the name of a header that leave is given without.
        redirects: whether another URL is the right one: 307, for a minute, tagged as a picture.
        leg_1_gate: holds answers to leg 1 back once they are decided.
        asked_at: when it was asked each time, by `time.monotonic`.
        gate: holds renders back.
    """

    epoch: str = "1c"
    allowed: bool = True
    refused_countries: set[str] = field(default_factory=set[str])
    browser: str = "public, max-age=60, must-revalidate"
    edge: str | None = None
    good_for: str | None = "0.300"
    leave_tags: str | None = None
    canonical: str = "1"
    leave_status: int = 204
    leave_lacks: str = ""
    redirects: bool = False
    leg_1_gate: asyncio.Event | None = None
    lifetime: str = "max-age=300"
    vary: str | None = None
    extra: dict[str, str] = field(default_factory=dict[str, str])
    gate: asyncio.Event | None = None
    asked: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    asked_at: list[float] = field(default_factory=list[float])
    rendered: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    urls: list[str] = field(default_factory=list[str])
    rendering: int = 0
    most_rendering: int = 0

    async def __call__(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if request.headers.get("X-Vitrine-Leg") == "authorise":
            self.asked.append(dict(request.headers))
            self.asked_at.append(time.monotonic())
            answer = refusal or self._leave()
            if self.leg_1_gate:
                await self.leg_1_gate.wait()
            return answer
        self.rendered.append(dict(request.headers))
        self.urls.append(str(request.url.path) + "?" + request.url.query)
        return refusal or await self._render(request)

    def _leave(self) -> Response:
        if self.redirects:
            headers = {"CDN-Cache-Control": "max-age=60", "xkey": "a-7f3k2cq9", "Location": IMAGE}
            return Response(status_code=307, headers=headers)
        headers = {
            "X-Epoch": self.epoch,
            "X-Browser-Cache-Control": self.browser,
            "X-Canonical": self.canonical,
            **({} if self.good_for is None else {"X-Good-For": self.good_for}),
            **({} if self.leave_tags is None else {"xkey": self.leave_tags}),
            **({"X-Edge-Cache-Control": self.edge} if self.edge else {}),
        }
        headers.pop(self.leave_lacks, None)
        return Response(status_code=self.leave_status, headers=headers)

    def _refusal(self, request: Request) -> Response | None:
        country = request.headers.get("CF-IPCountry", "XX")
        if request.query_params.get("t", "") in ("", "forged"):
            return _problem(401)
        if not self.allowed:
            return _problem(410)
        if country in self.refused_countries:
            return _problem(403)
        return None

    async def _render(self, request: Request) -> Response:
        body = f"{len(self.rendered)} {request.headers.get('accept', '-')}".encode()
        self.rendering += 1
        self.most_rendering = max(self.most_rendering, self.rendering)
        if self.gate:
            await self.gate.wait()
        self.rendering -= 1
        headers = {
            "Cache-Control": self.browser,
            "CDN-Cache-Control": self.lifetime,
            "ETag": f'"{len(body)}"',
            "xkey": "a-7f3k2cq9 v-card",
            "Surrogate-Key": "a-7f3k2cq9 v-card",
            "Cache-Tag": "a-7f3k2cq9,v-card",
            "Cache-Status": "vitrine; fwd=miss",
            **({"Vary": self.vary} if self.vary else {}),
            **self.extra,
        }
        if not is_still(request.headers.get("If-Match", "*"), headers["ETag"]):
            return _problem(412)
        return Response(body, headers=headers, media_type="image/jpeg")


def _problem(status: int) -> Response:
    return Response(
        b"{}",
        status,
        headers={"Cache-Control": "no-store", "Content-Type": "application/problem+json"},
    )


@asynccontextmanager
async def run_gateway(gateway: Gateway, port: int = 0) -> AsyncGenerator[tuple[str, int]]:
    async def endpoint(request: Request) -> Response:
        return await gateway(request)

    methods = ["GET", "HEAD"]
    app = Starlette(routes=[Route("/{_:path}", endpoint, methods=methods)])
    async with serve(app, port=port) as base:
        url = httpx2.URL(base)
        yield url.host, url.port or 0


@contextmanager
def run_varnish(vcl: str) -> Generator[str]:
    """Run varnishd with this VCL on a free port; yield its base URL."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="varnish-", dir="/var/tmp") as folder:
        process = start_varnish(vcl, port, Path(folder))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def start_varnish(vcl: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start varnishd, empty, and return it once it answers; whoever starts it ends it."""
    fast = ("-p", "cc_command=%D -O0")  # compiling is most of a start
    return embedded.start_varnish(vcl, port, folder, memory_mib=16, options=fast)


@asynccontextmanager
async def client(base: str, address: str = BROWSER) -> AsyncGenerator[httpx2.AsyncClient]:
    """Yield a client that connects from one address of loopback."""
    transport = httpx2.AsyncHTTPTransport(local_address=address)
    async with httpx2.AsyncClient(
        base_url=base, transport=transport, headers={"Accept": "*/*"}, timeout=20
    ) as opened:
        yield opened


def status_of(response: httpx2.Response) -> str:
    """Return what the outermost cache says that it did: `hit`, `fwd=miss`, `fwd=bypass`."""
    return response.headers["Cache-Status"].rpartition("vitrine-edge; ")[2].partition(";")[0]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail if it does not in time."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the other side is a socket
            await asyncio.sleep(0.01)
