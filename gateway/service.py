"""The delivery pipeline: verify, decide, find or render, decide again, respond."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import Response

from catalog.delivery.model import Claims, Format, Preset
from catalog.delivery.tokens import key_id
from catalog.delivery.urls import PathError, RenditionPath
from catalog.errors import VitrineError
from catalog.graph.delivery import Catalogue
from gateway import respond
from gateway.authorise import Allowed, Authoriser
from gateway.errors import Refusal, problem, refusal_of
from gateway.find_or_render import find_or_render
from gateway.hops import Hops, Viewer
from gateway.index import Index
from gateway.lifetimes import Lifetimes, Moment, lifetimes_for
from gateway.report import Reporter
from gateway.wanted import Wanted, find_preset, read_claims, read_path, token_of
from imaging.model import BrokenSourceError
from imaging.stored import StoredRenditions
from serving.edges import TrustedHop

log = structlog.get_logger(__name__)

_MAX_PATH_BYTES = 1024


@dataclass(slots=True, kw_only=True)
class _Exchange:
    """What is known of a request so far, for counting it if it is refused."""

    now: datetime
    country: str | None = None
    claims: Claims | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything that a delivery needs; wired in `app.py`."""

    index: Index
    authoriser: Authoriser
    renditions: StoredRenditions
    reporter: Reporter
    hops: Hops
    now: Callable[[], datetime]
    overdue_drivers: Callable[[], Collection[str]]
    media_base: str
    browser_max_age_s: int

    async def handle(self, request: Request) -> Response:
        """Answer any request; nothing from outside makes it fail."""
        exchange = _Exchange(now=self.now())
        if len(request.scope["raw_path"]) > _MAX_PATH_BYTES:
            return self._refuse(Refusal(status=414, code="PATH_TOO_LONG", reason="PATH"), exchange)
        if request.method not in ("GET", "HEAD"):
            return self._refuse(Refusal(status=405, code="METHOD", reason="METHOD"), exchange)
        try:
            return await self._deliver(request, exchange)
        except VitrineError as error:
            if isinstance(error, BrokenSourceError) and exchange.claims is not None:
                self.reporter.exception(
                    "broken_source", f"asset/{exchange.claims.asset}", error.code
                )
            return self._refuse(refusal_of(error), exchange)

    async def _deliver(self, request: Request, exchange: _Exchange) -> Response:
        started = time.perf_counter()
        wanted = await self._read(request, exchange)
        allowed = await self.authoriser.authorise(wanted)
        if wanted.viewer.asks_leave_only and allowed.location is None:
            return self._leave(wanted, allowed)
        if allowed.location is not None:
            return self._redirect(wanted, allowed, allowed.location)
        accept = request.headers.get("Accept", "")
        stored = await find_or_render(self.renditions, wanted, allowed, accept)
        allowed = await self.authoriser.authorise(wanted)  # the right may have ended meanwhile
        if allowed.location is not None:
            return self._redirect(wanted, allowed, allowed.location)
        lifetimes = self._lifetimes(wanted, allowed, wanted.viewer.hop)
        response = respond.image(stored, wanted, allowed, lifetimes, request.headers)
        if wanted.is_staff:
            took_ms = (time.perf_counter() - started) * 1000
            response.headers["Server-Timing"] = f"{stored.how};dur={took_ms:.1f}"
            log.info("staff_delivery", asset=wanted.claims.asset, actor=wanted.claims.actor)
        self.reporter.delivered(
            wanted.preset.code,
            wanted.claims.channel,
            how=stored.how,
            size=len(response.body),
            now=allowed.at,
        )
        return response

    async def _read(self, request: Request, exchange: _Exchange) -> Wanted:
        viewer = self._viewer(request)
        exchange.country = viewer.country
        path = read_path(request.scope["raw_path"].decode("latin-1"))
        preset = await self._preset(path, exchange.now)
        query = request.scope["query_string"].decode("latin-1")
        token = token_of(query)
        catalogue = await self._catalogue_with_key(token)
        claims = read_claims(token, path, preset, catalogue.keys.by_kid.get, exchange.now)
        exchange.claims = claims
        return Wanted(
            path=path, preset=preset, token=token, claims=claims, viewer=viewer, query=query
        )

    def _viewer(self, request: Request) -> Viewer:
        address = request.client.host if request.client else ""
        return self.hops.identify(address, request.headers)

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

    def _lifetimes(self, wanted: Wanted, allowed: Allowed, hop: TrustedHop | None) -> Lifetimes:
        return lifetimes_for(
            hop,
            Moment(
                now=allowed.at,
                holds_until=allowed.decision.holds_until,
                token_ends=wanted.claims.expires_at,
                preset_s=wanted.preset.lifetime_s,
                is_same_everywhere=allowed.is_same_everywhere,
                is_negotiated=wanted.path.format is Format.AUTO,
                is_taggable=len(respond.tags_of(wanted, allowed)) <= respond.MAX_TAGS,
            ),
            browser_max_age_s=self.browser_max_age_s,
            is_overdue=hop is not None and hop.driver in self.overdue_drivers(),
        )

    def _redirect(self, wanted: Wanted, allowed: Allowed, location: str) -> Response:
        viewer = wanted.viewer
        hop = viewer.hop_in_front if viewer.asks_leave_only else viewer.hop
        return respond.redirect(wanted, allowed, self._lifetimes(wanted, allowed, hop), location)

    def _leave(self, wanted: Wanted, allowed: Allowed) -> Response:
        in_front = self._lifetimes(wanted, allowed, wanted.viewer.hop_in_front)
        return respond.leave(wanted, allowed, in_front)

    def _refuse(self, refusal: Refusal, exchange: _Exchange) -> Response:
        claims = exchange.claims
        self.reporter.denied(
            refusal.reason,
            asset=claims.asset if claims else "",
            country=exchange.country,
            channel=claims.channel if claims else "",
            now=exchange.now,
        )
        log.info(
            "refused",
            status=refusal.status,
            reason=refusal.reason,
            asset=claims.asset if claims else None,
            country=exchange.country,
        )
        return problem(refusal, media_base=self.media_base)
