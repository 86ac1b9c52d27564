"""Answers from memory: given while the request is read, before a scope or a task is made for it.

An app that has such answers has a method `answer_at_once`; whatever it does not answer there goes
through the app as any request does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple, Protocol, runtime_checkable

from starlette.responses import Response
from starlette.types import Scope

from serving.fields import Lines
from serving.tracing import TRACE_HEADER, is_collected


@dataclass(slots=True)
class PlainRequest:
    """A request with one line of each header, as it was read.

    One object a connection, filled again for each request: making one would be a noticeable part
    of an answer from memory. So nobody may keep it beyond `answer_at_once`.

    Attributes:
        method: GET, HEAD or POST.
        target: path and query, as they came (RFC 9112, 3.2).
        headers: by their names in lower case.
        address: of the peer; empty: it has none.
        body: of a POST; of other methods none is looked at.
    """

    method: str
    target: bytes
    headers: Mapping[bytes, bytes]
    address: str
    body: bytes = b""


class RawAnswer(NamedTuple):
    """An answer as bytes.

    Attributes:
        head: status line and headers, each with its line end, without `Date` and the empty line.
        body: as many bytes as `Content-Length` says, none where the method or status has none.
    """

    head: bytes
    body: bytes


@runtime_checkable
class AnswersAtOnce(Protocol):
    """An app that holds some answers in memory."""

    def answer_at_once(self, asked: PlainRequest) -> RawAnswer | None:
        """Answer a request on a connection that is kept; None: the app has to."""
        ...


def plain_headers(lines: Lines) -> dict[bytes, bytes] | None:
    """Return the headers of a request by name; None: the pipeline has to read them.

    It joins what came twice, refuses a request without a host, looks at a precondition, and shows
    its steps to whoever traces it.

    Args:
        lines: with names in lower case.
    """
    headers = dict(lines)
    if len(headers) < len(lines) or b"host" not in headers or b"if-match" in headers:
        return None
    return None if TRACE_HEADER in headers and is_collected() else headers


def target_of(scope: Scope) -> bytes:
    """Return the target of a request that the pipeline answered, as most clients write it."""
    path, query = scope["raw_path"], scope["query_string"]
    return b"%s?%s" % (path, query) if query else path


def head_of(response: Response) -> bytes:
    """Write the status line and the headers of a response."""
    status = HTTPStatus(response.status_code)
    lines = [b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode())]
    return b"".join(lines + [b"%s: %s\r\n" % header for header in response.raw_headers])
