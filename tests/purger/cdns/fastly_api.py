"""Fastly's batch purge as its API reference documents it."""

from dataclasses import dataclass
from typing import Any, cast

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from purger.drivers.model import RateLimit
from tests.purger.cdns.contract import Contract

SERVICE = "7i6HN3TK9wS159v2gPAZ8A"
TOKEN = "fastly-token-0123456789abcdef"
MOST_KEYS = 256
LONGEST_KEY_BYTES = 1024


@dataclass
class FastlyApi(Contract):
    """`POST /service/{id}/purge`; 100,000 purges an hour, of which none may be soft."""

    limit: RateLimit | None = RateLimit(per_s=100_000 / 3600, burst=100)  # noqa: RUF009 - frozen

    def take(self, request: Request, body: bytes) -> Response:
        if request.headers.get("Fastly-Key") != TOKEN:
            return _refused(401, "Provided credentials are missing or invalid")
        if request.url.path != f"/service/{SERVICE}/purge":
            return _refused(404, "Record not found")
        if request.method != "POST":
            return _refused(405, "Method not allowed")
        if request.headers.get("Content-Type") != "application/json":
            return _refused(415, "Unsupported media type")
        if "Fastly-Soft-Purge" in request.headers:
            return _refused(400, "A revoked image must not be served stale")
        return self._purge(orjson.loads(body))

    def _purge(self, posted: dict[str, Any]) -> Response:
        keys = posted.get("surrogate_keys")
        if set(posted) != {"surrogate_keys"} or not isinstance(keys, list) or not keys:
            return _refused(400, "Bad request")
        tags = cast("list[str]", keys)
        if len(tags) > MOST_KEYS or any(
            not tag or " " in tag or len(tag.encode()) > LONGEST_KEY_BYTES for tag in tags
        ):
            return _refused(400, "Bad request")
        self.purged.append(tags)
        return JSONResponse({tag: f"108-1391560174-{n}" for n, tag in enumerate(tags)})


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"msg": message}, status_code=status)
