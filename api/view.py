"""GraphQL over HTTP: POST with JSON, GET for queries; only content types that force a preflight."""

import json
import re
from pathlib import Path
from typing import Any

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.types import ExecutionResult

from api.errors import HTTP_STATUS, describe, formatted, is_expected, log_unexpected
from api.scene import RequestState
from api.schema.build import SCHEMA
from api.services import Services
from catalog.errors import UnauthenticatedError

_MOST_BODY_BYTES = 1_048_576
_UNCACHED = {"Cache-Control": "private, no-store", "Vary": "Accept, Authorization"}
#: U+0000 as JSON writes it in variables, or GraphQL in the strings of a document.
_NULL = re.compile(r"\\u(0000|\{0+\})")
_IDE = Path(__file__).with_name("ide.html")
_IDE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; connect-src 'self'; img-src http: https:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
}
_GRAPHQL_JSON = "application/graphql-response+json"


class GraphQLView(GraphQL[RequestState, None]):
    """The one endpoint. It answers whatever fails in the shape of a GraphQL response."""

    def __init__(self, *, with_ide: bool) -> None:
        super().__init__(
            SCHEMA, graphql_ide="graphiql" if with_ide else None, subscription_protocols=()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; its body is at most 1 MiB."""
        try:
            response = await self.run(Request(scope, _limited(receive)))
        except ClientDisconnect:
            return  # whoever asked is gone
        except HTTPException as error:
            response = _refusal(error.status_code, error.reason, "BAD_REQUEST")
        except Exception as error:  # noqa: BLE001 - the edge of the api: nothing leaks further
            response = _failure(error)
        await response(scope, receive, send)

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Read the request.

        Raises:
            HTTPException: it is not JSON, or whatever JSON that is no request.
        """
        try:
            data = await super().parse_http_body(request)
        except (AttributeError, TypeError) as error:
            raise HTTPException(400, "The body is a JSON object with `query`") from error
        if not isinstance(data, list) and _has_null(data):
            raise HTTPException(400, "PostgreSQL cannot store U+0000, so no text may contain it")
        return data

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> RequestState:
        """Recognise who asks."""
        del response
        services: Services = request.app.state.services
        secret = _bearer(request.headers.get("authorization"))
        key = None if secret is None else await services.keyring.recognise(secret)
        return RequestState(services=services, key=key, now=services.now())

    async def render_graphql_ide(self, request: Request) -> Response:
        """Show a page for trying queries, which needs nothing from anywhere else."""
        del request
        return Response(_IDE.read_bytes(), headers=_IDE_HEADERS, media_type="text/html")

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Choose the media type by Accept; `application/json` where none is named."""
        response = await super().get_sub_response(request)
        if _GRAPHQL_JSON in request.headers.get("accept", ""):
            response.media_type = _GRAPHQL_JSON
        return response

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Write the answer: errors with codes, masked where they are ours."""
        del request
        errors = result.errors or []
        is_refused = result.data is None and not any(error.path for error in errors)
        body: GraphQLHTTPResponse = {} if is_refused else {"data": result.data}
        if errors:
            body["errors"] = [formatted(error) for error in errors]
        if result.extensions:
            body["extensions"] = result.extensions
        return body

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """Choose the status: with `application/json` it is 200 whatever GraphQL has to say."""
        media_type = sub_response.media_type or "application/json"
        is_refused = media_type == _GRAPHQL_JSON and "data" not in response_data
        return Response(
            self.encode_json(response_data),
            400 if is_refused else 200,
            headers=_UNCACHED,
            media_type=media_type,
        )

    def encode_json(self, data: object) -> str:
        """Write JSON as text: frames of WebSockets must not be binary."""
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Read JSON."""
        return orjson.loads(data)


def _bearer(header: str | None) -> str | None:
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


def _has_null(data: GraphQLRequestData) -> bool:
    texts = json.dumps([data.query, data.variables], ensure_ascii=True)
    return _NULL.search(texts) is not None


def _limited(receive: Receive) -> Receive:
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > _MOST_BODY_BYTES:
            raise HTTPException(413, "The body is larger than 1 MiB")
        return message

    return limited


def _failure(error: Exception) -> Response:
    if not is_expected(error):
        log_unexpected(error)
    described = describe(error)
    code = described["extensions"]["code"]
    return _answer(HTTP_STATUS.get(code, 400), described)


def _refusal(status: int, reason: str, code: str) -> Response:
    return _answer(status, {"message": reason, "extensions": {"code": code}})


def _answer(status: int, described: dict[str, Any]) -> Response:
    headers = dict(_UNCACHED)
    if status == 401:  # noqa: PLR2004 - RFC 9110
        headers["WWW-Authenticate"] = 'Bearer realm="vitrine"'
    if status == 405:  # noqa: PLR2004 - RFC 9110
        headers["Allow"] = "GET, POST"
    body = orjson.dumps({"errors": [described]})
    return Response(body, status, headers=headers, media_type="application/json")
