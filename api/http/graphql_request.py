"""Reads a request: what is asked for, by POST with JSON or by GET.

Only content types that make browsers ask for leave first (CORS) are taken, so that no form of
another site can ask for anything.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, Final, cast

import orjson
from graphql import GraphQLSyntaxError, Lexer, OperationType, Source, TokenKind
from starlette.requests import Request

from api.documents.preparation import MAX_TOKENS, Prepared
from api.request.bodies import read_body
from api.request.stated_context import NOTHING_STATED, StatedContext, combined, in_headers, in_json
from catalog.errors import InvalidInputError
from serving.bounded_reading import MAX_BODY_BYTES

#: Of variables: orjson writes no more.
MAX_NESTING: Final = 254
#: A parameter of a media type (RFC 9110, 5.6.6); a text in quotes may hold semicolons.
_PARAMETER = re.compile(r';\s*([^\s=;]+)=("(?:[^"\\]|\\.)*"|[^\s;]*)')
#: U+0000 as JSON writes it: behind a backslash that is not itself written by another.
_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
#: What may stand for U+0000 in the strings of a document.
_NULL_IN_DOCUMENT = re.compile(r"\\u(0000|\{0+\})")
_NULL_IS_REFUSED = "PostgreSQL cannot store U+0000, so no text may contain it"
_JSON = "application/json"
_UTF_8 = ("utf-8", "utf8")
_ECHOED = 80  # characters of what a client sent


class BadRequestError(InvalidInputError):
    """What came is no GraphQL request."""

    code = "BAD_REQUEST"


class UnsupportedMediaTypeError(InvalidInputError):
    """The body is of another type than `application/json`, or is compressed."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class BodyTooLargeError(InvalidInputError):
    """The body is larger than any request has to be."""

    code = "BODY_TOO_LARGE"


class BatchError(InvalidInputError):
    """Several operations came in one request."""

    code = "BATCH_NOT_ALLOWED"


class MethodError(InvalidInputError):
    """The method is not for this.

    Attributes:
        allowed: the methods that are.
    """

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, message: str, *, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLRequest:
    """A GraphQL request as it was read.

    Attributes:
        text: the document; None: it is named by its hash.
        document_hash: SHA-256 of its UTF-8, in hexadecimal; None: it has none.
        written_variables: as JSON, with sorted names.
        stated: of the context, beside the document.
        has_context_headers: whether headers state it.
        by_get: a GET changes nothing, and caches may keep its answer.
        body: of the request, as it came.
    """

    text: str | None
    document_hash: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    written_variables: bytes
    stated: StatedContext
    has_context_headers: bool
    by_get: bool
    body: bytes = b""


async def read_request(request: Request) -> GraphQLRequest:
    """Read a request.

    Raises:
        BadRequestError: it is no JSON, or a parameter is missing or of another type.
        UnsupportedMediaTypeError: the body is no JSON in UTF-8, as it is.
        BodyTooLargeError: it is too large.
        BatchError: it has several operations.
        MethodError: it is neither GET nor POST.
    """
    if request.method == "GET":
        return asked_for(_from_query(request), in_headers(request.headers.raw), by_get=True)
    if request.method != "POST":
        raise MethodError("GraphQL is asked by GET and POST", allowed="GET, POST")
    _check_form(request.headers.get("content-type", ""), request.headers.get("content-encoding"))
    body = await read_body(request, most_bytes=MAX_BODY_BYTES)
    if body is None:
        raise BodyTooLargeError(f"a body has at most {MAX_BODY_BYTES:,} bytes")
    return asked_for(_from_body(body), in_headers(request.headers.raw), body=body)


def _check_form(content_type: str, encoding: str | None) -> None:
    media_type = content_type.partition(";")[0]
    if media_type.strip().lower() != _JSON:
        raise UnsupportedMediaTypeError("send the request as `Content-Type: application/json`")
    for name, value in _PARAMETER.findall(content_type):
        if name.lower() == "charset" and value.strip('"').lower() not in _UTF_8:
            raise UnsupportedMediaTypeError(f"JSON is sent in UTF-8, not in {value[:_ECHOED]}")
    if encoding is not None and encoding.strip().lower() not in ("", "identity"):
        raise UnsupportedMediaTypeError(
            f"bodies are not read as `Content-Encoding: {encoding[:_ECHOED]}`: send it as it is"
        )


