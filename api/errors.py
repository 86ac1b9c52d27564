"""Errors as GraphQL answers them: a code and a message for a person, internals never."""

from dataclasses import asdict
from typing import Any

import structlog
from graphql import GraphQLError
from graphql.error import GraphQLSyntaxError

from catalog.db import DATABASE_AWAY
from catalog.errors import (
    ConflictError,
    ForbiddenError,
    UnauthenticatedError,
    UnavailableError,
    VitrineError,
)

log = structlog.get_logger(__name__)

#: What HTTP says of an answer that is nothing but this error; others are 400.
HTTP_STATUS = {
    UnauthenticatedError.code: 401,
    ForbiddenError.code: 403,
    ConflictError.code: 409,
    UnavailableError.code: 503,
    VitrineError.code: 500,
    "TOKEN_REFUSED": 401,
    "PROVIDER_GONE": 503,
    "DOCUMENT_NOT_TRUSTED": 403,
    "INTROSPECTION_OFF": 403,
    "METHOD_NOT_ALLOWED": 405,
    "BODY_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMITED": 429,
    "TIMED_OUT": 503,
}

_GONE = "The catalogue cannot be reached at the moment; try again."
_UNEXPECTED = "Something went wrong on our side; the id finds it in our logs."


_LONGEST_MESSAGE = 1_000


class NotSupportedError(VitrineError):
    """What was asked for is designed, and not built yet."""

    code = "NOT_SUPPORTED"


def is_expected(error: BaseException | None) -> bool:
    """Return whether an error is the caller's to act on, so that its message may be shown."""
    return error is None or isinstance(error, VitrineError | GraphQLError)


def log_unexpected(error: BaseException) -> None:
    """Log, once, what the caller only gets an id of; the id is the request's."""
    if isinstance(error, DATABASE_AWAY):
        log.error("database_gone", error=type(error).__name__)
    else:
        log.error("graphql_failed", exc_info=error)


def describe(error: BaseException) -> dict[str, Any]:
    """Return `message` and `extensions` of any exception."""
    if isinstance(error, VitrineError):
        extensions: dict[str, Any] = {"code": error.code}
        if error.field is not None:
            extensions["field"] = error.field
        if error.broken is not None:
            extensions["broken"] = asdict(error.broken)
        return {"message": error.message, "extensions": extensions}
    is_gone = isinstance(error, DATABASE_AWAY)
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    code = UnavailableError.code if is_gone else VitrineError.code
    return {
        "message": _GONE if is_gone else _UNEXPECTED,
        "extensions": {"code": code, "id": request_id},
    }


def formatted(error: GraphQLError) -> dict[str, Any]:
    """Return one entry of `errors`."""
    body: dict[str, Any] = {**error.formatted}
    if len(error.message) > _LONGEST_MESSAGE:  # it may repeat what was sent
        body["message"] = f"{error.message[:_LONGEST_MESSAGE]}…"
    original = error.original_error
    if original is not None and not isinstance(original, GraphQLError):
        return body | describe(original)
    is_syntax = isinstance(error, GraphQLSyntaxError)
    code = "GRAPHQL_PARSE_FAILED" if is_syntax else "GRAPHQL_VALIDATION_FAILED"
    return body | {"extensions": {"code": code, **(error.extensions or {})}}
