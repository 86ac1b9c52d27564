"""Runs an ASGI app as the product does, but inside the event loop of the test."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from serving.connections import ConnectionLimits
from serving.server import server_config


class _Server(uvicorn.Server):
    """A server that leaves the signals to pytest and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


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
            server.should_exit = True
            await task
