"""Runs an app under uvicorn until it is told to stop."""

import sys
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from serving.send_timeout import protocol_with

_KEEP_ALIVE_S = 75  # longer than proxies keep idle connections, so that they close them first
_NOT_STARTED = 3  # the exit status by which uvicorn itself says so


def run_app(
    app: ASGIApp, *, host: str, port: int, stop_timeout_s: float, send_timeout_s: float
) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was begun, at most so long.

    Args:
        app: with its lifespan.
        host: the address to listen on.
        port: the port to listen on.
        stop_timeout_s: after a signal, how long open requests may take.
        send_timeout_s: how long an answer may take to leave before it is aborted.
    """
    config = server_config(app, stop_timeout_s=stop_timeout_s, send_timeout_s=send_timeout_s)
    config.host, config.port = host, port
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):  # SIGINT, raised again once all is finished
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def server_config(app: ASGIApp, *, stop_timeout_s: float, send_timeout_s: float) -> uvicorn.Config:
    """Return how every process of ours serves HTTP; the address is for the caller to add."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=protocol_with(send_timeout_s),
        ws="none",  # nothing here speaks it; an upgrade is answered as the request that it is
        log_config=None,  # ours, with redaction
        access_log=False,
        server_header=False,
        proxy_headers=False,  # trusted hops are the app's business
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=round(stop_timeout_s),
    )
