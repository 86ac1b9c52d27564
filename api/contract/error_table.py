"""The table of the codes that the api answers: what each means, and what to do."""

import inspect
from typing import Final, NamedTuple

from api.documents.declared import PageSizeError
from api.documents.limits import IntrospectionOffError, TooCostlyError, TooDeepError
from api.documents.trusted import HashMismatchError, UnknownDocumentError, UntrustedDocumentError
from api.errors import HTTP_STATUS, NotSupportedError
from api.execution.allowance import AnswerTooLargeError, TimedOutError
from api.http.graphql_request import (
    BadRequestError,
    BatchError,
    BodyTooLargeError,
    MethodError,
    UnsupportedMediaTypeError,
)
from api.identity.site import NoLoginError
from api.images.urls import UnknownFormatError, UnknownPresetError, UnknownWidthError
from api.request.following import TooSlowError
from api.request.rates import RateLimitedError
from api.request.stated_context import ContextConflictError
from catalog.access.giving import ExceedsOwnRightsError, LastAdministratorError
from catalog.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    VitrineError,
)
from catalog.graph.changes import EventTooOldError, UnknownEventError
from catalog.graph.context import UnknownContextError
from catalog.graph.cursors import InvalidCursorError
from catalog.publication.plan import IncompleteError, ParentUnpublishedError, TakenBackError
from catalog.publication.preview import PreviewTooWideError
from catalog.publication.versions import NotPublishedError, ReferenceGoneError
from catalog.rights.commands import NotApprovedError

_BAD_REQUEST = 400


class ErrorCode(NamedTuple):
    """A row of the table.

    Attributes:
        status: of HTTP, where the request is refused as a whole; None: 200.
    """

    code: str
    status: int | None
    meaning: str
    advice: str


#: Nothing is executed; in the order in which a request is looked at.
_REFUSED: Final[tuple[tuple[type[VitrineError], str], ...]] = (
    (UnauthenticatedError, "send a valid key as `Authorization: Bearer …`, or none"),
    (MethodError, "queries by GET or POST, changes by POST; `Allow` says which"),
    (
        UnsupportedMediaTypeError,
        "send `Content-Type: application/json`, in UTF-8, not compressed",
    ),
    (BodyTooLargeError, "send less: a body has at most 1 MiB"),
    (BadRequestError, "mend the request; the message says what is wrong with it"),
    (BatchError, "send operations one by one; over HTTP/2 that costs no more"),
    (UnknownDocumentError, "send the hash again with the text, which is kept from then on"),
    (HashMismatchError, "hash the very text that is sent: SHA-256 of its UTF-8, in hexadecimal"),
    (UntrustedDocumentError, "`vitrine documents register` it, or send an API key"),
    (RateLimitedError, "wait as `Retry-After` says; `RateLimit` tells beforehand what is left"),
    (TimedOutError, "ask for less at once; `VITRINE_GRAPHQL_TIMEOUT_S` is the limit"),
    (UnavailableError, "try again in a moment, more slowly each time"),
)
#: In the answer to an operation: at a field, in a mutation's payload, or for the whole of it.
_ANSWERED: Final[tuple[tuple[type[VitrineError], str], ...]] = (
    (TooDeepError, "ask for less of what is nested; the message says the limit"),
    (TooCostlyError, "ask for smaller pages, or less of each row; the message says both figures"),
    (AnswerTooLargeError, "ask for smaller pages, or less of each row; the message says the limit"),
    (IntrospectionOffError, "send an API key, or read `schema.graphql`"),
    (ForbiddenError, "have a role given that allows what the message names ([access](access.md))"),
    (ExceedsOwnRightsError, "ask an administrator, who may do all of it"),
    (NoLoginError, "set what the message names, or log in at your identity provider"),
    (NotFoundError, "check the id, and whether the key may see it; both look the same on purpose"),
    (InvalidInputError, "mend the input that `field` names"),
    (ConflictError, "read again, decide again, and send the new `revision`"),
    (LastAdministratorError, "give somebody else the role `administrator` first"),
    (UnknownContextError, "name one of those that `markets`, `locales` and `channels` list"),
    (ContextConflictError, "state the field once: in the document, the request or a header"),
    (UnknownPresetError, "use one of those that the message lists"),
    (UnknownWidthError, "use one of those that the message lists"),
    (UnknownFormatError, "use one of those that the message lists, or AUTO"),
    (InvalidCursorError, "begin at the first page; a cursor belongs to its list and order"),
    (PageSizeError, "ask for a smaller page, and for the next one with `after`"),
    (IncompleteError, "fill in what the message lists, then publish again"),
    (ParentUnpublishedError, "publish the model first, or together with its variant"),
    (TakenBackError, "publish it by its own sku, if it may be shown again"),
    (PreviewTooWideError, "filter by skus, a family or a category, or publish what is ready"),
    (NotPublishedError, "publish it with these times, by `publishProducts`"),
    (ReferenceGoneError, "publish its draft, or bring back what the message names"),
    (NotApprovedError, "approve it with `approveAsset`; nothing was withdrawn or held"),
    (TooSlowError, "subscribe again, `after` the last event that was received; read faster"),
    (UnknownEventError, "take an `eventId` that a subscription has given, or leave `after` out"),
    (EventTooOldError, "read anew what is shown, and subscribe without `after`"),
    (NotSupportedError, "do without; it is designed, and not built yet"),
)
#: Those that are no errors of ours.
_OF_GRAPHQL: Final = (
    ErrorCode(
        "GRAPHQL_PARSE_FAILED",
        None,
        "The document is no GraphQL, or has over 4,000 tokens or 65,536 characters.",
        "mend it where `locations` says",
    ),
    ErrorCode(
        "GRAPHQL_VALIDATION_FAILED",
        None,
        "The document asks for what the schema has not, or a variable is missing or wrong.",
        "mend it by `schema.graphql`; clients with generated types cannot get there",
    ),
)
_INTERNAL: Final = ErrorCode(
    VitrineError.code,
    HTTP_STATUS[VitrineError.code],
    "A fault of ours.",
    "tell whoever runs it the `id`, which is in the log",
)


def error_codes() -> tuple[ErrorCode, ...]:
    """Return every code that the api answers."""
    return (
        *(
            _row(error, advice, HTTP_STATUS.get(error.code, _BAD_REQUEST))
            for error, advice in _REFUSED
        ),
        _INTERNAL,
        *_OF_GRAPHQL,
        *(_row(error, advice, None) for error, advice in _ANSWERED),
    )


def error_table() -> str:
    """Return the table in Markdown, one line a code, with a newline at the end."""
    lines = ["| code | HTTP | meaning | what to do |", "| --- | --- | --- | --- |"]
    for each in error_codes():
        status = "" if each.status is None else each.status
        lines.append(f"| `{each.code}` | {status} | {each.meaning} | {each.advice} |")
    return "\n".join(lines) + "\n"


def _row(error: type[VitrineError], advice: str, status: int | None) -> ErrorCode:
    text = (inspect.getdoc(error) or "").partition("\n\n")[0]
    return ErrorCode(error.code, status, " ".join(text.split()), advice)
