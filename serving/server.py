"""Runs an app under uvicorn until a signal stops it."""

import gc
import socket
import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from serving.answering import AnsweringProtocol
from serving.bounded_reading import MAX_BODY_BYTES, NO_LONG_BODIES
from serving.connections import ConnectionLimits, Connections, allow_files
from serving.websockets import BoundedWebSocket

_NOT_STARTED = 3  # the exit status by which uvicorn itself says so


def run_app(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    stop_timeout_s: float,
    limits: ConnectionLimits,
    with_websockets: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was begun, at most so long.

    Args:
        app: with its lifespan.
        host: the address to listen on.
        port: the port to listen on.
        stop_timeout_s: after a signal, how long open requests may take.
        limits: of the connections to the process.
        with_websockets: whether the app speaks WebSocket.
    """
    config = server_config(
        app,
        stop_timeout_s=stop_timeout_s,
        limits=limits,
        with_websockets=with_websockets,
    )
    allow_files(limits.most)
    config.host, config.port = host, port
    server = _Server(config)
    with suppress(KeyboardInterrupt):  # SIGINT, raised again once all is finished
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


class _Server(uvicorn.Server):
    """Leaves what there is at the start alone: it stays, so looking through it frees nothing."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()


def server_config(
    app: ASGIApp,
    *,
    stop_timeout_s: float,
    limits: ConnectionLimits,
    with_websockets: bool = False,
) -> uvicorn.Config:
    """Return how every process of ours serves HTTP; the address is for the caller to add."""
    shared = {
        "limits": limits,
        "everyone": Connections(limits),
        "long_bodies": getattr(app, "long_bodies", NO_LONG_BODIES),
    }
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=type("Http", (AnsweringProtocol,), shared),
        # who speaks no WebSocket answers an upgrade as the request that it is
        ws=type("WebSocket", (BoundedWebSocket,), shared) if with_websockets else "none",
        ws_max_size=MAX_BODY_BYTES,
        ws_per_message_deflate=False,  # messages are small, and a window of each would be kept
        log_config=None,  # ours, with redaction
        access_log=False,
        server_header=False,
        proxy_headers=False,  # trusted hops are the app's business
        timeout_graceful_shutdown=round(stop_timeout_s),
    )
