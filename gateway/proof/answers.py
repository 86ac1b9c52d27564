"""Answers as logs have them: of gateways, and of caches that do not ask a gateway."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson

from catalog.errors import InvalidInputError
from gateway.proof.delivery_log import FORMAT, SUFFIX, DeliveryLogEntry

#: The country of a hit whose log does not say it.
ANYWHERE = "*"

#: Whose log says so: a gateway's, that of an authorising edge, or that of a cache that never asks.
Source: TypeAlias = Literal["gateway", "edge", "cdn"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Of every log, as far as it was written.
_BEGINNING = orjson.dumps({"format": FORMAT})[:-1]
#: Columns that every log has; those with a default came later.
_AT_LEAST = len(DeliveryLogEntry._fields) - len(DeliveryLogEntry._field_defaults)


class UnreadableLogError(InvalidInputError):
    """A file is no delivery log of this version, or cannot be read."""

    code = "UNREADABLE_LOG"


class LoggedAnswer(NamedTuple):
    """One answer, and where it stands.

    Attributes:
        at: when it began.
        place: `file:line`.
    """

    at: datetime
    entry: DeliveryLogEntry
    source: Source
    place: str

    @property
    def usable_for(self) -> timedelta:
        """Return for how long from `at` on an edge may go on delivering by this leave."""
        return timedelta(seconds=self.entry.kept_for_s)


@dataclass(slots=True, kw_only=True)
class Coverage:
    """Which logs a replay has read, and which it knows to be missing.

    Attributes:
        gateways: files read, by gateway; each process of a gateway is one.
        edge_logs: files of authorising edges that were read.
        unended: files that do not say that they are complete: their gateway runs on, or was
            killed, and then what it answered in its last 0.2 s is in no log.
        missing_files: rotated away, or not given.
        dropped: answers that a gateway could not write down, as it says itself.
        unreadable: lines that are none, such as the last one of a full disk.
        clock_error_s: the most by which a gateway's clock may have been off the database's, where
            that was more than the turn between a decision and its first byte; else 0.
    """

    gateways: dict[str, int] = field(default_factory=dict[str, int])
    edge_logs: int = 0
    unended: int = 0
    missing_files: int = 0
    dropped: int = 0
    unreadable: int = 0
    clock_error_s: float = 0.0


def log_files(paths: Sequence[Path]) -> list[Path]:
    """Return the delivery logs among files and folders, the oldest first.

    Raises:
        UnreadableLogError: a path does not exist.
    """
    found: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise UnreadableLogError(f"{path} does not exist")
        found |= set(path.glob(f"**/*{SUFFIX}")) if path.is_dir() else {path}
    return sorted(found, key=lambda path: path.name)


def read_answers(files: Sequence[Path], coverage: Coverage) -> Iterator[LoggedAnswer]:
    """Read delivery logs line by line, and note what they cover.

    Raises:
        UnreadableLogError: a file is no delivery log of this version, or cannot be read.
    """
    numbers: dict[str, list[int]] = {}
    for path in files:
        try:
            with path.open("rb") as lines:
                first = next(lines, b"")
                coverage.unended += 1  # until its last line says otherwise
                if _is_torn_header(first):  # killed, or out of room, before its first line
                    continue
                header = _header(path, first)
                numbers.setdefault(header["gateway"], []).append(header["number"])
                for number, line in enumerate(lines, start=2):
                    entry = _entry(line, coverage)
                    if entry is not None:
                        at = _EPOCH + timedelta(microseconds=entry.at)
                        yield LoggedAnswer(at, entry, "gateway", f"{path.name}:{number}")
        except FileNotFoundError:
            coverage.missing_files += 1  # removed as the oldest since it was listed
        except OSError as error:
            raise UnreadableLogError(f"{path}: {error.strerror}") from error
    for gateway, known in numbers.items():
        coverage.gateways[gateway] = len(known)
        coverage.missing_files += max(known) - len(known)


def _is_torn_header(line: bytes) -> bool:
    return not line.endswith(b"\n") and line[: len(_BEGINNING)] == _BEGINNING[: len(line)]


def _header(path: Path, line: bytes) -> dict[str, Any]:
    try:
        header: dict[str, Any] = orjson.loads(line)
        _, _ = header["gateway"], header["number"]
        columns = tuple(header["columns"])
        is_known = len(columns) >= _AT_LEAST and columns == DeliveryLogEntry._fields[: len(columns)]
        if header["format"] != FORMAT or not is_known:
            raise UnreadableLogError(f"{path} was written by another version of Vitrine")
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnreadableLogError(f"{path} is no delivery log") from error
    return header


def _entry(line: bytes, coverage: Coverage) -> DeliveryLogEntry | None:
    try:
        value: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        coverage.unreadable += 1
        return None
    match value:
        case {"end": True}:
            coverage.unended -= 1
        case {"dropped": int(count)}:
            coverage.dropped += count
        case {"clock_error_s": float(error_s)}:
            coverage.clock_error_s = max(coverage.clock_error_s, error_s)
        case [*fields] if _AT_LEAST <= len(fields) <= len(DeliveryLogEntry._fields):
            return DeliveryLogEntry(*fields)
        case _:
            coverage.unreadable += 1
    return None
