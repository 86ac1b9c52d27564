"""The same uvicorn as the gateway's, set up alike, and a Starlette `Response` of the same bytes.

Every file below a folder is read at the start and answered under its path, without an application,
a route or a middleware around it.
"""

import mimetypes
import sys
from pathlib import Path
from typing import Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bench.homes import HOST
from bench.servers import ServerCommand
from serving.connections import ConnectionLimits
from serving.server import run_app


def bare_starlette(port: int, files: Path, status: Literal[200, 304]) -> ServerCommand:
    """Return how it is started; with 304 it answers every request so, without looking."""
    arguments = [sys.executable, "-m", __name__, f"{port}", f"{files}", f"{status}"]
    return ServerCommand(arguments=arguments)


def _serve(port: int, files: Path, status: int) -> None:
    bodies = {
        f"/{path.relative_to(files)}": (path.read_bytes(), mimetypes.guess_type(path)[0])
        for path in files.rglob("*")
        if path.is_file()
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        body, media_type = bodies[scope["path"]]
        if status == 304:  # noqa: PLR2004 - Not Modified
            await Response(status_code=status)(scope, receive, send)
        else:
            await Response(body, media_type=media_type)(scope, receive, send)

    run_app(app, host=HOST, port=port, stop_timeout_s=5, limits=ConnectionLimits())


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
