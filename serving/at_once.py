"""Answers that wait for nothing: given once the request is read, before a task is made for it.

An app that has such answers has a method `answer_at_once`; whatever it does not answer there goes
through the app as any request does.
"""

from http import HTTPStatus
from typing import NamedTuple, Protocol, runtime_checkable

from starlette.responses import Response
from starlette.types import Scope


class Whole(NamedTuple):
    """An answer, whole.

    Attributes:
        head: status line and headers, each with its line end, without `Date` and the empty line.
        body: of as many bytes as `Content-Length` says; none where the method or status has none.
    """

    head: bytes
    body: bytes


def head_of(response: Response) -> bytes:
    """Write the status line and the headers of a response."""
    status = HTTPStatus(response.status_code)
    lines = [b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode())]
    return b"".join(lines + [b"%s: %s\r\n" % header for header in response.raw_headers])


@runtime_checkable
class AnswersAtOnce(Protocol):
    """An app that knows some answers by heart."""

    def answer_at_once(self, scope: Scope, body: bytes) -> Whole | None:
        """Answer a request on a connection that is kept; None: the app has to.

        Args:
            scope: of the request.
            body: of a POST that came at once with its head; of other methods none is looked at.
        """
        ...
