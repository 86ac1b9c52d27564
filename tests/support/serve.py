"""Runs an ASGI app as the product does, but inside the event loop of the test."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from serving.connections import ConnectionLimits
from serving.server import server_config

_TICK_S = 0.1
_LOOK_S = 0.002


class _Server(uvicorn.Server):
    """A server that leaves the signals to pytest and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    def stop(self) -> None:
        """End it at once, where uvicorn looks ten times a second whether it shall."""
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        tenths = 0
        while not await self.on_tick(tenths):
            tenths = (tenths + 1) % 10
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, but for the tenth of a second that it always waits."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            await asyncio.wait_for(
                self._until_all_have_left(), self.config.timeout_graceful_shutdown
            )
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    async def _until_all_have_left(self) -> None:
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn's
            await asyncio.sleep(_LOOK_S)


@asynccontextmanager
async def serve(
    app: ASGIApp,
    *,
    port: int = 0,
    with_websockets: bool = False,
    limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - frozen
) -> AsyncGenerator[str]:
    """Serve an app on a port of loopback, with its lifespan; yield `http://127.0.0.1:port`.

    Args:
        app: what is served.
        port: 0: a free one.
        with_websockets: whether it takes them.
        limits: of connections.

    Raises:
        RuntimeError: the app's lifespan failed; its log says why.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = server_config(
            app, stop_timeout_s=5, limits=limits, with_websockets=with_websockets
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve([listener]))
        await server.listening.wait()
        if not server.started:
            await task
            raise RuntimeError("the app did not start: its lifespan failed")
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop()
            await task
