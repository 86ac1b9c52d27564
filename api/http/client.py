"""Who asks: the API key that is sent, and what it or the address may still ask for."""

from starlette.requests import HTTPConnection

from api.identity.service import Identity
from api.identity.tokens import is_token
from api.request.attempts import counted_address, failed_keys
from api.request.rates import Spent
from api.request.services import Services
from catalog.access.model import Identification
from catalog.access.recognition import is_met, recognise
from catalog.errors import UnauthenticatedError


def bearer(header: str | None) -> str | None:
    """Return the secret of an `Authorization` header (RFC 6750).

    Raises:
        UnauthenticatedError: it has another scheme, or no secret.
    """
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise UnauthenticatedError("send the API key as `Authorization: Bearer …`")
    return secret.strip()


async def recognised(services: Services, connection: HTTPConnection, secret: str) -> Identification:
    """Return the key that a secret belongs to, or who comes with a token of the provider.

    An address that has sent too many that are none is refused for the rest of the minute;
    keys that were used before work on, for whoever else comes from there.

    Raises:
        UnauthenticatedError: there is none, or it was revoked.
        RateLimitedError: too many came from this address that are none.
    """
    limit = services.settings.failed_keys_per_address
    tokens = identity_of(connection).tokens
    is_known = tokens is not None and secret in tokens.kept
    if not (is_known or is_met(services.keys, secret)):
        await failed_keys(services.rates, connection, limit=limit).check()
    try:
        if tokens is not None and is_token(secret):
            return await tokens.recognise(secret)
        key = await recognise(services.keys, secret, now=services.now)
    except UnauthenticatedError:
        await failed_keys(services.rates, connection, limit=limit).count()
        raise
    services.key_uses.note(key.id, services.now())
    return key


async def asker(services: Services, connection: HTTPConnection) -> Identification | None:
    """Return by what whoever asks is known; None: by nothing.

    That is what `Authorization` holds; else the session of a browser, where a page of this very
    site asks.

    Raises:
        UnauthenticatedError: `Authorization` holds nothing that is known.
        RateLimitedError: too many came from this address that are none.
    """
    secret = bearer(connection.headers.get("authorization"))
    if secret is not None:
        return await recognised(services, connection, secret)
    identity = identity_of(connection)
    if not identity.site.is_same_origin(connection.headers):
        return None
    return await identity.session_of(connection)


def identity_of(connection: HTTPConnection) -> Identity:
    """Return what logins share."""
    identity: Identity = connection.app.state.identity
    return identity


async def spend(
    services: Services, connection: HTTPConnection, key: Identification | None, cost: int
) -> Spent | None:
    """Count what a request costs whoever asks; None: there is no limit.

    Raises:
        RateLimitedError: it is more than is left.
    """
    settings = services.settings
    if key is not None:
        return await services.rates.spend(
            f"key:{key.id}", cost, limit=settings.graphql_rate_per_key
        )
    limit = settings.graphql_rate_per_address
    return await services.rates.spend(f"address:{counted_address(connection)}", cost, limit=limit)


def address_of(connection: HTTPConnection) -> str | None:
    """Return the address of whoever asks, where it is known."""
    return connection.client.host if connection.client else None
