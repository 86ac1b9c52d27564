"""Subscriptions: by WebSocket (graphql-transport-ws) and server-sent events (GraphQL over SSE).

The protocols are Strawberry's. What is ours: who may open a stream, that every operation on it has
a state of its own, and that only subscriptions come this way.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import orjson
import structlog
from cross_web import AsyncHTTPRequestAdapter
from graphql import GraphQLError, GraphQLSyntaxError, OperationType
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLRequestData
from strawberry.schema.base import BaseSchema
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult, SubscriptionExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.unset import UNSET, UnsetType

from api.documents.preparation import Prepared
from api.errors import describe, is_expected, log_unexpected
from api.http.client import bearer, recognised, spend
from api.http.events import bounded
from api.http.frames import Frames
from api.http.graphql_request import BadRequestError, GraphQLRequest, asked_for, kind_meant
from api.http.origins import Origins
from api.request.scene import RequestState
from api.request.services import Services
from api.request.stated_context import NOTHING_STATED, StatedContext, combined, in_headers, in_json
from api.schema.build import OPERATIONS, PREPARATION
from catalog.access.model import Identification
from catalog.errors import ForbiddenError, InvalidInputError, VitrineError
from serving.middleware import request_id
from serving.send_timeout import ENDLESS

MAX_SUBSCRIPTIONS = 100
_INIT_WITHIN = timedelta(seconds=10)
_INTERNAL = 1011  # RFC 6455, 7.4.1


class ForeignOriginError(ForbiddenError):
    """A page of an origin that is not set asks for a stream."""


class ParseError(InvalidInputError):
    """The document is none."""

    code = "GRAPHQL_PARSE_FAILED"


@dataclass(slots=True)
class _Stream:
    """A connection, or one request for events.

    Attributes:
        connection_params: what a client of WebSocket begins with; Strawberry writes it.
        secret: of the API key; None: there is none.
        stated: of the context, for all operations.
    """

    services: Services
    connection: HTTPConnection
    connection_params: Mapping[str, object] = field(default_factory=dict[str, object])
    secret: str | None = field(default=None, repr=False)
    stated: StatedContext = field(default_factory=lambda: NOTHING_STATED)

    async def identify(self) -> None:
        """Identify the client.

        Raises:
            VitrineError: nobody who may read anything.
        """
        self.stated = combined(
            in_headers(self.connection.headers.raw),
            in_json(self.connection_params.get("context"), where="context"),
        )
        given = self.connection_params.get("authorization")
        header = self.connection.headers.get("authorization")
        self.secret = bearer(given if isinstance(given, str) else header)
        key = await self.recognise()
        RequestState(services=self.services, key=key, now=self.services.now()).require_reader()

    async def recognise(self) -> Identification | None:
        """Return the key, if it is still one."""
        if self.secret is None:
            return None
        return await recognised(self.services, self.connection, self.secret)

    async def begin(self, asked: GraphQLRequest) -> tuple[Prepared, RequestState]:
        """Return the document and the state of a subscription.

        Raises:
            VitrineError: it may not be asked for, or not now.
        """
        key = await self.recognise()
        document = await self.services.documents.text_of(
            asked.text, asked.document_hash, has_key=key is not None
        )
        prepared = PREPARATION.tried(document)
        cost = prepared.cost(asked.variables) if isinstance(prepared, Prepared) else 1
        await spend(self.services, self.connection, key, cost)
        return _subscription(prepared, asked.operation_name), RequestState(
            services=self.services,
            key=key,
            now=self.services.now(),
            stated=combined(self.stated, asked.stated),
            recognise=self.recognise,
        )


class _Operations:
    """What Strawberry's handler of WebSockets asks for as a schema: a state for each operation."""

    async def stream(
        self,
        query: str,
        *,
        variable_values: Mapping[str, Any] | None,
        context_value: _Stream,
        operation_name: str | None,
        root_value: object,
    ) -> AsyncGenerator[ExecutionResult]:
        del root_value
        given = {"query": query, "variables": variable_values, "operationName": operation_name}
        return _results(context_value, given)


async def _results(stream: _Stream, given: Mapping[str, object]) -> AsyncGenerator[ExecutionResult]:
    try:
        results = await _executed(stream, asked_for(given))
    except Exception as error:  # noqa: BLE001 - the edge of the api: nothing leaks further
        if not is_expected(error):
            log_unexpected(error)
        described = describe(error)
        yield PreExecutionError(data=None, errors=[GraphQLError(**described)])
        return
    async with aclosing(results):
        async for result in results:
            yield result


