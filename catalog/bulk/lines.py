"""One line of JSON Lines: a record of a type, or why it is none."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson

from catalog.bulk.model import FAULTS_KEY, LINE_KEY, InvalidRecordError
from catalog.bulk.records import TYPES_BY_NAME
from catalog.bulk.repeated_keys import repeated_key
from catalog.errors import Faults, InvalidInputError, VitrineError
from catalog.wording import no_such

#: Of one record; a line beyond it is refused and never in memory whole.
MAX_LINE_BYTES = 4 * 1024 * 1024
#: Lists and objects of a record inside each other.
MAX_NESTING = 32

_LARGEST_LINE = 2**31


def read_record(raw: bytes) -> dict[str, Any]:
    """Read one line: a record of a type, or what a mapping could not read of a row.

    Raises:
        InvalidRecordError: it is too long, no JSON object, nested too deep, or of no type.
    """
    if len(raw) > MAX_LINE_BYTES:
        raise InvalidRecordError(
            f"the line has more than {MAX_LINE_BYTES:,} bytes: write one record a line, and split "
            "what is longer"
        )
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRecordError(_fault_of(raw, error)) from error
    if not isinstance(data, dict):
        raise InvalidRecordError("column 1: the line is no JSON object: write one record a line")
    record = cast("dict[str, Any]", data)
    if raw.count(b"[") + raw.count(b"{") > MAX_NESTING and _is_too_deep(record):
        raise InvalidRecordError(f"the record is nested deeper than {MAX_NESTING} levels")
    if (repeated := repeated_key(raw)) is not None:
        key, column = repeated
        raise InvalidRecordError(
            f"column {column}: the key {key!r} stands twice in one object: decide for one"
        )
    kind = record.get("type")
    if kind is None and unread(record) is not None:
        return record
    if not isinstance(kind, str) or kind not in TYPES_BY_NAME:
        known = list(TYPES_BY_NAME)
        told = no_such("type", kind, known) if isinstance(kind, str) else None
        raise InvalidRecordError(told or f"give one of {', '.join(known)}", field="type")
    return record


def unread(data: Mapping[str, Any]) -> VitrineError | None:
    """Return what a mapping could not read of a record, or why a row makes none."""
    given: Any = data.get(FAULTS_KEY)
    fault = InvalidInputError if "type" in data else InvalidRecordError
    faults = Faults()
    for each in cast("list[Any]", given) if isinstance(given, list) else ():
        told = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        field = told.get("field")
        faults.append(fault(str(told.get("message")), field=field and str(field)))
    return faults.as_one() if faults else None


def line_number(data: Mapping[str, Any], number: int) -> int:
    """Return the line that a person would mend: of the CSV, where the record comes from one."""
    told = data.get(LINE_KEY)
    if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < _LARGEST_LINE:
        return told
    return number


def _fault_of(raw: bytes, error: orjson.JSONDecodeError) -> str:
    """Say in which column a line is no JSON."""
    try:
        raw.decode()
    except UnicodeDecodeError as other:
        return (
            f"column {other.start + 1}: the byte 0x{raw[other.start]:02x} is no UTF-8: save the "
            "file as UTF-8"
        )
    return f"column {error.pos + 1}: the line is no JSON: {error.msg}: write one record a line"


def _is_too_deep(record: dict[str, Any]) -> bool:
    level: list[Any] = [record]
    for _ in range(MAX_NESTING):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    within = cast("dict[str, Any]", value).values() if isinstance(value, dict) else value
    return [each for each in cast("Iterable[Any]", within) if isinstance(each, dict | list)]
