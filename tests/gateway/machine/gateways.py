"""Real gateways on the loop's time: only the network, the pixels and the clocks are the test's."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from catalog.clock import Clock, Clocks
from catalog.db import Pool
from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError
from catalog.events.feed import Feed
from catalog.events.model import GatewayIdentity
from catalog.memory.lease import Lease
from catalog.storage.model import ObjectNotFoundError, ObjectStore, StoredObject
from edge.edges import TrustedHop
from edge.hops import LEG_HEADER, Hops
from gateway.answer_recorder import AnswerRecorder
from gateway.authorise import Authoriser
from gateway.index import Index
from gateway.leaves import Keepers
from gateway.lifetime_policy import LifetimePolicy
from gateway.proof.delivery_log import DeliveryLog, LogLimits
from gateway.report import Reporter
from gateway.service import Gateway
from imaging.model import Rendition
from imaging.pool import Made, RenderPool
from imaging.stored_renditions import StoredLimits, StoredRenditions
from imaging.vips import Master
from serving.at_once import PlainRequest, RawAnswer
from tests.gateway.machine.asking import MachineRequest
from tests.gateway.machine.links import Link
from tests.gateway.machine.primary import Primary, instant

LEASE_S = 1.0

_PLAIN_ADDRESS, _EDGE_ADDRESS = "127.0.0.1", "127.0.0.2"
_HOPS = (
    TrustedHop(
        name="cdn",
        networks=(IPv4Network(_PLAIN_ADDRESS),),
        territory="vary",
        honours_vary=True,
    ),
    TrustedHop(name="edge", networks=(IPv4Network(_EDGE_ADDRESS),), kind="authorising"),
)


class EmptyStore(ObjectStore):
    """Holds every master and no rendition: what is not in memory is rendered."""

    async def read(self, key: str) -> bytes:
        if key.startswith("masters/"):
            return b"a master"
        raise ObjectNotFoundError(key)

    async def write(self, key: str, body: bytes, *, lasting: bool = True) -> None:
        """Forget it."""

    async def read_file(self, key: str, path: Path) -> None:
        await asyncio.to_thread(path.write_bytes, await self.read(key))

    async def write_file(self, key: str, path: Path) -> None:
        """Forget it."""

    async def exists(self, key: str) -> bool:
        return key.startswith("masters/")

    async def delete(self, key: str) -> None:
        """There is nothing to remove."""

    async def objects(self, prefix: str) -> AsyncIterator[StoredObject]:
        for key in (prefix,):
            if await self.exists(key):
                yield StoredObject(key=key, size_bytes=8)

    def local_path(self, key: str) -> Path | None:
        assert key
        return None

    def at_hand(self) -> None:
        """Be waited for, as S3 is."""


class SlowRenders(RenderPool):
    """Renders that take as long as the machine says, and no processor."""

    def __init__(self) -> None:
        self.take_s = 0.0

    def note_stored_request(self) -> None:
        """Renders here take no processor that a delivery could want."""

    async def run(
        self,
        master: Master | Callable[[], Awaitable[Master]],
        request: RenditionRequest,
        *,
        made: Made | None = None,
    ) -> Rendition:
        assert callable(master)
        body = await master()
        await asyncio.sleep(self.take_s)
        assert isinstance(body, bytes)
        rendition = Rendition(
            body=body, format=request.format, width_px=request.width_px, height_px=1
        )
        if made is not None:
            made(rendition)
        return rendition


def _recorder(now: Clock) -> AnswerRecorder:
    """Make an account that is never written down."""
    identity = GatewayIdentity.new()
    return AnswerRecorder(
        reporter=Reporter(cast("Pool", None), identity),
        delivery_log=DeliveryLog(LogLimits(folder=Path(os.devnull)), identity.id),
        now=now,
    )


class RunningGateway:
    """One process, so to speak: born with a cold index, and with a clock of its own."""

    def __init__(self, primary: Primary, link: Link, *, skew_s: float, remembers: bool) -> None:
        self.link = link
        self._primary = primary
        self.renders = SlowRenders()
        clocks = Clocks(
            monotonic_s=lambda: primary.now_s,
            utc=lambda: instant(primary.now_s) + timedelta(seconds=skew_s),
        )
        lease = Lease(
            lease_s=LEASE_S,
            left_s=lambda: feed.left_s,
            monotonic_s=clocks.monotonic_s,
        )
        index = Index(link.loaders, lease, max_assets=100)
        feed = Feed(
            link.open_log,
            lease_s=LEASE_S,
            on_touched=lambda touches: index.drop([each.subject for each in touches]),
            on_reset=index.reset,
            clocks=clocks,
        )
        self._feed = feed
        self._gateway = Gateway(
            index=index,
            authoriser=Authoriser(index, feed.now),
            renditions=StoredRenditions(
                EmptyStore(),
                self.renders,
                not_stored=_never,
                limits=StoredLimits(memory_bytes=1024**2 if remembers else 0),
                claims=None,
                monotonic_s=clocks.monotonic_s,
            ),
            recorder=_recorder(feed.now),
            hops=Hops(_HOPS, demo_country=None),
            lifetime_policy=LifetimePolicy(
                browser_max_age_s=60, overdue_drivers=lambda: feed.overdue_drivers
            ),
            now=feed.now,
            media_base="http://media",
            keepers=Keepers(may_keep=True, awaited={}),
        )
        self._task = asyncio.get_running_loop().create_task(feed.run())

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def get(self, asked: MachineRequest) -> Response:
        """Answer through the whole pipeline; the answer starts when this returns."""
        await self._feed.first_answer()  # it is opened no earlier
        path, _, query = asked.url.partition("?")
        headers = {"CF-IPCountry": asked.country or "XX"}
        if asked.leave_only:
            headers[LEG_HEADER] = "authorise"
        if asked.has_copy:
            headers["If-None-Match"] = "*"
        address = _EDGE_ADDRESS if asked.leave_only else _PLAIN_ADDRESS
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            "client": (address, 1),
        }
        raw = dict(scope["headers"])
        answer = self._gateway.answer_at_once(
            PlainRequest(method="GET", target=asked.url.encode(), headers=raw, address=address)
        )
        return await self._gateway.handle(Request(scope)) if answer is None else _read(answer)


def _read(answer: RawAnswer) -> Response:
    head, body = answer
    status_line, *lines = head.decode("latin-1").splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return Response(body or None, int(status_line.split()[1]), headers)


def _never(_: RenditionRequest, error: VitrineError) -> None:
    raise AssertionError from error
