"""What a request states of its context beside the document.

Clients that rewrite documents, or know answers again by them, cannot write `@inContext`. The same
fields may stand in headers, in `extensions.context`, and in what a WebSocket begins with. Each
counts wherever it stands; where one stands twice, it says the same.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

import orjson
from graphql import GraphQLError

from api.documents.bounds import LONGEST_TEXT
from api.scalars import DATE_TIME
from catalog.errors import InvalidInputError

#: Fields of `@inContext` with their values: texts, an instant, a truth.
StatedContext: TypeAlias = Mapping[str, Any]

#: The header of each field.
HEADERS: Final[Mapping[str, str]] = MappingProxyType({
    name: f"Vitrine-{name.capitalize()}"
    for name in ("market", "country", "locale", "channel", "usage", "at", "preview")
})
#: As a request has them.
RAW_HEADERS: Final = frozenset(each.lower().encode() for each in HEADERS.values())
NOTHING_STATED: Final[StatedContext] = MappingProxyType({})

_FIELDS = {header.lower().encode(): name for name, header in HEADERS.items()}
_TRUTHS = {"true": True, "false": False}


class ContextConflictError(InvalidInputError):
    """A field of the context is stated twice, with different values."""

    code = "CONTEXT_CONFLICT"


def in_headers(raw: Iterable[tuple[bytes, bytes]]) -> StatedContext:
    """Read the headers of a request, as ASGI has them; an empty one says nothing.

    Raises:
        ContextConflictError: a header came twice, and differs.
        InvalidInputError: an instant or a truth that is none, or a text that is too long.
    """
    given = [(_FIELDS[name], value) for name, value in raw if name in RAW_HEADERS]
    if not given:
        return NOTHING_STATED
    return combined(*(_read(name, value.decode("latin-1").strip()) for name, value in given))


def in_json(value: object, *, where: str) -> StatedContext:
    """Read an object with the fields of `@inContext`; null says nothing, of all and of each.

    Args:
        value: as JSON has it.
        where: it stands, for messages.

    Raises:
        InvalidInputError: it is no such object.
    """
    if value is None:
        return NOTHING_STATED
    if not isinstance(value, dict):
        raise InvalidInputError(f"`{where}` is an object of {', '.join(HEADERS)}", field=where)
    stated: dict[str, Any] = {}
    for name, given in cast("dict[str, object]", value).items():
        if name not in HEADERS:
            raise InvalidInputError(
                f"`{where}` has no field {_shown(name)}; there are: {', '.join(HEADERS)}",
                field=where,
            )
        if given is not None:
            stated |= _read(name, given)
    return stated


def combined(*stated: StatedContext) -> StatedContext:
    """Put together what is stated in several places.

    Raises:
        ContextConflictError: a field is stated twice, with different values.
    """
    whole: dict[str, Any] = {}
    for each in stated:
        for name, value in each.items():
            if whole.setdefault(name, value) != value:
                raise ContextConflictError(
                    f"the context states `{name}` twice: {_shown(whole[name])} and "
                    f"{_shown(value)}; state it once, in `@inContext`, `extensions.context` or "
                    f"`{HEADERS[name]}`",
                    field=name,
                )
    return whole


def written(stated: StatedContext) -> bytes:
    """Write it so that what is the same is written the same."""
    return orjson.dumps(stated, option=orjson.OPT_SORT_KEYS) if stated else b""


def _read(name: str, value: object) -> Mapping[str, Any]:
    if value == "":
        return NOTHING_STATED
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise InvalidInputError(
            f"`{name}` of the context has at most {LONGEST_TEXT:,} characters, not {len(value):,}",
            field=name,
        )
    read = _READERS.get(name, _text)(value)
    if read is None:
        form = _FORMS.get(name, "a text")
        raise InvalidInputError(f"`{name}` of the context is {form}", field=name)
    return {name: read}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and "\0" not in value else None


def _instant(value: object) -> Any:  # noqa: ANN401 - whatever the scalar reads
    try:
        return DATE_TIME.parse_value(value)
    except GraphQLError:
        return None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else _TRUTHS.get(str(value).lower())


_READERS: Mapping[str, Callable[[object], Any]] = {"at": _instant, "preview": _truth}
_FORMS = {"at": "an instant, such as 2026-05-01T00:00:00Z", "preview": "true or false"}
_MOST_SHOWN = 40


def _shown(value: object) -> str:
    return repr(str(value)[:_MOST_SHOWN])