def _from_body(body: bytes) -> Mapping[str, Any]:
    data = _json(body, "the body")
    if isinstance(data, list):
        count = len(cast("list[object]", data))
        raise BatchError(f"one operation a request; this one has {count}: send them one by one")
    if not isinstance(data, dict):
        raise BadRequestError("the body is a JSON object with `query`")
    return cast("Mapping[str, Any]", data)


def _from_query(request: Request) -> Mapping[str, Any]:
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _json(given[name].encode(), f"`{name}`")
        else:
            given.pop(name, None)
    return given


def _json(text: bytes, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequestError(f"{what} is no JSON: {error}") from error


def written_as_json(variables: Mapping[str, Any]) -> bytes:
    """Write variables as JSON, with sorted names.

    Raises:
        BadRequestError: they are nested deeper than JSON is written, or a text has U+0000.
    """
    try:
        written = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:  # of what was read as JSON, depth alone is not written
        raise BadRequestError(
            f"`variables` may be nested {MAX_NESTING} deep; these go deeper", field="variables"
        ) from error
    if _NULL.search(written):
        raise BadRequestError(_NULL_IS_REFUSED, field="variables")
    return written


def _check_text(text: str) -> None:
    """Refuse U+0000 in a document, as it is or as a string of GraphQL writes it.

    Raises:
        BadRequestError: it is there.
    """
    if "\0" in text:
        raise BadRequestError(_NULL_IS_REFUSED, field="query")
    if _NULL_IN_DOCUMENT.search(text):  # but two backslashes, and block strings, mean what they say
        with suppress(GraphQLSyntaxError):  # said when it is executed
            lexer = Lexer(Source(text))
            tokens = islice(iter(lexer.advance, None), MAX_TOKENS)
            values = takewhile(lambda token: token.kind is not TokenKind.EOF, tokens)
            if any("\0" in (token.value or "") for token in values):
                raise BadRequestError(_NULL_IS_REFUSED, field="query")


def asked_for(
    given: Mapping[str, Any],
    stated: StatedContext = NOTHING_STATED,
    *,
    by_get: bool = False,
    body: bytes = b"",
) -> GraphQLRequest:
    """Return what a request asks for.

    Args:
        given: its parameters, as JSON has them.
        stated: of the context, by its headers.
        by_get: whether it is a GET.
        body: of it.

    Raises:
        BadRequestError: a parameter is missing, of another type, or cannot be stored or written.
        InvalidInputError: `extensions.context` is none, or differs from the headers.
    """
    text = _parameter(given, "query", str)
    extensions: Mapping[str, Any] = _parameter(given, "extensions", dict) or {}
    document_hash = _hash(given, extensions)
    if not text and document_hash is None:
        raise BadRequestError("`query` is missing: the document, as text")
    if text:
        _check_text(text)
    variables: Mapping[str, Any] = _parameter(given, "variables", dict) or {}
    return GraphQLRequest(
        text=text or None,
        document_hash=document_hash,
        operation_name=_parameter(given, "operationName", str) or None,
        variables=variables,
        written_variables=written_as_json(variables),
        stated=combined(stated, in_json(extensions.get("context"), where="extensions.context")),
        has_context_headers=bool(stated),
        by_get=by_get,
        body=body,
    )


def kind_meant(prepared: Prepared, operation_name: str | None) -> OperationType:
    """Return of which type the operation is that is asked for (`GetOperation`, GraphQL 6.1).

    Raises:
        BadRequestError: there is none, or it is not said which of several.
    """
    found = prepared.operations(operation_name)
    if len(found) == 1:
        return found[0].operation
    if found:
        problem = f"the document has {len(found)} operations: name the one that is meant"
    elif operation_name is None:
        problem = "the document has no operation"
    else:
        problem = f"the document has no operation {operation_name[:_ECHOED]!r}"
    raise BadRequestError(problem, field="operationName")


def _parameter(given: Mapping[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401 - as it is asked for
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        expected = "text" if kind is str else "a JSON object"
        raise BadRequestError(f"`{name}` is {expected}", field=name)
    return value


def _hash(given: Mapping[str, Any], extensions: Mapping[str, Any]) -> str | None:
    """Return the hash by `documentId` (`sha256:…`) or by Apollo's `persistedQuery`.

    Raises:
        BadRequestError: it is none.
    """
    named = _parameter(given, "documentId", str)
    persisted = _parameter(extensions, "persistedQuery", dict)
    if named is None and persisted is not None:
        named = _parameter(persisted, "sha256Hash", str)
    if named is None:
        return None
    digest = named.removeprefix("sha256:").lower()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise BadRequestError("a document is named by its SHA-256, 64 hexadecimal digits")
    return digest
