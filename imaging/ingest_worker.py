"""One child process, from the parent's side: ask it, or end it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from catalog.errors import VitrineError
from imaging.ingest_child import Request
from imaging.model import (
    CorruptImageError,
    ImageTooLargeError,
    ProbeCrashedError,
    ProbedImage,
    ProbeTimeoutError,
    SourceLimits,
    UnsafeSvgError,
    UnsupportedFormatError,
)

_ROOT = Path(__file__).parent.parent
_LINE_BYTES = 1024 * 1024
_ENDING_S = 5.0
_ERRORS: Mapping[str, type[VitrineError]] = {
    error.code: error
    for error in (CorruptImageError, ImageTooLargeError, UnsafeSvgError, UnsupportedFormatError)
}

MOST_CHILD_BYTES = 3 * 1024**3
MOST_CPU_S = 30
MOST_WALL_S = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What a child process may take.

    Attributes:
        address_space_bytes: enough for 100 megapixels with alpha in the worst format.
        cpu_s: for one file.
        wall_s: for one file.
        files: after these the child is replaced, so that nothing adds up.
    """

    address_space_bytes: int = MOST_CHILD_BYTES
    cpu_s: int = MOST_CPU_S
    wall_s: float = MOST_WALL_S
    files: int = 500


class Worker:
    """A child that is started when it is first asked, and again after every failure."""

    def __init__(self, folder: Path, source: SourceLimits, child: ChildLimits) -> None:
        self._master = folder / f"{os.urandom(8).hex()}.master"
        self._source = source
        self._child = child
        self._process: asyncio.subprocess.Process | None = None
        self._asked = 0

    @property
    def pid(self) -> int | None:
        """Return the child's process id, while there is one."""
        return self._process.pid if self._process else None

    async def probe(self, path: Path) -> ProbedImage:
        """Have the child look at one file.

        Raises:
            VitrineError: whatever the child found wrong with it.
            ProbeTimeoutError: too much time; the child was ended.
            ProbeCrashedError: the child ended by itself.
        """
        request = Request(path=str(path), master=str(self._master), cpu_s=self._child.cpu_s)
        try:
            async with asyncio.timeout(self._child.wall_s):
                answer = await self._ask(json.dumps(request).encode() + b"\n")
        except TimeoutError as error:
            await self.end()
            raise ProbeTimeoutError("Decoding the image took too long.") from error
        except BaseException:
            await self.end()  # cancelled, perhaps half way through an answer: of no more use
            raise
        if not answer.endswith(b"\n"):  # nothing, or it ended in the middle of its answer
            raise await self._post_mortem()
        self._asked += 1
        if self._asked >= self._child.files:
            await self.end()
        return await self._read(json.loads(answer))

    async def end(self) -> None:
        """Kill the child, if there is one, and forget what it left."""
        process, self._process, self._asked = self._process, None, 0
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def _ask(self, line: bytes) -> bytes:
        if self._process is None or self._process.returncode is not None:
            self._process = await self._start()
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the child was started without pipes")
        try:
            process.stdin.write(line)
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return b""
        return await process.stdout.readline()

    async def _start(self) -> asyncio.subprocess.Process:
        # A new program, never a fork of this one: libvips has threads that a fork would lose.
        # Nothing of our environment goes along: a decoder that is broken finds no secrets.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "imaging.ingest_child"),
            *(str(self._child.address_space_bytes), json.dumps(asdict(self._source))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            env={"PYTHONPATH": str(_ROOT), "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"},
        )

    async def _post_mortem(self) -> VitrineError:
        process = self._process
        if process is not None:
            with suppress(TimeoutError):  # to kill what is ending already would hide how it ended
                async with asyncio.timeout(_ENDING_S):
                    await process.wait()
        await self.end()
        if process is not None and process.returncode == -signal.SIGXCPU:
            return ProbeTimeoutError("Decoding the image took too much CPU time.")
        return ProbeCrashedError("Decoding the image ended the process that did it.")

    async def _read(self, answer: dict[str, Any]) -> ProbedImage:
        if "error" in answer:
            raise _ERRORS[answer["error"]](answer["message"])
        has_master = cast("bool", answer.pop("has_master"))
        answer["master"] = await asyncio.to_thread(self._take_master) if has_master else None
        return ProbedImage(**answer)

    def _take_master(self) -> bytes:
        body = self._master.read_bytes()
        self._master.unlink()
        return body
