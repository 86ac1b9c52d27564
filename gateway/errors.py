"""Denials, and the answer to each kind of failure (RFC 9457)."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

import orjson
import structlog
from starlette.responses import Response

from catalog.delivery.tokens import (
    TokenExpiredError,
    TokenInvalidError,
    TokenMissingError,
    TokenNotYetError,
    TokenScopeError,
)
from catalog.errors import NotFoundError, UnavailableError, VitrineError
from catalog.rights.model import Reason
from imaging.model import BrokenSourceError, RenditionTooLargeError

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 1
_URL_MARKS = ":/?#[]@!$&'()*+,;=%~"

#: Each asks the client for a token, or a better one.
TOKEN_ERRORS = (TokenMissingError, TokenInvalidError, TokenExpiredError, TokenNotYetError)
#: Each waits for a person: who asked was allowed to have the image, and there is none.
NO_IMAGE_ERRORS = (BrokenSourceError, RenditionTooLargeError)

_STATUS = {
    Reason.TOKEN_MISSING: 401,
    Reason.TOKEN_INVALID: 401,
    Reason.TOKEN_EXPIRED: 401,
    Reason.TOKEN_NOT_YET: 401,
    Reason.NOT_FOUND: 404,
    Reason.NOT_APPROVED: 404,
    Reason.UNPUBLISHED: 404,
    Reason.EMBARGOED: 404,
    Reason.LEGAL_DEMAND: 451,
    Reason.WITHDRAWN: 410,
    Reason.LICENCE_EXPIRED: 410,
    Reason.TOKEN_SCOPE: 403,
    Reason.RESTRICTED: 403,
    Reason.TERRITORY: 403,
    Reason.CHANNEL: 403,
    Reason.USAGE: 403,
    Reason.NO_GRANT: 403,
}

_TITLES = {
    401: "A valid token is required",
    403: "This image may not be shown here",
    404: "Not found",
    405: "Only GET and HEAD",
    410: "This image is no longer available",
    414: "The path is too long",
    451: "Unavailable for legal reasons",
    503: "Try again",
}


class DeniedError(VitrineError):
    """The rights rule says no; its reason is the code that the answer states, if any."""

    code = "DENIED"

    def __init__(
        self,
        reason: Reason,
        *,
        authority_url: str | None = None,
        decided_at: datetime | None = None,
    ) -> None:
        super().__init__(_TITLES[_STATUS[reason]])
        self.reason = reason
        self.authority_url = authority_url
        self.decided_at = decided_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What the answer states, and what is counted: clients do not see every true reason."""

    status: int
    code: str
    reason: str
    authority_url: str | None = None
    decided_at: datetime | None = None


def refusal_of(error: VitrineError) -> Refusal:
    """Translate a failure of a delivery."""
    if isinstance(error, DeniedError):
        refusal = _denied(error.reason)
        return replace(refusal, authority_url=error.authority_url, decided_at=error.decided_at)
    if isinstance(error, (*TOKEN_ERRORS, TokenScopeError)):
        return _denied(Reason(error.code))
    if isinstance(error, NotFoundError | BrokenSourceError):
        return Refusal(status=404, code="NOT_FOUND", reason=error.code)
    if isinstance(error, RenditionTooLargeError):
        return Refusal(status=404, code=error.code, reason=error.code)
    if not isinstance(
        error, UnavailableError
    ):  # ours to mend: a key that the master key won't open
        log.error("delivery_failed", code=error.code, message=error.message)
    return Refusal(status=503, code="UNAVAILABLE", reason=error.code)


def _denied(reason: Reason) -> Refusal:
    status = _STATUS[reason]
    hidden = status == 404  # noqa: PLR2004 - why it is not found would say that it exists
    return Refusal(
        status=status,
        code="NOT_FOUND" if hidden else reason.value,
        reason=reason.value,
    )


def problem(refusal: Refusal, *, media_base: str) -> Response:
    """Write a refusal: never stored by anyone, without tags or anything more about the asset."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    match refusal.status:
        case 401:
            headers["WWW-Authenticate"] = 'Vitrine realm="media"'
        case 405:
            headers["Allow"] = "GET, HEAD"
        case 451:
            blocked_by = quote(refusal.authority_url or media_base, safe=_URL_MARKS)
            headers["Link"] = f'<{blocked_by}>; rel="blocked-by"'
        case 503:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        case _:
            pass
    body = {"title": _TITLES[refusal.status], "status": refusal.status, "code": refusal.code}
    return Response(
        orjson.dumps(body),
        refusal.status,
        headers=headers,
        media_type="application/problem+json",
    )
