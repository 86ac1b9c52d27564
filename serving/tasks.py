"""Background tasks that live exactly as long as a block, and never die unseen."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger(__name__)


@asynccontextmanager
async def run_in_background(work: Coroutine[object, object, None]) -> AsyncGenerator[None]:
    """Run a coroutine until the block ends; a failure is logged where it happens."""
    task = asyncio.create_task(work)
    task.add_done_callback(tell_failure)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def tell_failure(task: asyncio.Task[None]) -> None:
    """Log the failure of a task that has ended, if that is how it ended."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background_task_failed", error=repr(error), exc_info=error)
