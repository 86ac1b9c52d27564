"""Runs an app under uvicorn until it is told to stop."""

import uvicorn
from starlette.types import ASGIApp

from serving.send_timeout import protocol_with

_KEEP_ALIVE_S = 75  # longer than proxies keep idle connections, so that they close them first


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
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=protocol_with(send_timeout_s),
        log_config=None,  # ours, with redaction
        access_log=False,
        server_header=False,
        proxy_headers=False,  # trusted hops are the app's business
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=round(stop_timeout_s),
    )
