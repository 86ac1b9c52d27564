"""The api's process: everything is wired here, and nowhere else."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from api.answers.answer_memory import Answers
from api.answers.build_id import build_id
from api.answers.cards import Cards
from api.answers.cdn_headers import CachingHops
from api.answers.shared_answers import LogView, SharedAnswers
from api.documents.trusted import Documents
from api.http.endpoint import GraphQLEndpoint
from api.http.files import MAX_UPLOAD_BYTES, file_routes
from api.http.graphiql.page import GraphiQL
from api.http.in_process import InProcessGraph
from api.http.origins import Origins
from api.http.repeated_answers import RepeatedAnswers
from api.http.streams import Streams
from api.identity.provider import Provider, open_provider
from api.identity.routes import identity_routes
from api.identity.service import ACCOUNT, Identity
from api.identity.site import Site
from api.identity.tokens import Tokens
from api.request.file_links import PREFIX
from api.request.following import LiveChanges, LivePurges
from api.request.rates import Rates
from api.request.services import Services, keep_boundary, keep_known
from api.request.stated_context import HEADERS
from api.settings import ApiSettings
from catalog.access.recognition import keep_keys
from catalog.access.sessions import keep_sessions
from catalog.access.uses import KeyUses
from catalog.db import Pool
from catalog.documents import store as document_store
from catalog.events.feed import Feed
from catalog.events.model import Touch
from catalog.graph.category_paths import CategoryPaths
from catalog.graph.filter_codes import FilterCodes
from catalog.graph.live_media import LiveMedia
from catalog.graph.published_documents import PublishedDocuments
from catalog.memory.lease import Lease
from catalog.settings import MIB
from catalog.storage.model import StoreWhenWanted
from catalog.subjects import Subject
from serving.at_once import PlainRequest, RawAnswer
from serving.bounded_reading import LongBodies
from serving.in_process import Graph
from serving.process import Checks, ProcessApp, changes_on, open_process
from serving.redis import Accelerator, open_redis
from serving.stores import store_when_wanted

_CONNECTIONS = 16
_CATCH_UP_S = 5.0
_PATH = "/graphql"


#: Makes routes that show the graph.
Pages: TypeAlias = Callable[[Graph], Sequence[BaseRoute]]


class Follower(Protocol):
    """State that a process derives from the database, and keeps."""

    def drop(self, subjects: Sequence[Subject]) -> None:
        """Forget what rests on subjects that have changed."""
        ...

    def reset(self) -> None:
        """Forget everything: something may have changed unseen."""
        ...


@dataclass(slots=True)
class DerivedState:
    """All derived state, which new events make untrue.

    Attributes:
        shared: answers of all processes, if they share any.
        followers: what this process keeps.
    """

    shared: SharedAnswers | None = None
    followers: Sequence[Follower] = ()

    def drop(self, touches: Sequence[Touch]) -> None:
        """Forget what rests on what was touched."""
        if self.shared is not None:
            self.shared.add(touches)
        subjects = [each.subject for each in touches]
        for each in self.followers:
            each.drop(subjects)

    def reset(self) -> None:
        """Forget everything."""
        if self.shared is not None:
            self.shared.reset()
        for each in self.followers:
            each.reset()


class ContentApp(ProcessApp[RepeatedAnswers]):
    """The api as an app."""

    long_bodies = LongBodies(PREFIX.encode(), MAX_UPLOAD_BYTES)

    def answer_at_once(self, asked: PlainRequest) -> RawAnswer | None:
        """Answer what is kept."""
        return None if self.running is None else self.running.answer(asked)


def create_app(
    settings: ApiSettings, *, pages: Pages = lambda _: [], first_page: str = ACCOUNT
) -> ContentApp:
    """Make the api.

    Args:
        settings: of the api.
        pages: makes the routes of pages for people, which ask the graph in this process.
        first_page: where a login leads that says nothing else.
    """

    @asynccontextmanager
    async def opened(checks: Checks) -> AsyncGenerator[RepeatedAnswers]:
        async with (
            open_services(settings, checks) as (services, at_once),
            _provider(settings) as provider,
        ):
            app.state.services, app.state.at_once = services, at_once
            app.state.identity = _identity(settings, services, provider, first_page)
            yield at_once

    origins = Origins(settings.cors_origins)
    graphiql = GraphiQL(settings.media_base) if settings.graphql_ide else None
    endpoint = GraphQLEndpoint(graphiql=graphiql, streams=Streams(origins))
    app = ContentApp(
        settings,
        opened,
        # a plain route answers HTTP alone
        routes=[
            Route(_PATH, endpoint),
            WebSocketRoute(_PATH, endpoint),
            *(graphiql.routes() if graphiql is not None else ()),
            *identity_routes(),
            *file_routes(),
            *pages(InProcessGraph()),
        ],
        middleware=_cors(origins),
    )
    return app


@asynccontextmanager
async def open_services(
    settings: ApiSettings, checks: Checks
) -> AsyncGenerator[tuple[Services, RepeatedAnswers]]:
    """Open the pool and the feed, and make what requests share.

    Raises:
        SettingsError: no database, no active signing key, or no master key that opens it.
    """
    url = settings.owner_database()
    async with open_process(
        "api", url, checks, connections=_CONNECTIONS, keys=settings.master_keys()
    ) as process:
        opened = await process.open(open_redis(settings, timeout_s=settings.redis_wait_s))
        redis = None if opened is None else Accelerator(opened, wait_s=settings.redis_wait_s)
        derived = DerivedState()
        feed = process.feed(
            lease_s=settings.lease_s, on_touched=derived.drop, on_reset=derived.reset
        )
        objects = await process.open(store_when_wanted(settings))
        services, at_once = _services(settings, process.pool, objects, feed, redis, derived)
        await services.known.of(None)  # no signing key, no start

        shared = () if derived.shared is None else (derived.shared,)
        for each in (feed, *shared, services.live_changes, services.live_purges):
            await process.run(each.run())
        await process.run(services.key_uses.keep_writing(process.pool))
        await feed.first_answer()  # what is visible at an instant goes by the database's clock
        if derived.shared is not None:
            with suppress(TimeoutError):  # nothing is shared before; everything works without
                await asyncio.wait_for(derived.shared.first_use(), _CATCH_UP_S)
        await process.report("api")
        yield services, at_once


def _services(
    settings: ApiSettings,
    pool: Pool,
    objects: StoreWhenWanted,
    feed: Feed,
    redis: Accelerator | None,
    derived: DerivedState,
) -> tuple[Services, RepeatedAnswers]:
    """Make what requests share, and let it follow what is derived."""
    view = LogView(
        pool=pool,
        snapshot=lambda: feed.snapshot,
        is_current=lambda: feed.is_usable,
        now=feed.now,
    )
    lease = Lease(left_s=lambda: feed.left_s)
    derived.shared = _shared_answers(settings, redis, view)
    live_media_bytes = settings.live_media_max_mib * MIB
    services = Services(
        now=feed.now,
        settings=settings,
        pool=pool,
        objects=objects,
        changes=changes_on(pool, settings, on_commit=derived.drop),
        keys=keep_keys(pool),
        sessions=keep_sessions(pool, settings.session_times),
        key_uses=KeyUses(),
        known=keep_known(pool, master_keys=settings.master_keys()),
        boundary=keep_boundary(),
        published=PublishedDocuments(settings.published_documents_max_mib * MIB),
        media=LiveMedia(lease=lease, max_bytes=live_media_bytes),
        categories=CategoryPaths(lease=lease),
        filter_codes=FilterCodes(),
        cards=Cards(settings.cards_max_mib * MIB) if settings.cards_max_mib else None,
        documents=Documents(
            _registered_in(pool), redis=redis, trusted_only=settings.trusted_documents_only
        ),
        answers=_answers(settings, view, lease, derived.shared),
        caching_hops=_caching_hops(settings, feed),
        rates=Rates(redis),
        live_changes=LiveChanges(pool),
        live_purges=LivePurges(pool),
    )
    at_once = _at_once(services)
    derived.followers = _followers(services, at_once)
    return services, at_once


def _provider(settings: ApiSettings) -> AbstractAsyncContextManager[Provider | None]:
    secret = settings.oidc_client_secret
    return open_provider(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
    )


def _identity(
    settings: ApiSettings, services: Services, provider: Provider | None, first_page: str
) -> Identity:
    return Identity(
        settings=settings,
        master_keys=settings.master_keys(),
        site=Site(settings.api_base, trusts_proxy=settings.api_trusts_proxy),
        pool=services.pool,
        changes=services.changes,
        sessions=services.sessions,
        rates=services.rates,
        failed_keys_per_address=settings.failed_keys_per_address,
        provider=provider,
        tokens=Tokens(provider, settings.oidc_audience, services.pool)
        if provider is not None and settings.oidc_audience
        else None,
        first_page=first_page,
    )


def _followers(services: Services, at_once: RepeatedAnswers) -> Sequence[Follower]:
    return (
        services.keys,
        services.sessions,
        services.known,
        services.boundary,
        services.documents.registered,
        services.media.kept,
        services.categories.kept,
        services.filter_codes.kept,
        services.answers,
        at_once.kept,
        services.live_changes,
    )


def _answers(
    settings: ApiSettings, view: LogView, lease: Lease, shared: SharedAnswers | None
) -> Answers:
    return Answers(
        now=view.now,
        lease=lease,
        max_bytes=settings.answers_max_mib * MIB,
        shared=shared,
    )


def _caching_hops(settings: ApiSettings, feed: Feed) -> CachingHops:
    return CachingHops(
        settings.trusted_hops,
        settings.purge_drivers,
        max_age_s=settings.answers_cdn_max_age_s,
        overdue_drivers=lambda: feed.overdue_drivers,
    )


def _at_once(services: Services) -> RepeatedAnswers:
    settings = services.settings
    return RepeatedAnswers(
        services.answers,
        services.caching_hops,
        services.rates,
        limit=settings.graphql_rate_per_address,
        now=services.now,
        varies_by_origin=bool(settings.cors_origins),
    )


def _registered_in(pool: Pool) -> Callable[[str], Awaitable[str | None]]:
    async def find(digest: str) -> str | None:
        async with pool.acquire() as conn:
            return await document_store.find(conn, digest)

    return find


def _shared_answers(
    settings: ApiSettings, redis: Accelerator | None, view: LogView
) -> SharedAnswers | None:
    if redis is None or not settings.answers_max_mib:
        return None
    return SharedAnswers(
        redis,
        view,
        master_key=settings.master_keys().newest.secret,
        made_by=[build_id(), settings.media_base, str(settings.public_reads)],
    )


def _cors(origins: Origins) -> list[Middleware]:
    """Let browsers of these origins read answers."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins.named,
            allow_origin_regex=origins.pattern,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", *HEADERS.values()],
            expose_headers=[
                "ETag",
                "RateLimit",
                "RateLimit-Policy",
                "Retry-After",
                "X-Request-Id",
            ],
        )
    ]
