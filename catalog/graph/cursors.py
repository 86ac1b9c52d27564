"""Cursors of lists: the name of the list and what a page ends with, opaque to clients."""

import base64
from datetime import UTC, datetime
from typing import cast

import orjson

from catalog.errors import InvalidInputError


class InvalidCursorError(InvalidInputError):
    """`after` or `before` is no cursor of this list in this order."""

    code = "INVALID_CURSOR"

    def __init__(self, *, field: str) -> None:
        super().__init__(f"`{field}` is no cursor of this list in this order", field=field)


def read_instant(text: str, *, field: str) -> datetime:
    """Read an instant of a cursor, in UTC.

    Raises:
        InvalidCursorError: it is none, has no zone, or lies beyond all calendars.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise InvalidCursorError(field=field)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidCursorError(field=field) from error


def write_cursor(of: str, *keys: str) -> str:
    """Write a cursor: 1 to 2 times as long as its keys."""
    return base64.urlsafe_b64encode(orjson.dumps([of, *keys])).decode().rstrip("=")


def read_cursor(of: str, cursor: str, *, count: int, field: str) -> list[str]:
    """Read the so many keys that `write_cursor` wrote for the same list.

    Raises:
        InvalidCursorError: it is anything else.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts: object = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError as error:
        raise InvalidCursorError(field=field) from error
    read = cast("list[object]", parts) if isinstance(parts, list) else []
    texts = [each for each in read if isinstance(each, str) and "\0" not in each]
    if texts[:1] != [of] or not len(texts) == len(read) == count + 1:
        raise InvalidCursorError(field=field)
    return texts[1:]
