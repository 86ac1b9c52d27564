"""The delivery log: what this gateway answered about which asset, when, and to where.

One line an answer, so that `vitrine replay` can hold every one against the history of rights.
Written behind the answers, in a bounded folder; what it cannot take is counted, never waited for.
No token, no address and no name of a viewer is in it.
"""

import asyncio
import os
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import orjson
import structlog
from prometheus_client import Counter

from serving.tasks import tell_failure

log = structlog.get_logger(__name__)

FORMAT = 1
SUFFIX = ".deliveries"

#: `direct` to a browser or a cache that does not ask; `leave` for an authorising edge to deliver
#: what it holds; `fill` bytes for such an edge, which asks again before it delivers them; `staff`
#: to a person of ours, who may see what is not licensed.
How: TypeAlias = Literal["direct", "leave", "fill", "staff"]

#: Between a decision and the first byte after it.
TURN_S = 0.01
_LONGEST_ERROR_S = 86_400.0  # for a clock that is not known at all

_EPOCH = datetime.fromtimestamp(0, UTC)
_DAY_S = 86_400
NOT_KEPT = b"0.0"  # the last column of all that is no leave to be kept
_FLUSH_S = 0.2
_MAX_WAITING = 50_000
_FILES = 16
_IN_USE_S = 60.0
_ALARM_EVERY_S = 60.0
_MIB = 1024 * 1024

_WRITTEN = Counter("vitrine_delivery_log_lines", "Answers written to the delivery log.")
_DROPPED = Counter("vitrine_delivery_log_dropped", "Answers that the delivery log could not take.")


class DeliveryLogEntry(NamedTuple):
    """An answer to a request whose token was verified.

    Attributes:
        at: when the answer began, microseconds since 1970 by the database's clock.
        reason: why it was refused; None: it was not.
        country: of the viewer; None: unknown.
        not_before, expires_at: of the token, seconds since 1970.
        kept_for_s: for how many seconds from `at` on an edge may go on delivering by this leave;
            0: it asks before each delivery.
    """

    at: int
    status: int
    reason: str | None
    asset: str
    epoch: int
    country: str | None
    channel: str
    usage: str
    owner: str | None
    audience: str
    kid: str
    not_before: int
    expires_at: int
    how: How
    kept_for_s: float = 0.0


