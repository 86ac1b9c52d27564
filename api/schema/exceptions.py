"""The queue of what a person has to look at, for those who manage media."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from api.schema.described import graphql_enum, graphql_type
from api.schema.nodes import PageInfo
from catalog.exceptions import model
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor

_LIST = "EXCEPTIONS"
_MOST_DIGITS = 18  # that a bigint surely holds


@graphql_enum
class ExceptionState(Enum):
    """Whether somebody still has to look at it.

    Attributes:
        OPEN: Nobody has resolved it yet.
        RESOLVED: It is done with.
    """

    OPEN = model.ExceptionState.OPEN
    RESOLVED = model.ExceptionState.RESOLVED


@graphql_type
class QueuedException:
    """Something that a person has to look at, however often it happened."""

    kind: str = strawberry.field(description="Such as `broken_source`.")
    subject: str = strawberry.field(description="What it is about, such as `asset/7f3k2cq9`.")
    cause: str = strawberry.field(description="Why; each cause of a subject is queued by itself.")
    count: int = strawberry.field(description="How often it happened.")
    state: ExceptionState = strawberry.field(description="Whether somebody still has to look.")
    first_at: datetime = strawberry.field(description="When it happened first.")
    last_at: datetime = strawberry.field(description="When it happened last.")


@graphql_type
class QueuedExceptionEdge:
    """An exception on a page."""

    node: QueuedException = strawberry.field(description="The exception.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class QueuedExceptionConnection:
    """A page of the queue, the newest first (Relay cursor connections)."""

    edges: list[QueuedExceptionEdge] = strawberry.field(
        description="The items of this page, each with its cursor."
    )
    nodes: list[QueuedException] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="What lies around the page.")


def edges_of(exceptions: Sequence[model.QueuedException]) -> list[QueuedExceptionEdge]:
    """Make the edges of a page."""
    return [
        QueuedExceptionEdge(
            node=QueuedException(
                kind=each.kind,
                subject=each.subject,
                cause=each.cause,
                count=each.count,
                state=ExceptionState(each.state),
                first_at=each.first_at,
                last_at=each.last_at,
            ),
            cursor=write_cursor(_LIST, str(each.id)),
        )
        for each in exceptions
    ]


def id_of(cursor: str) -> int:
    """Read the cursor of an exception.

    Raises:
        InvalidCursorError: it is none.
    """
    (text,) = read_cursor(_LIST, cursor, count=1, field="after")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise InvalidCursorError(field="after")
    return int(text)
