"""Writes answers as JSON, part by part, so that none becomes larger than is allowed."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import orjson

#: Containers within each other that are written part by part: data, root field, edges, edge, node.
_LEVELS = 5


def written(body: Mapping[str, Any], check_size: Callable[[int], None]) -> bytes:
    """Return JSON; what `check_size` raises about the bytes so far is raised."""
    parts = _Parts(check_size)
    parts.write(body, _LEVELS)
    return b"".join(parts.all)


class _Parts:
    def __init__(self, check_size: Callable[[int], None]) -> None:
        self._check_size = check_size
        self._size = 0
        self.all: list[bytes] = []

    def write(self, value: object, levels: int) -> None:
        if levels and isinstance(value, dict) and value:
            begin = b"{"
            for key, each in cast("dict[str, object]", value).items():
                self._add(begin + orjson.dumps(key) + b":")
                self.write(each, levels - 1)
                begin = b","
            self._add(b"}")
        elif levels and isinstance(value, list) and value:
            begin = b"["
            for each in cast("list[object]", value):
                self._add(begin)
                self.write(each, levels - 1)
                begin = b","
            self._add(b"]")
        else:
            self._add(orjson.dumps(value))

    def _add(self, part: bytes) -> None:
        self.all.append(part)
        self._size += len(part)
        self._check_size(self._size)