def microseconds(instant: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    since = instant - _EPOCH
    return (since.days * _DAY_S + since.seconds) * 1_000_000 + since.microseconds


def columns_after_status(entry: DeliveryLogEntry) -> bytes:
    """Write the columns of an entry behind its instant and status, as its line has them.

    The last one is not among them: each leave has its own.
    """
    return orjson.dumps(entry[2:-1])[1:-1]


def written(seconds: float) -> bytes:
    """Write whole milliseconds, as the last column of a line and the field of a leave have them."""
    return b"%.3f" % seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLimits:
    """What the log may take of the disk.

    Attributes:
        folder: shared by the gateways of one machine.
        max_bytes: of all files in it; the oldest are removed, but for those in use.
    """

    folder: Path
    max_bytes: int = 1024 * _MIB


class DeliveryLog:
    """Collects the entries of one gateway and writes them, some times a second.

    Args:
        limits: of the disk.
        gateway: its id.
        clock_error_s: how far the clock of the entries may be off; said where that is
            more than the replay allows for.
    """

    def __init__(
        self,
        limits: LogLimits,
        gateway: uuid.UUID,
        *,
        clock_error_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._limits = limits
        self._gateway = gateway
        self._clock_error_s = clock_error_s
        self._waiting: list[bytes] = []  # lines
        self._dropped = 0
        self._file: FileIO | None = None
        self._number = 0
        self._alarmed_at = -_ALARM_EVERY_S
        self._stopping = asyncio.Event()

    def note(self, entry: DeliveryLogEntry) -> None:
        """Take an entry; beyond what may wait it is counted as dropped."""
        self.note_again(
            entry.at, entry.status, columns_after_status(entry), written(entry.kept_for_s)
        )

    def note_again(self, at: int, status: int, rest: bytes, kept_for: bytes = NOT_KEPT) -> None:
        """Take an entry that is like others before it.

        Args:
            at: of the entry.
            status: of the entry.
            rest: as `columns_after_status` wrote it.
            kept_for: of the entry, as `written` wrote it.
        """
        if len(self._waiting) < _MAX_WAITING:
            self._waiting.append(b"[%d,%d,%b,%b]\n" % (at, status, rest, kept_for))
        else:
            self._dropped += 1
            _DROPPED.inc()

    def stop(self) -> None:
        """Let `run` end once all that waits is written."""
        self._stopping.set()

    async def run(self) -> None:
        """Write what waits, until `stop`; never cancelled amid a write."""
        is_last = False
        while not is_last:
            with suppress(TimeoutError):
                async with asyncio.timeout(_FLUSH_S):
                    await self._stopping.wait()
            is_last = self._stopping.is_set()
            await self._flush()
        if self._file is not None:
            await asyncio.to_thread(self._end, self._file)  # to its last line, as it says

    async def _flush(self) -> None:
        """Write what waits; what the disk does not take waits on."""
        if not self._waiting and not self._dropped:
            return
        lines, self._waiting = self._waiting, []
        dropped, self._dropped = self._dropped, 0
        try:
            await asyncio.to_thread(self._write, lines, dropped)
        except OSError as error:
            self._dropped += dropped
            self._wait_on(lines)
            self._alarm(error)
        else:
            _WRITTEN.inc(len(lines))

    def _wait_on(self, lines: list[bytes]) -> None:
        """Let lines wait that were not written; the newest beyond the bound are dropped."""
        waiting = lines + self._waiting
        excess = max(0, len(waiting) - _MAX_WAITING)
        self._waiting = waiting[:_MAX_WAITING]
        self._dropped += excess
        _DROPPED.inc(excess)

    def _write(self, lines: Sequence[bytes], dropped: int) -> None:
        file = self._file
        if file is None or os.fstat(file.fileno()).st_nlink == 0:  # removed as the oldest
            file = self._begin()
        remarks: list[bytes] = []
        if dropped:
            remarks.append(_remark(dropped=dropped))
        error_s = self._clock_error_s()
        if error_s > TURN_S:
            remarks.append(_remark(clock_error_s=round(min(error_s, _LONGEST_ERROR_S), 4)))
        _append(file, *lines, *remarks)
        if file.tell() >= self._limits.max_bytes // _FILES:
            self._end(file)

    def _begin(self) -> FileIO:
        folder = self._limits.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_oldest()
        if self._file is not None:
            self._file.close()
            self._file = None
        number = self._number + 1
        path = folder / f"{time.time_ns() // 1000}-{self._gateway}-{number}{SUFFIX}"
        header = _remark(
            format=FORMAT,
            gateway=str(self._gateway),
            number=number,
            columns=DeliveryLogEntry._fields,
        )
        file = FileIO(path, "xb", opener=_private)
        try:
            _append(file, header)
        except OSError:
            file.close()
            path.unlink()
            raise
        self._file, self._number = file, number
        return file

    def _end(self, file: FileIO) -> None:
        """Say that the file is complete; where even that finds no room, it is left as it is."""
        self._file = None
        with file:
            try:
                _append(file, _remark(end=True))
            except OSError as error:
                self._alarm(error)

    def _remove_oldest(self) -> None:
        """Keep the folder in its bound; files that a gateway may still write to are left alone."""
        files = sorted(self._limits.folder.glob(f"*{SUFFIX}"))
        sizes = {path: path.stat() for path in files}
        most = self._limits.max_bytes * (_FILES - 1) // _FILES
        excess = sum(stat.st_size for stat in sizes.values()) - most
        for path in files:
            if excess <= 0:
                return
            if time.time() - sizes[path].st_mtime > _IN_USE_S:
                path.unlink(missing_ok=True)
                excess -= sizes[path].st_size

    def _alarm(self, error: OSError) -> None:
        if time.monotonic() - self._alarmed_at >= _ALARM_EVERY_S:
            self._alarmed_at = time.monotonic()
            log.error("delivery_log_failed", error=type(error).__name__, errno=error.errno)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _remark(**fields: object) -> bytes:
    """Return a line that is no entry."""
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _append(file: FileIO, *lines: bytes) -> None:
    """Write whole lines, or none: of a full disk no half line is left.

    Raises:
        OSError: the disk does not take them.
    """
    begin = file.tell()
    left = memoryview(b"".join(lines))
    try:
        while left:
            left = left[file.write(left) :]
    except OSError:
        file.truncate(begin)
        file.seek(begin)
        raise


@asynccontextmanager
async def open_delivery_log(
    limits: LogLimits,
    gateway: uuid.UUID,
    *,
    clock_error_s: Callable[[], float] = lambda: 0.0,
) -> AsyncGenerator[DeliveryLog]:
    """Open the log of one gateway; at the end it is written to its last line."""
    opened = DeliveryLog(limits, gateway, clock_error_s=clock_error_s)
    writing = asyncio.create_task(opened.run())
    writing.add_done_callback(tell_failure)
    try:
        yield opened
    finally:
        opened.stop()
        await writing
