"""Reads a request: what is asked for, by POST with JSON or by GET.

Only content types that make browsers ask for leave first (CORS) are taken, so that no form of
another site can ask for anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from starlette.requests import Request

from catalog.errors import InvalidInputError

MAX_BODY_BYTES = 1_048_576
#: U+0000 as JSON writes it in variables, or GraphQL in the strings of a document.
_NULL = re.compile(rb"\\u(0000|\{0+\})|\x00")
_JSON = "application/json"


class BadRequestError(InvalidInputError):
    """What came is no GraphQL request."""

    code = "BAD_REQUEST"


class UnsupportedMediaTypeError(InvalidInputError):
    """The body is of another type than `application/json`."""

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
class Asked:
    """What a request asks for.

    Attributes:
        text: the document; None: it is named by its hash.
        document_hash: SHA-256 of its UTF-8, in hexadecimal; None: it has none.
        by_get: a GET changes nothing, and caches may keep its answer.
        body: of the request, as it came.
    """

    text: str | None
    document_hash: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    by_get: bool
    body: bytes = b""


async def read_asked(request: Request) -> Asked:
    """Read a request.

    Raises:
        BadRequestError: it is no JSON, or a parameter is missing or of another type.
        UnsupportedMediaTypeError: the body is no JSON.
        BodyTooLargeError: it is too large.
        BatchError: it has several operations.
        MethodError: it is neither GET nor POST.
    """
    if request.method == "GET":
        return _asked(_from_query(request), by_get=True)
    if request.method != "POST":
        raise MethodError("GraphQL is asked by GET and POST", allowed="GET, POST")
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if media_type.strip().lower() != _JSON or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaTypeError("send the request as `Content-Type: application/json`")
    body = await _body(request)
    return _asked(_from_body(body), by_get=False, body=body)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLargeError(f"a body has at most {MAX_BODY_BYTES:,} bytes")
    return bytes(body)


def _from_body(body: bytes) -> Mapping[str, Any]:
    _refuse_null(body)
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
    _refuse_null(orjson.dumps(given))
    return given


def _json(text: bytes, what: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequestError(f"{what} is no JSON") from error


def _refuse_null(text: bytes) -> None:
    if _NULL.search(text):
        raise BadRequestError("PostgreSQL cannot store U+0000, so no text may contain it")


def _asked(given: Mapping[str, Any], *, by_get: bool, body: bytes = b"") -> Asked:
    text = _parameter(given, "query", str)
    extensions: Mapping[str, Any] = _parameter(given, "extensions", dict) or {}
    document_hash = _hash(given, extensions)
    if not text and document_hash is None:
        raise BadRequestError("`query` is missing: the document, as text")
    return Asked(
        text=text or None,
        document_hash=document_hash,
        operation_name=_parameter(given, "operationName", str) or None,
        variables=_parameter(given, "variables", dict) or {},
        by_get=by_get,
        body=body,
    )


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
