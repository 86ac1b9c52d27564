"""An import file, read twice: once to see what it holds, then type by type, never held whole."""

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import orjson

from catalog.bulk.model import InvalidRecordError, Line, Refusal, UnreadableFileError
from catalog.bulk.records import RECORD_TYPES, TYPES_BY_NAME
from catalog.bulk.texts import has_controls

#: Written by a mapping: the line of the CSV file that a record was made from.
LINE_KEY = "_line"


def _places() -> dict[str, "array[int]"]:
    return {each.name: array("q") for each in RECORD_TYPES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the records of each type stand in a file.

    Attributes:
        sha256: of the content.
        offsets: of the lines of each type, in bytes from the start.
        numbers: of the same lines, from 1.
        refused: lines that are no record of any type, with what they say.
        publishable: skus of the models and simple products.
    """

    path: Path
    sha256: str
    offsets: Mapping[str, "array[int]"] = field(default_factory=_places)
    numbers: Mapping[str, "array[int]"] = field(default_factory=_places)
    refused: list[tuple[Line, Refusal]] = field(default_factory=list[tuple[Line, Refusal]])
    publishable: list[str] = field(default_factory=list[str])

    def count(self, name: str) -> int:
        """Return how many records of a type there are."""
        return len(self.offsets[name])

    def read(self, name: str, start: int = 0) -> Iterator[Line]:
        """Yield the records of a type in the order of the file, leaving out the first `start`."""
        with self.path.open("rb") as file:
            for place in range(start, self.count(name)):
                file.seek(self.offsets[name][place])
                data = orjson.loads(file.readline())
                number = data.get(LINE_KEY)
                if not isinstance(number, int):
                    number = self.numbers[name][place]
                yield Line(number=number, data=data)


def scan(path: Path) -> Source:
    """Find the records of each type in a JSON Lines file.

    Raises:
        UnreadableFileError: there is no such file, or it may not be read.
    """
    source = Source(path=path, sha256="")
    digest = hashlib.sha256()
    offset = 0
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                digest.update(raw)
                if raw.strip():
                    _note(source, raw, number, offset)
                offset += len(raw)
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}") from error
    return Source(
        path=path,
        sha256=digest.hexdigest(),
        offsets=source.offsets,
        numbers=source.numbers,
        refused=source.refused,
        publishable=source.publishable,
    )


def _note(source: Source, raw: bytes, number: int, offset: int) -> None:
    try:
        data = _loads(raw)
    except InvalidRecordError as error:
        line = Line(number=number, data=raw.decode(errors="replace").rstrip("\r\n"))
        source.refused.append((line, Refusal.of(number, error)))
        return
    kind = data["type"]
    source.offsets[kind].append(offset)
    source.numbers[kind].append(number)
    sku = data.get("sku")
    is_shown = data.get("kind") in ("MODEL", "SIMPLE")
    if is_shown and isinstance(sku, str) and not has_controls(sku):
        source.publishable.append(sku)


def _loads(raw: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRecordError(f"the line is no JSON: {error}") from error
    if not isinstance(data, dict):
        raise InvalidRecordError("the line is no JSON object")
    record = cast("dict[str, Any]", data)
    kind = record.get("type")
    if not isinstance(kind, str) or kind not in TYPES_BY_NAME:
        known = ", ".join(TYPES_BY_NAME)
        raise InvalidRecordError(f"give one of {known}", field="type")
    return record
