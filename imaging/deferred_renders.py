"""Renders that no request waits for: one at a time, whenever a thread is free."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from catalog.delivery.model import RenditionRequest
from catalog.errors import VitrineError

log = structlog.get_logger(__name__)

_MOST = 1_000


class DeferredRenders:
    """The best formats of renditions that were answered in a cheaper one under load.

    Args:
        calm: returns when a render would begin at once.
        render: makes one, and keeps it.
    """

    def __init__(
        self,
        calm: Callable[[], Awaitable[None]],
        render: Callable[[RenditionRequest], Awaitable[object]],
    ) -> None:
        self._calm = calm
        self._render = render
        self._wanted: dict[str, RenditionRequest] = {}
        self._working: asyncio.Task[None] | None = None

    def put(self, key: str, request: RenditionRequest) -> None:
        """Have this rendered; beyond a thousand the next request for it renders it."""
        if len(self._wanted) < _MOST:
            self._wanted[key] = request
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Drop what has not been made."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _work(self) -> None:
        while self._wanted:
            await self._calm()
            request = self._wanted.pop(next(iter(self._wanted)))
            try:
                await self._render(request)
            except VitrineError as error:  # the next request for it gets the error
                log.info("not_rendered_afterwards", code=error.code, source=request.source_sha256)
