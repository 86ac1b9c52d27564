"""SCIM 2.0 at `/scim/v2` (RFC 7644): an identity provider keeps people and groups here.

The protocol is scim2-server's; here are its bearer token, its bounds and its answers over HTTP.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

import orjson
import structlog
from scim2_models import (
    AuthenticationScheme,
    ChangePassword,
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    PatchOp,
    PayloadTooLargeException,
    ResourceType,
    SCIMException,
    SearchRequest,
    UnauthorizedException,
)
from scim2_server.handler import AsyncScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from scim2_server.utils import load_default_provider
from starlette.requests import Request
from starlette.responses import Response

from api.errors import log_unexpected
from api.identity.scim_storage import ScimStorage
from api.identity.service import Identity, origin_of
from api.request.attempts import failed_keys
from api.request.bodies import read_body
from api.request.rates import RateLimitedError
from catalog.access.scim import recognise_token
from catalog.db import DATABASE_AWAY
from catalog.errors import UnauthenticatedError
from catalog.principal import Principal

log = structlog.get_logger(__name__)

ROOT: Final = "/scim/v2"
MAX_SCIM_BYTES: Final = 1_048_576
#: Resources of a page, and operations of a PATCH or of a bulk request.
MAX_RESULTS: Final = 200
MAX_OPERATIONS: Final = 100
#: Characters of a filter, and of a path of a PATCH, which may hold one.
MAX_FILTER: Final = 1_000
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class BoundedService(ScimService):
    """Refuses what is made to take long before it is looked at."""

    def read_search(
        self,
        resource_types: list[ResourceType],
        payload: Any,  # noqa: ANN401 - as it came
    ) -> tuple[SearchRequest[Any], Any]:
        """Read a search.

        Raises:
            InvalidFilterException: its filter is too long.
        """
        fields = cast("Mapping[str, Any]", payload).items() if isinstance(payload, dict) else ()
        for name, value in fields:
            if name.casefold() in {"filter", "sortby"} and _is_hostile(value):
                raise InvalidFilterException(
                    detail=f"a filter has at most {MAX_FILTER:,} characters, and no U+0000"
                )
        return super().read_search(resource_types, payload)

    def read_patch(
        self, resource_type: ResourceType, body: bytes, content_type: str | None
    ) -> "PatchOp[Any]":
        """Read a PATCH.

        Raises:
            InvalidPathException: a path is too long.
            InvalidValueException: there are too many operations.
        """
        _check_operations(_loaded(body))
        return super().read_patch(resource_type, body, content_type)


@cache
def scim_service() -> BoundedService:
    """Return what speaks the protocol: it keeps nothing, and takes 60 ms to make."""
    provider = load_default_provider()
    config = provider.config
    assert config is not None  # noqa: S101 - the default has one
    config.authentication_schemes = [
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="Made by `vitrine scim token`",
        )
    ]
    config.change_password = ChangePassword(supported=False)
    if config.bulk is not None:
        config.bulk.max_operations, config.bulk.max_payload_size = (
            MAX_OPERATIONS,
            MAX_SCIM_BYTES,
        )
    if config.filter is not None:
        config.filter.max_results = MAX_RESULTS
    return BoundedService(provider)


async def answer_scim(request: Request) -> Response:
    """Answer a request below `/scim/v2`; nothing that it holds makes it fail."""
    service, wanted = scim_service(), _scim_request(request)
    try:
        principal = await _recognised(request)
        wanted.body = await _body(request)
        storage = ScimStorage(
            service.provider,
            request.app.state.identity.changes,
            principal,
            origin_of(request),
            to_change=request.method in _CHANGES and not wanted.path.endswith("/.search"),
        )
        response = await AsyncScimHandler(service, storage).handle(wanted)
    except RateLimitedError as error:
        return _sent(_failure(429, error.message), {"Retry-After": f"{error.spent.resets_s}"})
    except DATABASE_AWAY as error:
        log_unexpected(error)
        return _sent(_failure(503, "try again"))
    except Exception as error:  # noqa: BLE001 - the edge of SCIM: nothing leaks further
        if not isinstance(error, SCIMException):
            log_unexpected(error)
        response = service.error_response(error)
    return _sent(response)


_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def _failure(status: int, detail: str) -> ScimResponse:
    """Write an error that no resource is at fault for (RFC 7644, 3.12)."""
    body = {"schemas": [_ERROR], "status": f"{status}", "detail": detail}
    return ScimResponse(status, body)  # pyright: ignore[reportArgumentType] - its JSON is invariant


def _sent(response: ScimResponse, more: Mapping[str, str] | None = None) -> Response:
    body = b"" if response.body is None else json.dumps(response.body).encode()
    headers = {"Cache-Control": "no-store", **response.headers, **(more or {})}
    return Response(body, int(response.status), headers=headers)


def _scim_request(request: Request) -> ScimRequest:
    identity: Identity = request.app.state.identity
    base = identity.site.base or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return ScimRequest(
        method=request.method,
        base_url=f"{base}{ROOT}",
        path=request.url.path.removeprefix(ROOT).removesuffix(".scim"),
        query=dict(request.query_params),
        headers=list(request.headers.items()),
    )


async def _recognised(request: Request) -> Principal:
    """Return who comes with the token of a request.

    Raises:
        UnauthorizedException: nobody does.
        RateLimitedError: too many tokens that are none came from this address.
    """
    identity: Identity = request.app.state.identity
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise UnauthorizedException
    failed = failed_keys(identity.rates, request, limit=identity.failed_keys_per_address)
    await failed.check()
    try:
        async with identity.pool.acquire() as conn:
            return await recognise_token(conn, secret.strip())
    except UnauthenticatedError as error:
        await failed.count()
        raise UnauthorizedException(detail=error.message) from error


async def _body(request: Request) -> bytes:
    """Return the body.

    Raises:
        PayloadTooLargeException: it is too large.
        InvalidValueException: a text in it has U+0000, which PostgreSQL cannot store.
    """
    body = await read_body(request, most_bytes=MAX_SCIM_BYTES)
    if body is None:
        raise PayloadTooLargeException
    if rb"\u0000" in body and _has_null(_loaded(body)):
        raise InvalidValueException(detail="no text may contain U+0000")
    return body


def _loaded(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Read JSON.

    Raises:
        InvalidSyntaxException: it is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidSyntaxException(detail="the body is no JSON") from error


def _has_null(value: Any) -> bool:  # noqa: ANN401 - whatever JSON holds
    return b"\\u0000" in orjson.dumps(value).replace(b"\\\\", b"")


def _check_operations(patch: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Refuse a PATCH that is made to take long; whether it is one is seen later.

    Raises:
        InvalidPathException: a path is too long.
        InvalidValueException: there are too many operations.
    """
    named = cast("Mapping[str, Any]", patch).items() if isinstance(patch, dict) else ()
    stated = next((each for name, each in named if name.lower() == "operations"), None)
    operations = cast("list[Any]", stated) if isinstance(stated, list) else []
    if len(operations) > MAX_OPERATIONS:
        raise InvalidValueException(detail=f"a PATCH has at most {MAX_OPERATIONS} operations")
    for each in operations:
        fields = cast("Mapping[str, Any]", each).items() if isinstance(each, dict) else ()
        for name, value in fields:
            if name.lower() == "path" and _is_hostile(value):
                raise InvalidPathException(
                    detail=f"a path has at most {MAX_FILTER:,} characters, and no U+0000"
                )


def _is_hostile(text: object) -> bool:
    return isinstance(text, str) and (len(text) > MAX_FILTER or "\0" in text)
