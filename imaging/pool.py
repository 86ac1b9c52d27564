"""The one door for CPU work in a gateway: bounded threads, a short queue, a deadline.

What does not fit is refused at once, so that a burst costs its own clients and nobody else.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from catalog.delivery.model import Format, RenditionRequest
from imaging.model import OverloadedError, RenderDeadlineError, Rendition
from imaging.pace import Pace
from imaging.pipeline.encode import AVIF_EFFORT
from imaging.pipeline.load import open_master
from imaging.pipeline.render import render
from imaging.vips import Master, Stop

Fetch: TypeAlias = Callable[[], Awaitable[Master]]

_ASK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLimits:
    """How much work a pool takes, and how much it makes of it.

    Attributes:
        threads: renders at the same time; libvips uses one thread for each.
        queue: renders that may wait for a thread.
        deadline_s: from the call to the answer, waiting and fetching included.
        budget_s: the longest that an answer should take which another format could give.
        pixels_in_flight: of all masters being decoded; a larger one is decoded alone.
        avif_effort: from 0 to 9; in no content key, so that what is stored stays found.
    """

    threads: int = os.cpu_count() or 1
    queue: int = 32
    deadline_s: float = 10.0
    budget_s: float = 1.0
    pixels_in_flight: int = 120_000_000
    avif_effort: int = AVIF_EFFORT


class RenderPool:
    """Renders on threads of its own; `open_render_pool` makes one."""

    def __init__(self, threads: ThreadPoolExecutor, limits: PoolLimits) -> None:
        self._threads = threads
        self._limits = limits
        self._budget = PixelBudget(limits.pixels_in_flight)
        self._pace = Pace()
        self._taken = 0
        self._ahead_s = 0.0
        self._calm = asyncio.Event()
        self._calm.set()

    @property
    def waiting(self) -> int:
        """Return how many renders have a place and no thread."""
        return max(0, self._taken - self._limits.threads)

    def is_in_time(self, image_format: Format) -> bool:
        """Return whether a render that is asked for now may be done within the budget.

        While a thread is free it is: nothing else would be done any sooner.
        """
        if self._calm.is_set():
            return True
        if self._taken >= self._limits.threads + self._limits.queue:
            return False
        waits_s = self._ahead_s / self._limits.threads
        return waits_s + self._pace.expected_s(image_format) <= self._limits.budget_s

    async def calm(self) -> None:
        """Wait until a thread is free."""
        await self._calm.wait()

    async def run(self, master: Master | Fetch, request: RenditionRequest) -> Rendition:
        """Return one rendition.

        Args:
            master: a file, its bytes, or what fetches one of them; called once there is a place,
                so that a burst does not fetch more masters than it renders.
            request: what to make of it.

        Raises:
            OverloadedError: every place is taken; nothing was begun.
            RenderDeadlineError: not done in time, and stopped.
            BrokenSourceError: the master is missing, corrupt or over the limits.
            RenditionTooLargeError: at no quality is it within the recipe's maximum of bytes.
        """
        if self._taken >= self._limits.threads + self._limits.queue:
            raise OverloadedError("Every place in the render queue is taken.")
        cost_s = self._take_place(request.format)
        stop = threading.Event()
        job: asyncio.Future[Rendition] | None = None
        try:
            async with asyncio.timeout(self._limits.deadline_s):
                found = await master() if callable(master) else master
                job = asyncio.get_running_loop().run_in_executor(
                    self._threads, self._render, found, request, stop.is_set
                )
                return await asyncio.shield(job)
        except TimeoutError as error:
            raise RenderDeadlineError("The render did not end in time.") from error
        finally:
            stop.set()  # no effect on a render that is done; ends one that nobody waits for
            if job is None or job.done():
                self._give_place_back(cost_s)
            else:
                job.add_done_callback(lambda done: self._end(done, cost_s))

    def _end(self, job: asyncio.Future[Rendition], cost_s: float) -> None:
        # The place is free when the thread is, which after a deadline is a moment later.
        self._give_place_back(cost_s)
        if not job.cancelled():
            job.exception()  # seen: whoever waited has the deadline's own error

    def _take_place(self, image_format: Format) -> float:
        """Return what the render is expected to keep a thread for, in seconds."""
        cost_s = self._pace.expected_s(image_format)
        self._taken += 1
        self._ahead_s += cost_s
        if self._taken >= self._limits.threads:
            self._calm.clear()
        return cost_s

    def _give_place_back(self, cost_s: float) -> None:
        self._taken -= 1
        self._ahead_s -= cost_s
        if self._taken < self._limits.threads:
            self._calm.set()

    def _render(self, master: Master, request: RenditionRequest, stop: Stop) -> Rendition:
        opened = open_master(master)
        with self._budget.hold(opened.stored.pixels, stop):
            began_s = time.perf_counter()
            rendition = render(opened, request, stop, avif_effort=self._limits.avif_effort)
        self._pace.took(request.format, time.perf_counter() - began_s)
        return rendition


class PixelBudget:
    """Keeps the pixels that are being decoded at the same time below a bound."""

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
async def open_render_pool(limits: PoolLimits | None = None) -> AsyncGenerator[RenderPool]:
    """Keep a pool open; at the end renders that run are waited for, those that wait are dropped."""
    bounds = limits or PoolLimits()
    threads = ThreadPoolExecutor(bounds.threads, thread_name_prefix="render")
    try:
        yield RenderPool(threads, bounds)
    finally:
        await asyncio.to_thread(threads.shutdown, cancel_futures=True)
