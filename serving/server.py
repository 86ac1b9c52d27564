"""Runs an app under uvicorn until it is told to stop."""

import gc
import socket
import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from serving.send_timeout import protocol_with

_KEEP_ALIVE_S = 75  # longer than proxies keep idle connections, so that they close them first
_MAX_MESSAGE_BYTES = 1_048_576  # as of any body
_NOT_STARTED = 3  # the exit status by which uvicorn itself says so


def run_app(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    stop_timeout_s: float,
    send_timeout_s: float,
    with_websockets: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was begun, at most so long.

    Args:
        app: with its lifespan.
        host: the address to listen on.
        port: the port to listen on.
        stop_timeout_s: after a signal, how long open requests may take.
        send_timeout_s: how long an answer may take to leave before it is aborted.
        with_websockets: whether the app speaks WebSocket.
    """
    config = server_config(
        app,
        stop_timeout_s=stop_timeout_s,
        send_timeout_s=send_timeout_s,
        with_websockets=with_websockets,
    )
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
    app: ASGIApp, *, stop_timeout_s: float, send_timeout_s: float, with_websockets: bool = False
) -> uvicorn.Config:
    """Return how every process of ours serves HTTP; the address is for the caller to add."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol_with(send_timeout_s),
        # who speaks no WebSocket answers an upgrade as the request that it is
        ws="websockets-sansio" if with_websockets else "none",
        ws_max_size=_MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # messages are small, and a window of each would be kept
        log_config=None,  # ours, with redaction
        access_log=False,
        server_header=False,
        proxy_headers=False,  # trusted hops are the app's business
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=round(stop_timeout_s),
    )
