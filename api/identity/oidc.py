"""Logging in at an identity provider: there by a link, and back with a code, once."""

import hmac
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.identity.login import begun
from api.identity.provider import Provider, TokenRefusedError, derived
from api.identity.service import Identity, origin_of
from api.identity.site import NoLoginError, way_back
from catalog.access import oidc_store
from catalog.access.model import hash_of, new_secret
from catalog.access.oidc import person_meant
from catalog.access.session_model import Login
from catalog.errors import UnauthenticatedError
from catalog.principal import API

CALLBACK: Final = "/login/oidc/callback"
#: How long somebody may take at the provider.
ATTEMPT_MINUTES: Final = 10


async def go_there(request: Request) -> Response:
    """Answer `GET /login/oidc`: send the browser to the provider.

    Raises:
        RateLimitedError: too many logins failed, or were begun, at this address.
    """
    identity, provider = _open(request)
    await identity.allow_try(request)
    await identity.count_begun(request)
    to = way_back(request.query_params.get("next"), otherwise=identity.first_page)
    secret = new_secret()
    url = await provider.authorization_url(secret, f"{_base(identity, request)}{CALLBACK}")
    async with identity.pool.acquire() as conn:
        await oidc_store.insert_attempt(
            conn, hash_of(secret), to, lasts=timedelta(minutes=ATTEMPT_MINUTES)
        )
    response = RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})
    identity.site.set_cookie(response, identity.site.login_cookie, secret)
    return response


async def come_back(request: Request) -> Response:
    """Answer the provider's redirect: change the code for a session.

    Raises:
        UnauthenticatedError: this is not a login of this browser, or the provider refuses it.
    """
    identity, provider = _open(request)
    await identity.allow_try(request)
    try:
        return await _come_back(request, identity, provider)
    except UnauthenticatedError:
        await identity.count_failure(request, Login.OIDC)
        raise


async def _come_back(request: Request, identity: Identity, provider: Provider) -> Response:
    """Begin the session of whoever the provider says.

    Raises:
        TokenRefusedError: it is not this browser's login, was used before, or is refused there.
    """
    query = request.query_params
    secret = request.cookies.get(identity.site.login_cookie, "")
    if not hmac.compare_digest(query.get("state", "").encode(), derived(secret, "state").encode()):
        raise TokenRefusedError("this login was not begun in this browser: log in again")
    async with identity.pool.acquire() as conn:
        to = await oidc_store.take_attempt(conn, hash_of(secret))
    if to is None:
        raise TokenRefusedError("this login was used before, or took too long: log in again")
    if query.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise TokenRefusedError("another identity provider answered: log in again")
    code = query.get("code")
    if code is None:
        raise TokenRefusedError("the identity provider refused this login: log in again")
    claims = await provider.claims_of_code(code, secret, f"{_base(identity, request)}{CALLBACK}")
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True or (
        "email_verified" not in claims and identity.settings.oidc_trusts_email
    )
    async with identity.changes.begin(API, origin_of(request)) as change:
        person = await person_meant(
            change,
            provider.issuer,
            claims["sub"],
            verified_email=email if isinstance(email, str) and is_verified else None,
        )
    return await begun(request, person, Login.OIDC, to)


def _open(request: Request) -> tuple[Identity, Provider]:
    identity: Identity = request.app.state.identity
    identity.site.check(request)
    if identity.provider is None:
        raise NoLoginError("no identity provider is set: VITRINE_OIDC_ISSUER names it")
    return identity, identity.provider


def _base(identity: Identity, request: Request) -> str:
    """Return the address of this site, on loopback by the name that the browser has for it."""
    if identity.site.is_loopback:
        return f"http://{request.headers['host']}"
    return identity.site.base or ""
