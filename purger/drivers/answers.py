"""Asks a purge API over HTTP, and reads the status and `Retry-After` of its answer.

RFC 9110, sections 15 and 10.2.3.
"""

from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx2

from catalog.clock import utc_now
from purger.drivers.model import PurgeRejectedError, PurgeUnavailableError

_TRY_LATER = frozenset({408, 425, 429})


async def ask(client: httpx2.AsyncClient, request: httpx2.Request, *, who: str) -> httpx2.Response:
    """Return the answer, which is a 2xx.

    Args:
        client: follows no redirects: a credential goes where the settings send it.
        request: what is asked.
        who: named in the message, which repeats nothing of the request.

    Raises:
        PurgeRejectedError: 3xx, 4xx.
        PurgeUnavailableError: no answer, or none that is HTTP; 408, 425, 429, 5xx.
    """
    try:
        response = await client.send(request)
    except httpx2.RequestError as error:
        raise PurgeUnavailableError(f"{who}: {type(error).__name__}") from error
    raise_unless_done(response, who=who, now=utc_now())
    return response


def raise_unless_done(response: httpx2.Response, *, who: str, now: datetime) -> None:
    """Accept 2xx only.

    Args:
        response: its body need not be read.
        who: named in the message.
        now: UTC, for a `Retry-After` that is a date.

    Raises:
        PurgeRejectedError: 3xx, 4xx.
        PurgeUnavailableError: 408, 425, 429, 5xx.
    """
    if response.is_success:
        return
    message = f"{who} answered {response.status_code}"
    if response.is_server_error or response.status_code in _TRY_LATER:
        wanted = response.headers.get("Retry-After")
        raise PurgeUnavailableError(message, retry_after_s=seconds_of(wanted, now))
    raise PurgeRejectedError(message)


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """Read a `Retry-After`: seconds, or an HTTP date; None: it says neither."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (ValueError, TypeError):  # neither seconds nor a date with a zone: as if absent
        return None
