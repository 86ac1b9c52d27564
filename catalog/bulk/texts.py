"""Refuses characters that no text of a catalogue holds; the database cannot keep U+0000 at all."""

import re
from collections.abc import Iterator
from typing import Any, cast

import orjson

from catalog.bulk.model import InvalidRecordError

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # all but tab and line breaks
_WRITTEN = re.compile(rb"\\u00[01]|\\[bf]|\x7f")  # as JSON has them; other texts may look alike


def has_controls(text: str) -> bool:
    """Return whether a text holds control characters other than tabs and line breaks."""
    return _CONTROLS.search(text) is not None


def controls_in(record: Any) -> Iterator[InvalidRecordError]:  # noqa: ANN401 - JSON
    """Yield a fault for every text or key of a record that holds control characters."""
    if not _WRITTEN.search(orjson.dumps(record)):
        return  # as nearly always: one look at all texts
    for where, text in _texts(record, ""):
        found = _CONTROLS.search(text)
        if found is not None:
            yield InvalidRecordError(
                f"a text may not hold the control character U+{ord(found[0]):04X}",
                field=where or None,
            )


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, each in cast("dict[str, Any]", value).items():
            yield where, key
            yield from _texts(each, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for place, each in enumerate(cast("list[Any]", value)):
            yield from _texts(each, f"{where}.{place}")
