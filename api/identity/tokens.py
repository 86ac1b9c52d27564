"""Bearer tokens of the identity provider, which services send in place of API keys."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from api.identity.provider import SKEW_S, Provider, TokenRefusedError
from catalog.access import oidc_store, role_store
from catalog.access.assignments import subjects_of
from catalog.access.rules import Assignment
from catalog.db import Pool
from catalog.memory.kept import Kept
from catalog.memory.lease import Lease
from catalog.principal import Principal

_MAX_AGE_S = 1.0
_MAX_TOKENS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCredential:
    """The service that comes with a token.

    Attributes:
        id: of the principal: all its tokens are counted together.
        ends_s: seconds since 1970.
    """

    id: uuid.UUID
    principal: Principal
    assignments: tuple[Assignment, ...]
    ends_s: float


class Tokens:
    """Recognises tokens, and keeps those that were used for a second, or until the log names who.

    Args:
        provider: that signs them.
        audience: that they have to be meant for.
        pool: to the primary.
        now_s: seconds since 1970.
    """

    def __init__(
        self,
        provider: Provider,
        audience: str,
        pool: Pool,
        *,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._provider = provider
        self._audience = audience
        self._pool = pool
        self._now_s = now_s
        self.kept: Kept[str, TokenCredential | None] = Kept(
            _MAX_TOKENS,
            rests_on=lambda _, found: subjects_of(found),
            load=self._find,
            lease=Lease(lease_s=_MAX_AGE_S),
        )

    async def recognise(self, token: str) -> TokenCredential:
        """Return who comes with a token.

        Raises:
            TokenRefusedError: it is forged, over, for another, or of no service that is known here.
            ProviderGoneError: its keys are not known, and the provider does not answer.
        """
        found = await self.kept.of(token)
        if found is None or found.ends_s <= self._now_s() - SKEW_S:
            raise TokenRefusedError("this token has expired, or no service is meant by it")
        return found

    async def _find(self, token: str) -> TokenCredential | None:
        claims = await self._provider.claims_of(token, self._audience)
        async with self._pool.acquire() as conn:
            principal = await oidc_store.find_subject(conn, self._provider.issuer, claims["sub"])
            if principal is None or principal.kind != "service":  # people come with a browser
                return None
            roles = await role_store.find_assignments(conn, [principal.id])
        return TokenCredential(
            id=principal.id,
            principal=principal,
            assignments=roles.get(principal.id, ()),
            ends_s=float(claims["exp"]),
        )


def is_token(secret: str) -> bool:
    """Return whether a secret has the form of a token, and no API key's (RFC 7515, 7.1)."""
    return secret.startswith("eyJ") and secret.count(".") == 2  # noqa: PLR2004 - head, body, MAC
