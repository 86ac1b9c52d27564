"""Files of an import, read twice: to see what they hold, then type by type; never held whole."""

import codecs
import hashlib
import stat
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, Protocol, Self

import orjson

from catalog.bulk.lines import MAX_LINE_BYTES, line_number, read_record, unread
from catalog.bulk.model import (
    InvalidRecordError,
    Line,
    LineRefusal,
    UnreadableFileError,
    cannot_be_read,
)
from catalog.bulk.order import in_order
from catalog.bulk.records import RECORD_TYPES, TYPES_BY_NAME
from catalog.bulk.texts import has_controls
from catalog.channels.model import FallbackCycleError
from catalog.errors import VitrineError

_SHOWN_CHARACTERS = 10_000  # of a line that is no record, in the report
_SHOWN_MEMBERS = 10  # of a circle
_MOST_OPEN = 64  # files at once
_BETWEEN_FILES = b"\xff"  # in no UTF-8
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
class LinePositions:
    """Where lines of one kind stand in the files: a few integers for each.

    Attributes:
        files: which of the files.
        offsets: in bytes from its start.
        numbers: of the lines that a person would mend, from 1.
        keys: what their natural keys hash to.
        named: what the key of the same type that each names hashes to; 0: it names none.
    """

    files: "array[int]" = field(default_factory=lambda: array("i"))
    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    keys: "array[int]" = field(default_factory=lambda: array("q"))
    named: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, file: int, offset: int, number: int) -> None:
        """Take in a line."""
        self.files.append(file)
        self.offsets.append(offset)
        self.numbers.append(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsFile:
    """JSON Lines of an import.

    Attributes:
        path: of the file.
        origin: the file that a person would mend: itself, or the CSV that it was made from.
    """

    path: Path
    origin: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the records of each type stand in the files of an import.

    Attributes:
        files: in the order in which they were named.
        sha256: of all that is in them.
        places: of the records of each type.
        unreadable: lines that are no record of any type.
        skus: of the products.
    """

    files: Sequence[RecordsFile]
    sha256: str
    places: Mapping[str, LinePositions]
    unreadable: LinePositions
    skus: list[str]

    def count(self, name: str) -> int:
        """Return how many records of a type there are."""
        return len(self.places[name].offsets)

    def read(self, name: str, start: int = 0) -> Iterator[Line]:
        """Yield the records of a type as they are to be applied, leaving out the first `start`."""
        places = self.places[name]
        order = in_order(places.keys, places.named)
        circles = {place: circle for circle in order.circles for place in circle}
        with OpenFiles(self.files) as files:
            for place in order.places[start:]:
                raw = files.read_at(places, place)
                data = orjson.loads(raw)
                circle = circles.get(place)
                fault = self._fault(name, circle, files) if circle else unread(data)
                yield self._line(places, place, data, fault, len(raw))

    def _line(
        self,
        places: LinePositions,
        place: int,
        data: Mapping[str, Any] | str,
        fault: VitrineError | None = None,
        size_bytes: int = 0,
    ) -> Line:
        return Line(
            number=places.numbers[place],
            file=self.name_of(places.files[place]),
            data=data,
            fault=fault,
            size_bytes=size_bytes,
        )

    def name_of(self, file: int) -> str | None:
        """Return what refusals call one of the files; None: there is no other."""
        return str(self.files[file].origin) if len(self.files) > 1 else None

    def origin(self, places: LinePositions, place: int) -> Path:
        """Return the file that a person would mend for a line."""
        return self.files[places.files[place]].origin

    def assets(self, start: int) -> Iterator[tuple[Path, str | None]]:
        """Yield the file of each asset but for the first `start`, behind that which names it."""
        places = self.places["asset"]
        with OpenFiles(self.files) as files:
            for place in range(start, len(places.offsets)):
                file: object = orjson.loads(files.read_at(places, place)).get("file")
                yield self.origin(places, place), file if isinstance(file, str) else None

    def codes(self, name: str) -> set[str]:
        """Return the codes of the records of a type."""
        lines = self.read(name)
        return {str(line.data.get("code")) for line in lines if not isinstance(line.data, str)}

    def _fault(self, name: str, circle: Sequence[int], files: "OpenFiles") -> FallbackCycleError:
        kind, places = TYPES_BY_NAME[name], self.places[name]
        members = [
            str(kind.key_in(orjson.loads(files.read_at(places, place))))
            for place in circle[:_SHOWN_MEMBERS]
        ]
        more = f" and {len(circle) - len(members):,} more" if len(circle) > len(members) else ""
        return FallbackCycleError(
            f"{', '.join(members)}{more} name each other in a circle: take one of them out of it",
            field=kind.names,
        )

    def refused(self) -> Iterator[tuple[Line, LineRefusal]]:
        """Yield the lines that are no record of any type, with what they say."""
        with OpenFiles(self.files) as files:
            for place in range(len(self.unreadable.offsets)):
                raw = files.read_at(self.unreadable, place)
                data: Mapping[str, Any] | str
                try:
                    data = read_record(raw)
                    error = unread(data)
                except InvalidRecordError as fault:
                    text = raw[: 4 * _SHOWN_CHARACTERS].decode(errors="replace")
                    data, error = text[:_SHOWN_CHARACTERS].rstrip("\r\n"), fault
                assert error is not None  # noqa: S101 - why the line is among these
                line = self._line(self.unreadable, place, data)
                yield line, LineRefusal.of(line.number, error, file=line.file)


class OpenFiles:
    """The files of an import, opened when a line of them is wanted, not too many at once."""

    def __init__(self, files: Sequence[RecordsFile]) -> None:
        self._files = files
        self._open: dict[int, BufferedReader] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open.values():
            each.close()

    def read_at(self, places: LinePositions, place: int) -> bytes:
        """Return a line."""
        number = places.files[place]
        file = self._open.get(number)
        if file is None:
            if len(self._open) >= _MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            file = self._open[number] = self._files[number].path.open("rb")
        file.seek(places.offsets[place])
        return file.readline(MAX_LINE_BYTES + 1)


def scan(files: Sequence[RecordsFile]) -> Source:
    """Find the records of each type in JSON Lines files.

    Raises:
        UnreadableFileError: there is no such file, it may not be read, or it is no text in UTF-8.
    """
    digest = hashlib.sha256()
    source = Source(
        files=files,
        sha256="",
        places={each.name: LinePositions() for each in RECORD_TYPES},
        unreadable=LinePositions(),
        skus=[],
    )
    for place, each in enumerate(files):
        digest.update(_BETWEEN_FILES if place else b"")
        try:
            _scan_file(source, place, each.path, digest)
        except OSError as error:
            refused = cannot_be_read(each.path, error)
            raise refused from error
    return replace(source, sha256=digest.hexdigest())


def _scan_file(source: Source, place: int, path: Path, digest: Digest) -> None:
    offset = 0
    with _open(path) as file:
        for number, (raw, size_bytes) in enumerate(_lines(file, digest), start=1):
            if number == 1:
                _refuse_other_encodings(path, raw)
            begin = len(raw) - len(raw.removeprefix(_BOM))
            if raw[begin:].strip():
                _note(source, raw[begin:], number, (place, offset + begin))
            offset += size_bytes


def _note(source: Source, raw: bytes, number: int, at: tuple[int, int]) -> None:
    """Take in a line.

    Args:
        source: what was found so far.
        raw: the line.
        number: of the line, from 1.
        at: the file, and the offset in it.
    """
    try:
        data = read_record(raw)
    except InvalidRecordError:
        source.unreadable.add(*at, number)
        return
    if "type" not in data:
        source.unreadable.add(*at, line_number(data, number))
        return
    kind = TYPES_BY_NAME[data["type"]]
    places = source.places[kind.name]
    places.add(*at, line_number(data, number))
    places.keys.append(_hash(kind.key_in(data)))
    places.named.append(_hash(data.get(kind.names)) if kind.names else 0)
    sku = data.get("sku")
    if kind.name == "product" and isinstance(sku, str) and not has_controls(sku):
        source.skus.append(sku)


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


def _refuse_other_encodings(path: Path, raw: bytes) -> None:
    """Refuse a file whose byte order mark says that it is not UTF-8.

    Raises:
        UnreadableFileError: it is UTF-16 or UTF-32.
    """
    for mark, name in _OTHER_BOMS.items():
        if raw.startswith(mark):
            raise UnreadableFileError(f"{path}, line 1, column 1: this is {name}: save it as UTF-8")
