"""Hands damaged files to ingest's children, and to a render pool what they accept."""

import asyncio
import hashlib
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.hostile.mutations import mutated
from bench.hostile.valid import valid_files
from catalog.delivery.model import Format, Recipe, RenditionRequest
from catalog.errors import VitrineError
from imaging.ingest_worker import ChildLimits, Worker
from imaging.model import SourceLimits
from imaging.pool import RenderPool, open_render_pool

ACCEPTED = "ACCEPTED"
UNTYPED = "UNTYPED"

_NOTEWORTHY = frozenset({"PROBE_CRASHED", "PROBE_TIMEOUT", "BROKEN_SOURCE", "RENDER_DEADLINE"})
_WIDTH_PX = 320
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True, kw_only=True)
class FileOutcome:
    """What became of the files.

    Attributes:
        answers: by error code, `ACCEPTED`, or `UNTYPED` with the exception's class.
        renders: of what was accepted, likewise.
        noteworthy: names of the files whose child ended, or that took an untyped answer.
        parent_bytes: resident, after each file.
        child_bytes: resident, the most that a child had that lived on.
    """

    answers: Counter[str] = field(default_factory=Counter[str])
    renders: Counter[str] = field(default_factory=Counter[str])
    milliseconds: list[float] = field(default_factory=list[float])
    noteworthy: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    parent_bytes: list[int] = field(default_factory=list[int])
    child_bytes: int = 0

    @property
    def parent_growth(self) -> float:
        """Return the most that the parent had in the second half, over that in the first."""
        half = len(self.parent_bytes) // 2
        return max(self.parent_bytes[half:]) / max(self.parent_bytes[:half])

    @property
    def untyped(self) -> int:
        """Return how many answers, of children or renders, were no domain error."""
        both = self.answers + self.renders
        return sum(count for code, count in both.items() if code.startswith(UNTYPED))


async def run(
    *, files: int, seed: int, children: int, limits: ChildLimits, keep: Path | None = None
) -> FileOutcome:
    """Take in this many damaged files.

    Args:
        files: how many.
        seed: decides all of them.
        children: that look at files at the same time.
        limits: of each child.
        keep: a folder for the files that are noteworthy.
    """
    outcome = FileOutcome()
    numbers = iter(range(files))
    with tempfile.TemporaryDirectory(prefix="vitrine-hostile-") as folder:
        async with open_render_pool() as pool:
            hands = [
                _Hand(outcome, pool, Worker(Path(folder), SourceLimits(), limits), keep)
                for _ in range(children)
            ]
            try:
                await asyncio.gather(*(hand.work(Path(folder), numbers, seed) for hand in hands))
            finally:
                await asyncio.gather(*(hand.worker.end() for hand in hands))
    return outcome


class _Hand:
    """One child, and what goes through it."""

    def __init__(
        self, outcome: FileOutcome, pool: RenderPool, worker: Worker, keep: Path | None
    ) -> None:
        self._outcome = outcome
        self._pool = pool
        self.worker = worker
        self._keep = keep
        self._valid = valid_files()

    async def work(self, folder: Path, numbers: Iterator[int], seed: int) -> None:
        for number in numbers:
            name, body = mutated(self._valid, seed, number)
            path = folder / name
            path.write_bytes(body)
            await self._take_in(path, body)
            path.unlink()
            self._outcome.parent_bytes.append(_resident_bytes())

    async def _take_in(self, path: Path, body: bytes) -> None:
        began = time.perf_counter()
        master: bytes | None = None
        try:
            probed = await self.worker.probe(path)
        except VitrineError as error:
            answer = error.code
        except Exception as error:  # noqa: BLE001 - counted: that there is none is the point
            answer = f"{UNTYPED} {type(error).__name__}"
        else:
            answer, master = ACCEPTED, probed.master or body
        self._outcome.milliseconds.append((time.perf_counter() - began) * 1000)
        self._outcome.answers[answer] += 1
        self._note(path, body, answer)
        self._outcome.child_bytes = max(self._outcome.child_bytes, self._child_bytes())
        if master is not None:
            await self._render(path, body, master)

    async def _render(self, path: Path, body: bytes, master: bytes) -> None:
        request = RenditionRequest(
            source_sha256=hashlib.sha256(master).hexdigest(),
            master_key="masters/bench",
            recipe=Recipe(),
            width_px=_WIDTH_PX,
            format=Format.JPEG,
        )
        try:
            await self._pool.run(master, request)
        except VitrineError as error:
            answer = error.code
        except Exception as error:  # noqa: BLE001 - as above
            answer = f"{UNTYPED} {type(error).__name__}"
        else:
            answer = "RENDERED"
        self._outcome.renders[answer] += 1
        self._note(path, body, answer)

    def _note(self, path: Path, body: bytes, answer: str) -> None:
        if answer not in _NOTEWORTHY and not answer.startswith(UNTYPED):
            return
        self._outcome.noteworthy.append((path.name, answer))
        if self._keep is not None:
            self._keep.joinpath(path.name).write_bytes(body)

    def _child_bytes(self) -> int:
        if self.worker.pid is None:
            return 0
        try:
            status = Path(f"/proc/{self.worker.pid}/status").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            return 0
        found = re.search(r"VmHWM:\s*(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that this part of them is below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
