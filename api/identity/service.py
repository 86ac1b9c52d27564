"""What logins share, and how the person of a request is found."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog
from starlette.requests import HTTPConnection, Request

from api.identity.provider import Provider
from api.identity.site import Site
from api.identity.tokens import Tokens
from api.request.attempts import Attempts, counted_address
from api.request.rates import Rates
from api.settings import IdentitySettings
from catalog.access.model import hash_of
from catalog.access.session_model import Login, Session
from catalog.access.sessions import KeptSessions, SessionOverError, recognise_session
from catalog.audit.model import Origin
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import UnauthenticatedError
from catalog.sealing import MasterKeys
from serving.counts import Counts

log = structlog.get_logger(__name__)

#: The page of whoever is logged in, about themselves.
ACCOUNT: Final = "/account"
#: Logins to one name that may fail in a minute, from wherever.
MAX_FAILED_OF_NAME: Final = 10
#: Logins at a provider that an address, perhaps of a whole office, may begin in a minute.
MAX_BEGUN_OF_ADDRESS: Final = 300
_HASHES_AT_ONCE = 2  # each takes 64 MiB
_LOGINS = Counts("vitrine_logins", "Logins of people.", ("login", "result"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Made once by `app.py`.

    Attributes:
        provider: that people may log in at.
        tokens: of it, that services may send; None: none are taken.
        first_page: where a login leads that says nothing else.
        now_s: seconds since 1970, by which one-time codes go.
        hashing: who may take the memory that a password costs.
    """

    settings: IdentitySettings
    master_keys: MasterKeys
    site: Site
    pool: Pool
    changes: Changes
    sessions: KeptSessions
    rates: Rates
    failed_keys_per_address: int
    provider: Provider | None
    tokens: Tokens | None
    first_page: str = ACCOUNT
    now_s: Callable[[], float] = time.time
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_HASHES_AT_ONCE))

    def secret_of(self, connection: HTTPConnection) -> str | None:
        """Return what a browser sends as its session's secret."""
        return connection.cookies.get(self.site.session_cookie)

    async def session_of(self, connection: HTTPConnection) -> Session | None:
        """Return the session of a browser; None: it has none, or it has ended."""
        secret = self.secret_of(connection)
        if secret is None or self.site.base is None:
            return None
        try:
            return await recognise_session(self.sessions, secret)
        except SessionOverError:
            return None

    async def allow_try(self, request: Request, name: str = "") -> None:
        """Refuse whoever has failed too often in this minute, before anything costly is done.

        Raises:
            RateLimitedError: an address or, of passwords, a name has.
        """
        await self._failed(request, name).check()

    async def count_begun(self, request: Request) -> None:
        """Count a login that begins at the provider: each asks it, and is kept for a while.

        Raises:
            RateLimitedError: it is one too many of this address.
        """
        await Attempts(
            rates=self.rates,
            what="logins were begun from this address",
            limits={f"logins-begun:{counted_address(request)}": MAX_BEGUN_OF_ADDRESS},
        ).count()

    @asynccontextmanager
    async def turn_to_hash(self, request: Request, name: str) -> AsyncGenerator[None]:
        """Wait for the memory that a password costs, and count what fails before the next turn.

        Raises:
            RateLimitedError: too many have failed meanwhile: an address's, or the name's.
            UnauthenticatedError: as it is raised within.
        """
        async with self.hashing:
            await self.allow_try(request, name)
            try:
                yield
            except UnauthenticatedError:
                await self.count_failure(request, Login.PASSWORD, name)
                raise

    async def count_failure(self, request: Request, login: str, name: str = "") -> None:
        """Count a login that failed.

        Raises:
            RateLimitedError: it was one too many.
        """
        _LOGINS.add((login, "refused"))
        log.warning("login_refused", login=login)
        await self._failed(request, name).count()

    def count_success(self, login: str, session: object) -> None:
        """Count a login."""
        _LOGINS.add((login, "begun"))
        log.info("login", login=login, session=f"{session}")

    def _failed(self, request: Request, name: str) -> Attempts:
        address = counted_address(request)
        limits = {f"failed-logins:{address}": self.settings.failed_logins_per_address}
        if name:
            limits[f"failed-logins-of:{hash_of(name).hex()}"] = MAX_FAILED_OF_NAME
        return Attempts(rates=self.rates, what="logins failed", limits=limits)


def origin_of(connection: HTTPConnection, session: Session | None = None) -> Origin:
    """Return where a browser's change comes from, for the audit."""
    return Origin(
        address=connection.client.host if connection.client else None,
        session=None if session is None else session.id,
    )
