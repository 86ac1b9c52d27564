"""An import file, read twice: once to see what it holds, then type by type, never held whole."""

import codecs
import hashlib
import stat
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol, cast

import orjson

from catalog.bulk.model import FAULTS_KEY, InvalidRecordError, Line, Refusal, UnreadableFileError
from catalog.bulk.order import in_order
from catalog.bulk.records import RECORD_TYPES, TYPES_BY_NAME
from catalog.bulk.repeated_keys import repeated_key
from catalog.bulk.texts import has_controls
from catalog.channels.model import FallbackCycleError
from catalog.errors import Faults, InvalidInputError, VitrineError

#: Of one record; a line beyond it is refused and never in memory whole.
MAX_LINE_BYTES = 4 * 1024 * 1024
#: Lists and objects of a record inside each other.
MAX_NESTING = 32

#: Written by a mapping: the line of the CSV file that a record was made from.
LINE_KEY = "_line"
_LARGEST_LINE = 2**31
_SHOWN_CHARACTERS = 10_000  # of a line that is no record, in the report
_SHOWN_MEMBERS = 10  # of a circle
_PIECE_BYTES = 1024 * 1024
_BOM = codecs.BOM_UTF8
_OTHER_BOMS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class Digest(Protocol):
    """A hash that grows."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""


@dataclass(slots=True)
class Places:
    """Where lines of one kind stand in a file: a few integers for each.

    Attributes:
        offsets: in bytes from the start.
        numbers: of the lines that a person would mend, from 1.
        keys: what their natural keys hash to.
        named: what the key of the same type that each names hashes to; 0: it names none.
    """

    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    keys: "array[int]" = field(default_factory=lambda: array("q"))
    named: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the records of each type stand in a file.

    Attributes:
        sha256: of the content.
        places: of the records of each type.
        unreadable: lines that are no record of any type.
        publishable: skus of the models and simple products.
    """

    path: Path
    sha256: str
    places: Mapping[str, Places]
    unreadable: Places
    publishable: list[str]

    def count(self, name: str) -> int:
        """Return how many records of a type there are."""
        return len(self.places[name].offsets)

    def read(self, name: str, start: int = 0) -> Iterator[Line]:
        """Yield the records of a type as they are to be applied, leaving out the first `start`."""
        places = self.places[name]
        order = in_order(places.keys, places.named)
        circles = {place: circle for circle in order.circles for place in circle}
        with self.path.open("rb") as file:
            for place in order.places[start:]:
                raw = _read_at(file, places.offsets[place])
                data = orjson.loads(raw)
                circle = circles.get(place)
                fault = self._fault(name, circle, file) if circle else _unread(data)
                yield Line(
                    number=places.numbers[place], data=data, fault=fault, size_bytes=len(raw)
                )

    def _fault(self, name: str, circle: Sequence[int], file: BufferedReader) -> FallbackCycleError:
        kind = TYPES_BY_NAME[name]
        members = [
            str(kind.key_in(orjson.loads(_read_at(file, self.places[name].offsets[place]))))
            for place in circle[:_SHOWN_MEMBERS]
        ]
        more = f" and {len(circle) - len(members):,} more" if len(circle) > len(members) else ""
        return FallbackCycleError(
            f"{', '.join(members)}{more} name each other in a circle: take one of them out of it",
            field=kind.names,
        )

    def refused(self) -> Iterator[tuple[Line, Refusal]]:
        """Yield the lines that are no record of any type, with what they say."""
        with self.path.open("rb") as file:
            for offset, number in zip(
                self.unreadable.offsets, self.unreadable.numbers, strict=True
            ):
                raw = _read_at(file, offset)
                try:
                    read_record(raw)
                except InvalidRecordError as error:
                    text = raw[: 4 * _SHOWN_CHARACTERS].decode(errors="replace")
                    line = Line(number=number, data=text[:_SHOWN_CHARACTERS].rstrip("\r\n"))
                    yield line, Refusal.of(number, error)


