"""The one endpoint: reads a request, executes it, answers in the shape of a GraphQL response."""

from collections.abc import Mapping
from functools import partial

from graphql import ExecutionResult, GraphQLSyntaxError, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.answers.answer_memory import Answer, Key
from api.documents.preparation import Prepared
from api.http.accept import AcceptedTypes, accepted
from api.http.answer import answer_of, refused, sent
from api.http.client import address_of, asker, spend
from api.http.executing import executed
from api.http.graphiql.page import GraphiQL
from api.http.graphql_request import (
    BadRequestError,
    GraphQLRequest,
    MethodError,
    kind_meant,
    read_request,
)
from api.http.repeated_answers import RepeatedAnswers
from api.http.streams import Streams
from api.request.scene import RequestState
from api.request.services import Services
from api.request.stated_context import written
from api.schema.build import PREPARATION
from catalog.memory.kept import Reading


class GraphQLEndpoint:
    """Answers `/graphql`.

    Args:
        graphiql: the page for a browser that opens it; None: it gets none.
        streams: answers subscriptions.
    """

    def __init__(self, *, graphiql: GraphiQL | None, streams: Streams) -> None:
        self._graphiql = graphiql
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; nothing that it holds makes it fail."""
        if scope["type"] == "websocket":
            await self._streams.serve(scope, receive, send)
            return
        request = Request(scope, receive)
        taken = accepted(request.headers.get("accept"))
        try:
            if self._graphiql is not None and request.method == "GET" and taken.takes_pages:
                response = self._graphiql.page()
            elif taken.takes_only_events:
                response = await self._streams.events(request, await read_request(request))
            else:
                at_once: RepeatedAnswers = request.app.state.at_once
                with at_once.kept.reading() as reading:  # a document may be trusted no more
                    response = await self._answer(request, taken, reading)
        except ClientDisconnect:
            return  # the client is gone
        except Exception as error:  # noqa: BLE001 - the edge of the api: nothing leaks further
            response = refused(error, taken)
        await response(scope, receive, send)

    async def _answer(self, request: Request, taken: AcceptedTypes, reading: Reading) -> Response:
        services: Services = request.app.state.services
        key = await asker(services, request)
        asked = await read_request(request)
        if asked.text is None:  # a hash of no document costs a read of the database
            await spend(services, request, key, 1)
        text = await services.documents.text_of(
            asked.text, asked.document_hash, has_key=key is not None
        )
        prepared = PREPARATION.tried(text)
        is_parsed = isinstance(prepared, Prepared)
        kind = kind_meant(prepared, asked.operation_name) if is_parsed else None
        if kind is OperationType.SUBSCRIPTION and taken.takes_events:
            return await self._streams.events(request, asked)
        is_read = kind is OperationType.QUERY and key is None
        kept_by = _kept_by(text, asked) if is_read else None
        answer = None if kept_by is None else services.answers.kept(kept_by)
        cost = prepared.cost(asked.variables) if is_parsed and answer is None else 1
        spent = await spend(services, request, key, cost)
        now = services.now()
        if answer is None:
            state = RequestState(
                services=services,
                key=key,
                now=now,
                address=address_of(request),
                stated=asked.stated,
            )
            make = partial(_execute, asked, prepared, kind, state)
            answer = await (services.answers.made(kept_by, make) if kept_by else make())
        if kept_by and answer.rests_on is not None:
            at_once: RepeatedAnswers = request.app.state.at_once
            at_once.remember(request.scope, asked.body, kept_by, reading)
        for_hop = _headers_for_hop(request, asked, kept_by, answer)
        response = sent(
            answer, request.headers, by_get=asked.by_get, now=now, for_hop=for_hop or {}
        )
        if for_hop is None:  # what is left to a CDN is not what is left to those who ask it
            response.headers.update(spent.headers if spent else {})
        return response


def _kept_by(text: str, asked: GraphQLRequest) -> Key:
    return text, asked.operation_name, asked.written_variables, written(asked.stated)


def _headers_for_hop(
    request: Request, asked: GraphQLRequest, kept_by: Key | None, answer: Answer
) -> Mapping[str, str] | None:
    """Return the lifetimes and tags for a CDN that asks; None: no CDN does, or may keep it."""
    if kept_by is None or not asked.by_get:
        return None
    services: Services = request.app.state.services
    headers = dict(reversed(request.scope["headers"]))
    hop = services.caching_hops.hop_of(request.client.host if request.client else "", headers)
    if hop is None:
        return None
    may_be_kept = hop.honours_vary or not asked.has_context_headers
    is_kept = may_be_kept and services.answers.vouches_for(kept_by, answer)
    return services.caching_hops.terms(hop, answer, now=services.now(), is_kept=is_kept).headers


async def _execute(
    asked: GraphQLRequest,
    prepared: Prepared | GraphQLSyntaxError,
    kind: OperationType | None,
    state: RequestState,
) -> Answer:
    """Execute an operation.

    Raises:
        BadRequestError: it is a subscription.
        MethodError: it is not for this method.
        TimedOutError: it took too long.
        AnswerTooLargeError: it has too large an answer.
    """
    if isinstance(prepared, GraphQLSyntaxError):
        return answer_of(ExecutionResult(None, [prepared]), state)
    if asked.by_get and kind is not OperationType.QUERY:
        raise MethodError("changes come by POST", allowed="POST")
    if kind is OperationType.SUBSCRIPTION:
        raise BadRequestError(
            "subscriptions come by WebSocket, or with `Accept: text/event-stream`"
        )
    result = await executed(prepared, asked.variables, state, asked.operation_name)
    return answer_of(result, state)
