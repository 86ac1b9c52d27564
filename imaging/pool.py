"""All CPU work of a gateway goes through here: bounded threads, a short queue, a deadline.

What does not fit is refused at once, so that a burst costs its own clients and nobody else. Here it
is decided whether a rendition is made from its master or from the master's mezzanine.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, TypeVarTuple

from catalog.delivery.geometry import plan
from catalog.delivery.model import Format, RenditionRequest
from imaging.file_cache import FileCache
from imaging.heap import trim_heap
from imaging.mezzanine import Mezzanine, Mezzanines, make_mezzanine, mezzanine_serving
from imaging.model import OverloadedError, RenderDeadlineError, Rendition
from imaging.pipeline.encode import AVIF_EFFORT
from imaging.pipeline.load import RenderSource, open_master
from imaging.pipeline.render import render
from imaging.render_slots import RenderSlots
from imaging.render_times import RenderTimes
from imaging.telemetry import QUEUE
from imaging.vips import Master, Stop

Fetch: TypeAlias = Callable[[], Awaitable[Master]]
Made: TypeAlias = Callable[[Rendition], None]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_ASK_AGAIN_S = 0.05
_CORES = os.cpu_count() or 1
#: Python code of a render holds the interpreter's lock for this long at the most, where the thread
#: that answers waits for it; by default it is 5 ms.
_SWITCH_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """How much work a pool takes, and how much it makes of it.

    Attributes:
        threads: renders at the same time, while nothing stored is asked for. Two more than there
            are cores: decoder, resize and encoder of a render wait for each other now and then.
        queue: renders that may wait for a thread.
        deadline_s: from the call to the answer, waiting and fetching included.
        budget_s: the longest that an answer should take which another format could give.
        pixels_in_flight: of all masters and mezzanines being read; a larger one is read alone.
        avif_effort: from 0 to 9; in no content key, so that what is stored stays found.
        idle_s: without a render until what is free in memory goes back to the system; to get it
            again takes time, so that bursts keep it between them.
    """

    threads: int = _CORES + 2
    queue: int = 32
    deadline_s: float = 10.0
    budget_s: float = 1.0
    pixels_in_flight: int = 120_000_000
    avif_effort: int = AVIF_EFFORT
    idle_s: float = 10.0


class RenderPool:
    """Renders on threads of its own; `open_render_pool` makes one."""

    def __init__(
        self, threads: ThreadPoolExecutor, limits: PoolLimits, mezzanines: Mezzanines
    ) -> None:
        self._threads = threads
        self._limits = limits
        self._mezzanines = mezzanines
        self._budget = PixelBudget(limits.pixels_in_flight)
        self._slots = RenderSlots(limits.threads, beside_stored=max(1, _CORES - 1))
        self._times = RenderTimes()
        self._taken = 0
        self._ahead_s = 0.0
        self._calm = asyncio.Event()
        self._calm.set()
        self._trim: asyncio.TimerHandle | None = None
        self._ended_s = 0.0
        self._is_open = True

    @property
    def waiting(self) -> int:
        """Return how many renders have a place and no thread."""
        return max(0, self._taken - self._limits.threads)

    @property
    def at_once(self) -> int:
        """Return how many renders may run at the same time now."""
        return self._slots.at_once

    def is_in_time(self, image_format: Format) -> bool:
        """Return whether a render that is asked for now may be done within the budget.

        While a thread is free it is: nothing else would be done any sooner.
        """
        if self._calm.is_set():
            return True
        if self._taken >= self._limits.threads + self._limits.queue:
            return False
        waits_s = self._ahead_s / self.at_once
        return waits_s + self._times.expected_s(image_format) <= self._limits.budget_s

    def note_stored_request(self) -> None:
        """Note that something stored is being delivered: for a moment fewer renders run."""
        self._slots.note_stored_request()

    async def calm(self) -> None:
        """Wait until a thread is free."""
        await self._calm.wait()

    async def run(
        self,
        master: Master | Fetch,
        request: RenditionRequest,
        *,
        made: Made | None = None,
    ) -> Rendition:
        """Return one rendition.

        Args:
            master: a file, its bytes, or what fetches one of them; called once there is a place,
                so that a burst does not fetch more masters than it renders, and not at all where
                the mezzanine is kept.
            request: what to make of it.
            made: called with it on the thread that made it, before it is returned.

        Raises:
            OverloadedError: every place is taken; nothing was begun.
            RenderDeadlineError: not done in time, and stopped.
            BrokenSourceError: the master is missing, corrupt or over the limits.
            RenditionTooLargeError: at no quality is it within the recipe's maximum of bytes.
        """
        if self._taken >= self._limits.threads + self._limits.queue:
            raise OverloadedError("Every place in the render queue is taken.")
        cost_s = self._take_place(request.format)
        stop = Stop()
        job: asyncio.Future[Any] | None = None
        try:
            async with asyncio.timeout(self._limits.deadline_s):
                if callable(master):
                    if self._mezzanines.keeps(request.source_sha256):
                        job = self._start(self._render_kept, request, stop, made)
                        if rendition := await asyncio.shield(job):
                            return rendition
                        job = None
                    master = await master()
                job = self._start(self._render, master, request, stop, made)
                return await asyncio.shield(job)
        except TimeoutError as error:
            raise RenderDeadlineError("The render did not end in time.") from error
        finally:
            stop.set()  # no effect on a render that is done; ends one that nobody waits for
            if job is None or job.done():
                self._end(job, cost_s)
            else:
                job.add_done_callback(lambda done: self._end(done, cost_s))
            # The deadline's error holds this frame, and its task the error: by the job they would
            # keep the pixels of the render until the garbage collector comes by.
            job = None

    def close(self) -> None:
        """Do nothing more when idle."""
        self._is_open = False
        if self._trim is not None:
            self._trim.cancel()

    def _start(self, work: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def _take_place(self, image_format: Format) -> float:
        """Return what the render is expected to keep a thread for, in seconds."""
        cost_s = self._times.expected_s(image_format)
        self._taken += 1
        self._ahead_s += cost_s
        if self._taken >= self._limits.threads:
            self._calm.clear()
        return cost_s

    def _end(self, job: asyncio.Future[Any] | None, cost_s: float) -> None:
        # The place is free when the thread is, which after a deadline is a moment later.
        self._taken -= 1
        self._ahead_s -= cost_s
        if self._taken < self._limits.threads:
            self._calm.set()
        if job is not None and not job.cancelled():
            job.exception()  # seen: whoever waited has it, or the deadline's own error
        self._ended_s = asyncio.get_running_loop().time()
        if self._is_open and not self._taken and self._trim is None:
            self._trim_later(self._limits.idle_s)

    def _trim_later(self, seconds: float) -> None:
        self._trim = asyncio.get_running_loop().call_later(seconds, self._trim_when_idle)

    def _trim_when_idle(self) -> None:
        self._trim = None
        if self._taken:
            return
        left_s = self._ended_s + self._limits.idle_s - asyncio.get_running_loop().time()
        if left_s > 0:
            self._trim_later(left_s)
        else:
            self._start(trim_heap)

    def _render_kept(
        self, request: RenditionRequest, stop: Stop, made: Made | None
    ) -> Rendition | None:
        """Render from the mezzanine that is kept; None: there is none, or it is too small."""
        with self._slots.take(stop):
            rendition = self._render_from_mezzanine(request, stop)
        if rendition is not None and made is not None:
            made(rendition)
        return rendition

    def _render(
        self, master: Master, request: RenditionRequest, stop: Stop, made: Made | None
    ) -> Rendition:
        with self._slots.take(stop):
            rendition = self._render_master(master, request, stop)
        if made is not None:
            made(rendition)
        return rendition

    def _render_from_mezzanine(self, request: RenditionRequest, stop: Stop) -> Rendition | None:
        with self._mezzanines.find(request.source_sha256) as mezzanine:
            if mezzanine is None:
                return None
            scaled = plan(mezzanine.upright, request.recipe, request.width_px).scaled
            if mezzanine_serving(mezzanine.upright, scaled) is None:
                return None
            return self._render_opened(mezzanine, mezzanine.size.pixels, request, stop)

    def _render_master(self, master: Master, request: RenditionRequest, stop: Stop) -> Rendition:
        opened = open_master(master)
        scaled = plan(opened.upright, request.recipe, request.width_px).scaled
        size = mezzanine_serving(opened.upright, scaled)
        if size is None:
            return self._render_opened(opened, opened.stored.pixels, request, stop)

        def make() -> Mezzanine:
            with self._budget.hold(opened.stored.pixels, stop):
                return make_mezzanine(opened, size, stop)

        with self._mezzanines.find_or_make(request.source_sha256, make, stop) as mezzanine:
            return self._render_opened(mezzanine, size.pixels, request, stop)

    def _render_opened(
        self, opened: RenderSource, pixels: int, request: RenditionRequest, stop: Stop
    ) -> Rendition:
        with self._budget.hold(pixels, stop):
            began_s = time.perf_counter()
            rendition = render(opened, request, stop, avif_effort=self._limits.avif_effort)
        self._times.took(request.format, time.perf_counter() - began_s)
        return rendition


class PixelBudget:
    """Keeps the pixels that are being read at the same time below a bound."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels
        self._held = 0
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, pixels: int, stop: Stop) -> Generator[None]:
        """Wait, on this thread, until the pixels fit or are alone; give them back at the end."""
        with self._changed:
            while self._held and self._held + pixels > self._pixels and not stop():
                self._changed.wait(_ASK_AGAIN_S)
            self._held += pixels
        try:
            yield
        finally:
            with self._changed:
                self._held -= pixels
                self._changed.notify_all()


@asynccontextmanager
async def open_render_pool(
    limits: PoolLimits | None = None, *, mezzanines: FileCache | None = None
) -> AsyncGenerator[RenderPool]:
    """Keep a pool open; at the end renders that run are waited for, those that wait are dropped.

    Args:
        limits: those of the defaults otherwise.
        mezzanines: the folder that keeps them; without it a large master is decoded anew for each
            rendition that is not asked for at the same time as another, and gives the same bytes.
    """
    bounds = limits or PoolLimits()
    sys.setswitchinterval(_SWITCH_S)
    threads = ThreadPoolExecutor(bounds.threads, thread_name_prefix="render")
    pool = RenderPool(threads, bounds, Mezzanines(mezzanines))
    QUEUE.set_function(lambda: pool.waiting)
    try:
        yield pool
    finally:
        pool.close()
        await asyncio.to_thread(threads.shutdown, cancel_futures=True)
