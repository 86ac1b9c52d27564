"""Writes an answer: media type, status, lifetimes, and errors with codes, masked where ours."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import orjson
from graphql import ExecutionResult
from starlette.datastructures import Headers
from starlette.responses import Response

from api.answers.answer_memory import Answer
from api.errors import HTTP_STATUS, describe, formatted, is_expected, log_unexpected
from api.http.accept import GRAPHQL_JSON, JSON, AcceptedTypes, accepted
from api.http.graphql_request import (
    BadRequestError,
    BatchError,
    MethodError,
    UnsupportedMediaTypeError,
)
from api.http.json_writer import written
from api.request.rates import RateLimitedError
from api.request.scene import RequestState
from api.request.stated_context import HEADERS
from catalog.rights.model import NEVER
from serving.etags import is_still, matches

_VARY = ", ".join(("Accept", "Authorization", *HEADERS.values()))
_UNCACHED: Final[Mapping[str, str]] = {"Cache-Control": "private, no-store", "Vary": _VARY}
_BAD_REQUEST = 400
#: What stays a failure of HTTP even for clients that want 200 whatever GraphQL has to say.
_NOT_OF_GRAPHQL = frozenset({401, 403, 405, 413, 415, 429, 500, 503})
_MALFORMED = (BadRequestError, BatchError)


def answer_of(result: ExecutionResult, state: RequestState) -> Answer:
    """Make the answer that an execution came to; without `data` where nothing was executed."""
    errors = result.errors or []
    is_refused = result.data is None and not any(error.path for error in errors)
    body: dict[str, Any] = {} if is_refused else {"data": result.data}
    if errors:
        body["errors"] = [formatted(error) for error in errors]
    if result.extensions:
        body["extensions"] = result.extensions
    until = None if errors or result.data is None else state.kept_until(result.data)
    content = written(body, state.allowance.check_size)
    return Answer(
        body=content,
        is_refused=is_refused,
        rests_on=None if until is None else frozenset(state.basis.subjects),
        good_until=until or NEVER,
    )


def sent(
    answer: Answer,
    headers: Headers,
    *,
    by_get: bool,
    now: datetime,
    for_hop: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Send an answer; in `application/json` it is 200, whatever GraphQL has to say.

    Args:
        answer: kept or made just now.
        headers: of the request.
        by_get: a client may keep it, and ask each time whether it still holds.
        now: lifetimes begin here.
        for_hop: headers for a CDN in front, in place of those for a browser.
    """
    media_type = accepted(headers.get("accept")).media_type
    status = _BAD_REQUEST if answer.is_refused and media_type == GRAPHQL_JSON else 200
    if not answer.is_for_caches or not by_get or answer.good_until <= now:
        return Response(answer.body, status, headers=_UNCACHED, media_type=media_type)
    lasting = {"Cache-Control": "no-cache", "ETag": answer.etag, "Vary": _VARY, **for_hop}
    if not is_still(headers.get("if-match", "*"), answer.etag):
        return Response(status_code=412, headers=_UNCACHED)
    if matches(headers.get("if-none-match", ""), answer.etag):
        return Response(status_code=304, headers=lasting)
    return Response(answer.body, status, headers=lasting, media_type=media_type)


def refused(error: Exception, taken: AcceptedTypes) -> Response:
    """Answer a request that is not executed.

    A request in error is 400. A client that names `application/json` alone takes that for a failure
    of whatever lies between, so for it a well-formed one is 200 (GraphQL over HTTP, 6.4.1).
    """
    if not is_expected(error):
        log_unexpected(error)
    described = describe(error)
    status = HTTP_STATUS.get(described["extensions"]["code"], _BAD_REQUEST)
    is_of_graphql = status not in _NOT_OF_GRAPHQL and not isinstance(error, _MALFORMED)
    if taken.names_json and taken.media_type == JSON and is_of_graphql:
        status = 200
    headers = dict(_UNCACHED)
    if status == 401:  # noqa: PLR2004 - RFC 9110
        headers["WWW-Authenticate"] = 'Bearer realm="vitrine"'
    if isinstance(error, MethodError):
        headers["Allow"] = error.allowed
    if isinstance(error, UnsupportedMediaTypeError):
        headers["Accept-Encoding"] = "identity"  # RFC 9110, 12.5.3
    if isinstance(error, RateLimitedError):
        headers |= {**error.spent.headers, "Retry-After": f"{error.spent.resets_s}"}
    body = orjson.dumps({"errors": [described]})
    return Response(body, status, headers=headers, media_type=taken.media_type)
