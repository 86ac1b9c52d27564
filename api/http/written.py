"""Writes answers as JSON, part by part, so that none becomes larger than is allowed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import orjson

#: Containers within each other that are written part by part: data, root field, edges, edge, node.
_LEVELS = 5


def written(body: Mapping[str, Any], check_size: Callable[[int], None]) -> bytes:
    """Return JSON; what `check_size` raises about the bytes so far is raised."""
    size, parts = 0, list[bytes]()
    for part in _parts(body, _LEVELS):
        parts.append(part)
        size += len(part)
        check_size(size)
    return b"".join(parts)


def _parts(value: object, levels: int) -> Iterator[bytes]:
    if levels and isinstance(value, dict) and value:
        begin = b"{"
        for key, each in cast("dict[str, object]", value).items():
            yield begin + orjson.dumps(key) + b":"
            yield from _parts(each, levels - 1)
            begin = b","
        yield b"}"
    elif levels and isinstance(value, list) and value:
        begin = b"["
        for each in cast("list[object]", value):
            yield begin
            yield from _parts(each, levels - 1)
            begin = b","
        yield b"]"
    else:
        yield orjson.dumps(value)
