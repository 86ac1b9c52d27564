"""An identity provider, as OpenID Connect has it: discovered, asked, and held to its signatures.

What it says is kept for an hour; a key that is not known is looked for at once, at most every ten
seconds, so that keys may be rotated. OpenID Connect Core 1.0, Discovery 1.0, RFC 7519, RFC 7636.
"""

import asyncio
import hashlib
import hmac
import math
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from catalog.errors import UnauthenticatedError, UnavailableError

#: By keys of the provider alone: neither `none`, nor a secret that both know.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "EdDSA")
#: Seconds by which clocks may differ.
SKEW_S: Final = 60
MAX_ANSWER_BYTES: Final = 262_144
MAX_TOKEN: Final = 16_384
KEPT_S = 3_600.0
_LOOKED_AGAIN_S = 10.0
_FAILED_S = 1.0
_TIMEOUT_S = 5.0
_GONE = (
    "the identity provider does not answer, so nobody can log in by it at the moment; whoever is "
    "logged in goes on"
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderGoneError(UnavailableError):
    """The identity provider does not answer, or not as one does."""

    code = "PROVIDER_GONE"


class TokenRefusedError(UnauthenticatedError):
    """A token is forged, over, or meant for another."""

    code = "TOKEN_REFUSED"


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What a provider says of itself, and its keys."""

    metadata: Mapping[str, Any]
    keys: KeySet
    at_s: float


@dataclass(slots=True, kw_only=True)
class Provider:
    """The one provider that people log in at.

    Attributes:
        issuer: as its tokens name it.
        client_id: as it knows this api.
        client_secret: by which it knows it; None: by PKCE alone.
        http: that it is asked by.
        now_s: seconds since 1970, that tokens are held against.
        monotonic_s: by which what it says is kept.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    http: httpx2.AsyncClient
    now_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic
    _known: ProviderFacts | None = None
    _tried_s: float = -math.inf
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def authorization_url(self, secret: str, redirect_uri: str) -> str:
        """Return where a browser goes to log in; all that is random in it comes from the secret."""
        known = await self._current()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": derived(secret, "state"),
            "nonce": derived(secret, "nonce"),
            "code_challenge": challenge(derived(secret, "verifier")),
            "code_challenge_method": "S256",
        }
        where: str = known.metadata["authorization_endpoint"]
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    async def claims_of_code(self, code: str, secret: str, redirect_uri: str) -> Mapping[str, Any]:
        """Change a code for what the provider says of whoever logged in.

        Raises:
            ProviderGoneError: it does not answer.
            TokenRefusedError: it refuses the code, or what it says does not belong to this login.
        """
        known = await self._current()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": derived(secret, "verifier"),
            "client_id": self.client_id,
        }
        auth = None
        if self.client_secret is not None:  # RFC 6749, 2.3.1: each is quoted first
            auth = httpx2.BasicAuth(quote(self.client_id), quote(self.client_secret))
        answer = await self._request(
            "POST", known.metadata["token_endpoint"], data=asked, auth=auth
        )
        if answer.status_code != 200:  # noqa: PLR2004 - RFC 9110
            raise TokenRefusedError("the identity provider refused this login: log in again")
        token = _json(answer).get("id_token")
        claims = await self.claims_of(token if isinstance(token, str) else "", self.client_id)
        if not hmac.compare_digest(
            f"{claims.get('nonce', '')}".encode(), derived(secret, "nonce").encode()
        ):
            raise TokenRefusedError("what the identity provider says is of another login")
        return claims

    async def claims_of(self, token: str, audience: str) -> Mapping[str, Any]:
        """Return what a token says, whose signature, issuer, audience and times are right.

        Raises:
            ProviderGoneError: its keys are not known, and the provider does not answer.
            TokenRefusedError: something of it is wrong.
        """
        if not 0 < len(token) <= MAX_TOKEN:
            raise TokenRefusedError("this is no token")
        known = await self._current()
        try:
            claims = self._decoded(token, known)
        except (JoseError, ValueError) as error:
            renewed = await self._current(since=known)
            if renewed is known:
                raise TokenRefusedError("this token is not signed by the provider") from error
            try:  # keys may have been rotated
                claims = self._decoded(token, renewed)
            except (JoseError, ValueError) as again:
                raise TokenRefusedError("this token is not signed by the provider") from again
        self._check(claims, audience)
        return claims

    @staticmethod
    def _decoded(token: str, known: ProviderFacts) -> Mapping[str, Any]:
        return jwt.decode(token, known.keys, algorithms=list(ALGORITHMS)).claims

    def _check(self, claims: Mapping[str, Any], audience: str) -> None:
        """Hold the claims of a token against what they have to be (OpenID Connect Core, 3.1.3.7).

        Raises:
            TokenRefusedError: one is wrong.
        """
        now_s = self.now_s()
        named = claims.get("aud")
        audiences: list[object] = list(named) if isinstance(named, list) else [named]  # pyright: ignore[reportUnknownArgumentType] - JSON
        ends, begins, issued = (_instant(claims.get(name)) for name in ("exp", "nbf", "iat"))
        if claims.get("iss") != self.issuer:
            raise TokenRefusedError("this token is of another issuer")
        if audience not in audiences or (len(audiences) > 1 and claims.get("azp") != audience):
            raise TokenRefusedError("this token is meant for another audience")
        if ends is None or ends <= now_s - SKEW_S:
            raise TokenRefusedError("this token has expired")
        if max(begins or 0.0, issued or 0.0) > now_s + SKEW_S:
            raise TokenRefusedError("this token is of a time to come: the clocks differ")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise TokenRefusedError("this token names nobody")

    async def _current(self, *, since: ProviderFacts | None = None) -> ProviderFacts:
        """Return what the provider says of itself, asked anew where it is old.

        What is old is used on while the provider does not answer.

        Args:
            since: what is known did not do; None: it does until it is an hour old.

        Raises:
            ProviderGoneError: nothing is known, and it does not answer.
        """
        async with self._lock:
            now_s, known = self.monotonic_s(), self._known
            is_old = known is None or known is since or now_s - known.at_s > KEPT_S
            if known is not None and not (is_old and now_s - self._tried_s >= _LOOKED_AGAIN_S):
                return known
            if known is None and now_s - self._tried_s < _FAILED_S:
                raise ProviderGoneError(_GONE)  # nobody waits behind those who waited in vain
            self._tried_s = now_s
            try:
                self._known = await self._read(now_s)
            except ProviderGoneError:
                if known is None:
                    raise
                return known
            return self._known

    async def _read(self, now_s: float) -> ProviderFacts:
        where = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = _json(await self._request("GET", where))
        if metadata.get("issuer") != self.issuer:
            raise ProviderGoneError("the identity provider names itself by another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(metadata.get(name)):
                raise ProviderGoneError(f"the identity provider has no safe `{name}`")
        try:
            keys = KeySet.import_key_set(_json(await self._request("GET", metadata["jwks_uri"])))  # pyright: ignore[reportArgumentType] - JSON, which it checks
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderGoneError("the keys of the identity provider cannot be read") from error
        return ProviderFacts(metadata, keys, now_s)

    async def _request(self, method: str, url: str, **more: Any) -> httpx2.Response:  # noqa: ANN401 - httpx2's
        try:
            answer = await self.http.request(method, url, timeout=_TIMEOUT_S, **more)
        except httpx2.HTTPError as error:
            raise ProviderGoneError(_GONE) from error
        if len(answer.content) > MAX_ANSWER_BYTES or answer.status_code >= 500:  # noqa: PLR2004 - RFC 9110
            raise ProviderGoneError(
                "the identity provider is out of order, so nobody can log in by it at the moment; "
                "whoever is logged in goes on"
            )
        return answer


@asynccontextmanager
async def open_provider(
    issuer: str | None, *, client_id: str, client_secret: str | None
) -> AsyncGenerator[Provider | None]:
    """Open the connections to a provider; it is first asked when somebody comes by it."""
    if issuer is None:
        yield None
        return
    async with httpx2.AsyncClient(follow_redirects=False) as http:
        yield Provider(issuer=issuer, client_id=client_id, client_secret=client_secret, http=http)


def derived(secret: str, purpose: str) -> str:
    """Return what a login under way sends for a purpose, which only its browser's cookie gives."""
    mac = hmac.new(secret.encode(), f"vitrine {purpose}".encode(), hashlib.sha256)
    return _base64(mac.digest())


def challenge(verifier: str) -> str:
    """Return the challenge of a verifier (RFC 7636, 4.2)."""
    return _base64(hashlib.sha256(verifier.encode()).digest())


def is_safe(url: object) -> bool:
    """Return whether a provider may be asked there: by https, or on this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _instant(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError as error:
        raise ProviderGoneError("the identity provider answers no JSON") from error
    if not isinstance(found, dict):
        raise ProviderGoneError("the identity provider answers no JSON object")
    return cast("dict[str, Any]", found)


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
