"""The delivery pipeline: verify, decide, find or render, decide again, respond."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from opentelemetry import trace
from starlette.requests import Request
from starlette.responses import Response

from catalog.delivery.model import Preset
from catalog.delivery.tokens import TokenScopeError, key_id
from catalog.delivery.urls import PathError, RenditionPath
from catalog.errors import VitrineError
from catalog.graph.delivery import Catalogue
from edge.hops import Hops, Viewer
from gateway import respond
from gateway.answer_recorder import AnswerRecorder, Exchange
from gateway.authorise import Authoriser, Permission
from gateway.delivery_request import DeliveryRequest, find_preset, read_claims, read_path, token_of
from gateway.errors import NO_IMAGE_ERRORS, TOKEN_ERRORS, Refusal, problem, refusal_of
from gateway.find_or_render import find_or_render
from gateway.index import Index
from gateway.leaves import Keepers, Leaves
from gateway.lifetime_policy import LifetimePolicy
from gateway.negotiate import takes_json
from gateway.repeated_deliveries import RepeatedDeliveries
from imaging.model import RenditionTooLargeError
from imaging.stored_renditions import StoredRenditions
from serving.at_once import PlainRequest, RawAnswer

log = structlog.get_logger(__name__)
_tracer = trace.get_tracer("vitrine")

_MAX_PATH_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything that a delivery needs; wired in `app.py`."""

    index: Index
    authoriser: Authoriser
    renditions: StoredRenditions
    recorder: AnswerRecorder
    hops: Hops
    lifetime_policy: LifetimePolicy
    now: Callable[[], datetime]
    media_base: str
    keepers: Keepers
    _leaves: Leaves = field(init=False)
    _repeated: RepeatedDeliveries = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing held in memory."""
        leaves = Leaves(
            authoriser=self.authoriser,
            recorder=self.recorder,
            lifetime_policy=self.lifetime_policy,
            keepers=self.keepers,
        )
        repeated = RepeatedDeliveries(
            hops=self.hops,
            authoriser=self.authoriser,
            leaves=leaves,
            renditions=self.renditions,
            recorder=self.recorder,
            lifetime_policy=self.lifetime_policy,
        )
        object.__setattr__(self, "_leaves", leaves)
        object.__setattr__(self, "_repeated", repeated)

    def answer_at_once(self, asked: PlainRequest) -> RawAnswer | None:
        """Answer what was delivered before and still holds; None: `handle` has to."""
        return self._repeated.answer(asked)

    async def handle(self, request: Request) -> Response:
        """Answer any request; nothing from outside makes it fail."""
        exchange = Exchange(began=self.now())
        if len(request.scope["raw_path"]) > _MAX_PATH_BYTES:
            return self._refuse(Refusal(status=414, code="PATH_TOO_LONG", reason="PATH"), exchange)
        if request.method not in ("GET", "HEAD"):
            return self._refuse(Refusal(status=405, code="METHOD", reason="METHOD"), exchange)
        try:
            return await self._deliver(request, exchange)
        except VitrineError as error:
            if isinstance(error, NO_IMAGE_ERRORS) and exchange.wanted is not None:
                self._queue(error, exchange.wanted)
            return self._refuse(refusal_of(error), exchange)

    async def _deliver(self, request: Request, exchange: Exchange) -> Response:
        started = time.perf_counter()
        with _tracer.start_as_current_span("verify"):
            wanted = await self._read(request, exchange)
        allowed = await self._authorise(wanted)
        if allowed.location is not None:
            return self._direct(wanted, allowed, allowed.location)
        if wanted.viewer.asks_leave_only:
            asked = self._repeated.asked(request.scope, wanted)
            return self._leaves.give(wanted, allowed, asked=asked)
        accept = request.headers.get("Accept", "")
        with _tracer.start_as_current_span("find_or_render") as span:
            found = await find_or_render(self.renditions, wanted, allowed, accept)
            span.set_attribute("vitrine.found", found.stored.how)
        allowed = await self._authorise(wanted)  # the right may have ended meanwhile
        if allowed.location is not None:
            return self._direct(wanted, allowed, allowed.location)
        took_ms = (time.perf_counter() - started) * 1000
        if wanted.is_staff:
            log.info("staff_delivery", asset=wanted.claims.asset, actor=wanted.claims.actor)
        stored = found.stored
        if wanted.wants_info:
            response = respond.info(stored, wanted, took_ms=took_ms)
            self._put_down(wanted, allowed, response, size=0)
            return response
        lifetimes = self.lifetime_policy.of(wanted, allowed, is_stand_in=found.is_stand_in)
        response = respond.image(found, wanted, allowed, lifetimes, request.headers)
        if wanted.is_staff:
            response.headers["Server-Timing"] = f"{stored.how};dur={took_ms:.1f}"
        is_sent = request.method == "GET" and response.status_code == 200  # noqa: PLR2004 - RFC 9110
        size = len(response.body) if is_sent else 0
        self.recorder.sent(wanted, stored, size=size)
        self._put_down(wanted, allowed, response, size=size)
        if not found.is_stand_in:
            self._repeated.remember(request.scope, wanted, allowed, stored.key)
        return response

    async def _authorise(self, wanted: DeliveryRequest) -> Permission:
        with _tracer.start_as_current_span("authorise"):
            return await self.authoriser.authorise(wanted)

    def _direct(self, wanted: DeliveryRequest, allowed: Permission, location: str) -> Response:
        """Show the way to the one right URL."""
        lifetimes = self.lifetime_policy.of(wanted, allowed)
        response = respond.redirect(wanted, allowed, lifetimes, location)
        self._put_down(wanted, allowed, response)
        return response

    def _put_down(
        self,
        wanted: DeliveryRequest,
        allowed: Permission,
        response: Response,
        *,
        size: int | None = None,
    ) -> None:
        self.recorder.delivered(wanted, allowed, status=response.status_code, size=size)

    async def _read(self, request: Request, exchange: Exchange) -> DeliveryRequest:
        viewer = self._viewer(request)
        exchange.country = viewer.country
        path = read_path(request.scope["raw_path"].decode("latin-1"))
        preset = await self._preset(path, exchange.began)
        query = request.scope["query_string"].decode("latin-1")
        try:
            token = token_of(query)
            catalogue = await self._catalogue_with_key(token)
            claims = read_claims(token, path, preset, catalogue.keys.by_kid.get, exchange.began)
        except (*TOKEN_ERRORS, TokenScopeError) as error:
            if preset.is_draft:  # nobody but staff may know that it is there
                raise PathError("no rendition has this path") from error
            raise
        exchange.wanted = DeliveryRequest(
            path=path,
            preset=preset,
            token=token,
            claims=claims,
            viewer=viewer,
            query=query,
            wants_info=claims.audience == "staff" and takes_json(request.headers.get("Accept", "")),
        )
        return exchange.wanted

    def _viewer(self, request: Request) -> Viewer:
        address = request.client.host if request.client else ""
        return self.hops.viewer_of(address, request.scope["headers"])

    async def _preset(self, path: RenditionPath, now: datetime) -> Preset:
        try:
            return find_preset(path, await self.index.catalogue(), now)
        except PathError:
            # it may be newer than what is known here
            return find_preset(path, await self.index.refresh_catalogue(), now)

    async def _catalogue_with_key(self, token: str) -> Catalogue:
        catalogue = await self.index.catalogue()
        kid = key_id(token)
        if kid is not None and kid not in catalogue.keys.by_kid:
            return await self.index.refresh_catalogue()
        return catalogue

    def _queue(self, error: VitrineError, wanted: DeliveryRequest) -> None:
        """Have a person look at what cannot be shown; one who tries a draft sees it at once."""
        preset, cause = wanted.preset, error.code
        if isinstance(error, RenditionTooLargeError):
            if preset.is_draft:
                return
            cause = f"preset {preset.code}.{preset.version}"
        subject = f"asset/{wanted.claims.asset}"
        self.recorder.reporter.open_task(error.code.lower(), subject, cause)

    def _refuse(self, refusal: Refusal, exchange: Exchange) -> Response:
        self.recorder.refused(refusal, exchange)
        return problem(refusal, media_base=self.media_base)