def scan(path: Path) -> Source:
    """Find the records of each type in a JSON Lines file.

    Raises:
        UnreadableFileError: there is no such file, it may not be read, or it is no text in UTF-8.
    """
    digest = hashlib.sha256()
    source = Source(
        path=path,
        sha256="",
        places={each.name: Places() for each in RECORD_TYPES},
        unreadable=Places(),
        publishable=[],
    )
    offset = 0
    try:
        with _open(path) as file:
            for number, (raw, size_bytes) in enumerate(_lines(file, digest), start=1):
                if number == 1:
                    _refuse_other_encodings(path, raw)
                begin = len(raw) - len(raw.removeprefix(_BOM))
                if raw[begin:].strip():
                    _note(source, raw[begin:], number, offset + begin)
                offset += size_bytes
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}") from error
    return replace(source, sha256=digest.hexdigest())


def read_record(raw: bytes) -> dict[str, Any]:
    """Read one line.

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
    if not isinstance(kind, str) or kind not in TYPES_BY_NAME:
        known = ", ".join(TYPES_BY_NAME)
        raise InvalidRecordError(f"give one of {known}", field="type")
    return record


def _unread(data: Mapping[str, Any]) -> VitrineError | None:
    """Return what a mapping could not read of a record."""
    given: Any = data.get(FAULTS_KEY)
    faults = Faults()
    for each in cast("list[Any]", given) if isinstance(given, list) else ():
        told = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        field = told.get("field")
        error = InvalidInputError(str(told.get("message")), field=field and str(field))
        faults.append(error)
    return faults.as_one() if faults else None


def line_number(data: Mapping[str, Any], number: int) -> int:
    """Return the line that a person would mend: of the CSV, where the record comes from one."""
    told = data.get(LINE_KEY)
    if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < _LARGEST_LINE:
        return told
    return number


def _note(source: Source, raw: bytes, number: int, offset: int) -> None:
    try:
        data = read_record(raw)
    except InvalidRecordError:
        source.unreadable.offsets.append(offset)
        source.unreadable.numbers.append(number)
        return
    kind = TYPES_BY_NAME[data["type"]]
    places = source.places[kind.name]
    places.offsets.append(offset)
    places.numbers.append(line_number(data, number))
    places.keys.append(_hash(kind.key_in(data)))
    places.named.append(_hash(data.get(kind.names)) if kind.names else 0)
    sku = data.get("sku")
    is_shown = data.get("kind") in ("MODEL", "SIMPLE")
    if is_shown and isinstance(sku, str) and not has_controls(sku):
        source.publishable.append(sku)


def _hash(key: object) -> int:
    return (hash(key) or 1) if isinstance(key, str) and key else 0


def _open(path: Path) -> BufferedReader:
    """Open a file that can be read twice.

    Raises:
        UnreadableFileError: it is a pipe or a device.
        OSError: it is not there, or may not be read.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # to open a pipe may wait for ever
        raise UnreadableFileError(f"{path} is no file that can be read twice: write it to disk")
    return path.open("rb")


def _lines(file: BufferedReader, digest: Digest) -> Iterator[tuple[bytes, int]]:
    """Yield each line, or what its beginning is, with its whole length in bytes."""
    while raw := file.readline(MAX_LINE_BYTES + 1):
        digest.update(raw)
        size_bytes = len(raw)
        piece = raw
        while not piece.endswith(b"\n") and (piece := file.readline(_PIECE_BYTES)):
            digest.update(piece)
            size_bytes += len(piece)
        yield raw, size_bytes


def _read_at(file: BufferedReader, offset: int) -> bytes:
    file.seek(offset)
    return file.readline(MAX_LINE_BYTES + 1)


def _refuse_other_encodings(path: Path, raw: bytes) -> None:
    """Refuse a file whose byte order mark says that it is not UTF-8.

    Raises:
        UnreadableFileError: it is UTF-16 or UTF-32.
    """
    for mark, name in _OTHER_BOMS.items():
        if raw.startswith(mark):
            raise UnreadableFileError(f"{path}, line 1, column 1: this is {name}: save it as UTF-8")


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