async def _executed(stream: _Stream, asked: GraphQLRequest) -> AsyncGenerator[Any]:
    """Begin an operation.

    Raises:
        VitrineError: it may not be asked for, or not now.
    """
    prepared, state = await stream.begin(asked)
    results = OPERATIONS.stream(prepared, asked.variables, state, asked.operation_name)
    return bounded(results, state.allowance.check_size)


class Streams(GraphQL[_Stream, None]):
    """Answers subscriptions.

    Args:
        origins: of the pages that may open streams.
    """

    graphql_transport_ws_handler_class = Frames

    def __init__(self, origins: Origins) -> None:
        super().__init__(
            cast("BaseSchema", _Operations()),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=_INIT_WITHIN,
            max_subscriptions_per_connection=MAX_SUBSCRIPTIONS,
        )
        self._origins = origins

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket until either side closes it."""
        websocket = WebSocket(scope, receive, send)
        with structlog.contextvars.bound_contextvars(request_id=request_id(scope)):
            try:
                await self.run(websocket)
            except Exception as error:  # noqa: BLE001 - the edge of the api: nothing leaks further
                log_unexpected(error)
                with suppress(RuntimeError):  # it may be closed
                    await websocket.close(_INTERNAL, "Internal error")

    async def events(self, request: Request, asked: GraphQLRequest) -> Response:
        """Answer with a stream of events.

        Args:
            request: whose answer may be one.
            asked: that was read from it.

        Raises:
            ForeignOriginError: a page of another origin asks.
            VitrineError: it may not be asked for.
        """
        if not self._origins.allow(request.headers):
            raise ForeignOriginError("this origin is not among `VITRINE_CORS_ORIGINS`")
        request.scope[ENDLESS] = True
        request.state.asked = asked
        return await self.run(request)

    def is_websocket_origin_allowed(self, request: WebSocket, origin: str) -> bool:
        """Return whether a page may open a WebSocket."""
        del origin
        return self._origins.allow(request.headers)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> _Stream:
        """Return the client; over WebSocket it is identified by the first message."""
        del response
        stream = _Stream(request.app.state.services, request)
        if isinstance(request, Request):
            await stream.identify()
        return stream

    async def on_ws_connect(self, context: _Stream) -> UnsetType:
        """Let in who may read anything.

        Raises:
            InvalidInputError: the context is stated wrongly; the connection is closed with 4400.
            ConnectionRejectionError: somebody else; the connection is closed with 4403.
        """
        try:
            await context.identify()
        except InvalidInputError:
            raise
        except VitrineError as error:
            raise ConnectionRejectionError from error
        return UNSET

    def encode_json(self, data: object) -> str:
        """Write a message; the data of events are written already."""
        return orjson.dumps(data).decode()

    def should_render_graphql_ide(self, request: object) -> bool:
        """Return that no page is shown."""
        del request
        return False

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """Return how a request for events is answered; what it asks for was read before."""
        del request
        return GraphQLRequestData(
            query=None, variables=None, operation_name=None, extensions=None, protocol="sse"
        )

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: _Stream,
        root_value: None,
        sub_response: Response,
    ) -> SubscriptionExecutionResult:
        """Begin the operation of a request for events.

        Raises:
            VitrineError: it may not be asked for, or not now.
        """
        del request_adapter, request_data, root_value, sub_response
        results = await _executed(context, request.state.asked)
        return cast("SubscriptionExecutionResult", results)


def _subscription(prepared: Prepared | GraphQLSyntaxError, operation_name: str | None) -> Prepared:
    """Let through subscriptions.

    Raises:
        ParseError: it is no document; Strawberry would close the connection with all that is on it.
        BadRequestError: it is another operation, or it is not said which of several.
    """
    if isinstance(prepared, GraphQLSyntaxError):
        places = prepared.locations or ()
        at = "".join(f" (line {each.line}, column {each.column})" for each in places)
        raise ParseError(prepared.message + at) from prepared
    if kind_meant(prepared, operation_name) is not OperationType.SUBSCRIPTION:
        raise BadRequestError(
            "streams are for subscriptions: ask for queries and changes with "
            "`Accept: application/json`"
        )
    return prepared
