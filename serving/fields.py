"""The header fields of a request: one line each, and of some only one (RFC 9110, 5.2 and 5.3)."""

from collections.abc import Collection, Sequence
from typing import TypeAlias

Lines: TypeAlias = Sequence[tuple[bytes, bytes]]

#: Which are no lists, and decide who asks for what: of two that differ none can be believed.
_SINGLE = frozenset({b"authorization", b"content-type", b"host", b"origin"})
_OUR_OWN = (b"vitrine-", b"x-vitrine-")


class BadFieldsError(ValueError):
    """A field is missing, or stands twice that may stand once; its text may be shown to anyone."""


def one_line_each(
    lines: Lines, *, single: Collection[bytes] = (), needs_host: bool = True
) -> Lines:
    """Return the lines of a request with those of one name joined to a list.

    Args:
        lines: with names in lower case.
        single: names that may stand once, besides those that everyone reads so.
        needs_host: whether a request without `Host` is refused (RFC 9112, 3.2).

    Raises:
        BadFieldsError: there is no host, or two lines of a field that is no list.
    """
    joined: dict[bytes, bytes] = {}
    for name, value in lines:
        if name not in joined:
            joined[name] = value
        elif name in _SINGLE or name in single or name.startswith(_OUR_OWN):
            raise BadFieldsError(f"send one line of {name.decode('latin-1')}")
        else:
            separator = b"; " if name == b"cookie" else b", "  # RFC 9113, 8.2.3
            joined[name] += separator + value
    if needs_host and b"host" not in joined:
        raise BadFieldsError("send a Host (RFC 9112, 3.2)")
    return lines if len(joined) == len(lines) else list(joined.items())
