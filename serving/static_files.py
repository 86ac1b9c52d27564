"""Files that a page of ours loads, from memory: their addresses change with their bytes."""

import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serving.etags import matches

_LASTING = "public, max-age=31536000, immutable"  # RFC 8246
_CHECKED = "no-cache"


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    media_type: str
    digest: str


class StaticFiles:
    """The files of a folder and of those below it, read once.

    Args:
        folder: that holds them.
        prefix: of their paths, such as `/graphql/ide`.
        endings: of the names that are served, such as `.js`.
    """

    def __init__(self, folder: Path, prefix: str, *, endings: Iterable[str]) -> None:
        self._prefix = prefix
        self._files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in {*endings}
        }

    def address(self, name: str) -> str:
        """Return the address of a file, which browsers may keep: another file has another.

        Raises:
            KeyError: there is none of this name.
        """
        return f"{self._prefix}/{name}?v={self._files[name].digest[:16]}"

    def route(self) -> BaseRoute:
        """Return the route that serves them."""
        return Route(f"{self._prefix}/{{name:path}}", self._serve, methods=["GET"])

    async def _serve(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        etag = f'"{file.digest}"'
        is_by_digest = request.query_params.get("v") == file.digest[:16]
        headers = {
            "Cache-Control": _LASTING if is_by_digest else _CHECKED,
            "Cross-Origin-Resource-Policy": "same-origin",
            "ETag": etag,
            "X-Content-Type-Options": "nosniff",
        }
        if matches(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(file.body, headers=headers, media_type=file.media_type)


def _read(path: Path) -> _File:
    body = path.read_bytes()
    kind, _ = mimetypes.guess_type(path.name)
    return _File(body, kind or "text/plain", hashlib.sha256(body).hexdigest())
