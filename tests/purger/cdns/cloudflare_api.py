"""Cloudflare's purge by tag as its API reference documents it."""

from dataclasses import dataclass
from typing import Any, cast

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.purger.cdns.contract import Contract

ZONE = "023e105f4ecef8ad9ca31a8372d0c353"
TOKEN = "cloudflare-token-0123456789abcdef"
MOST_TAGS = 100
LONGEST_TAG = 1024


@dataclass
class CloudflareApi(Contract):
    """`POST /client/v4/zones/{zone}/purge_cache`; how often is the plan's business."""

    def take(self, request: Request, body: bytes) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _refused(403, 10000, "Authentication error")
        if request.url.path != f"/client/v4/zones/{ZONE}/purge_cache":
            return _refused(404, 7003, "Could not route to the path, perhaps your zone is invalid")
        if request.method != "POST":
            return _refused(405, 10405, "Method not allowed for this authentication scheme")
        if request.headers.get("Content-Type") != "application/json":
            return _refused(400, 6003, "Invalid request headers")
        return self._purge(orjson.loads(body))

    def _purge(self, posted: dict[str, Any]) -> Response:
        listed = posted.get("tags")
        if set(posted) != {"tags"} or not isinstance(listed, list) or not listed:
            return _refused(400, 1012, "Request must contain one of the purge parameters")
        tags = cast("list[str]", listed)
        if len(tags) > MOST_TAGS or any(not tag or len(tag) > LONGEST_TAG for tag in tags):
            return _refused(400, 1094, "Too many items in one request")
        self.purged.append(tags)
        return JSONResponse({"success": True, "errors": [], "messages": [], "result": {"id": ZONE}})

    def too_many(self, retry_after_s: int) -> Response:
        response = _refused(429, 10429, "Rate limited")
        response.headers["Retry-After"] = str(retry_after_s)
        return response


def _refused(status: int, code: int, message: str) -> Response:
    errors = [{"code": code, "message": message}]
    body = {"success": False, "errors": errors, "messages": [], "result": None}
    return JSONResponse(body, status_code=status)
