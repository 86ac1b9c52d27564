"""Files of work by their links: `PUT /files/{link}` brings one, `GET /files/{link}` takes one home.

A link is all that is needed, so none is logged; it ends with whoever it was given to. Bodies go
through a file of their own: neither is ever in memory whole.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import quote

import orjson
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from api.errors import HTTP_STATUS, log_unexpected
from api.http.client import address_of
from api.request.file_links import PREFIX
from api.request.services import Services
from catalog.access import principals
from catalog.access import store as access_store
from catalog.audit.model import Origin
from catalog.db import DATABASE_AWAY
from catalog.delivery.file_links import Purpose, read_link
from catalog.errors import ConflictError, NotFoundError, VitrineError
from catalog.work import commands, store

#: Of a file that is brought.
MAX_UPLOAD_BYTES: Final = 536_870_912
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class FileTooLargeError(VitrineError):
    """More bytes came than a file may have."""

    code = "BODY_TOO_LARGE"


def file_routes() -> list[BaseRoute]:
    """Return the routes of files."""
    return [Route(f"{PREFIX}{{link}}", _serve, methods=["GET", "PUT"])]


async def _serve(request: Request) -> Response:
    try:
        return await (_take(request) if request.method == "PUT" else _give(request))
    except VitrineError as error:
        status = 404 if isinstance(error, NotFoundError) else HTTP_STATUS.get(error.code, 400)
        return _problem(status, error.code, error.message)
    except ClientDisconnect:
        return Response(status_code=400)  # the client is gone
    except DATABASE_AWAY as error:
        log_unexpected(error)
        return _problem(503, "UNAVAILABLE", "the database does not answer: try again")


async def _take(request: Request) -> Response:
    """Store the file that is brought, once.

    Raises:
        NotFoundError: nobody announced it.
        ConflictError: it has come already.
        FileTooLargeError: it is too large.
    """
    services: Services = request.app.state.services
    public_id = await _id_of(request, "put")
    async with services.pool.acquire() as conn:
        upload = await store.find_upload(conn, public_id)
    if upload is None:
        raise NotFoundError("there is no such upload: announce it again")
    if upload.bytes is not None:
        raise ConflictError("this file has come already: announce another")
    with tempfile.NamedTemporaryFile(prefix="vitrine-upload-") as file:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > MAX_UPLOAD_BYTES:
                raise FileTooLargeError(f"a file has at most {MAX_UPLOAD_BYTES:,} bytes")
            await asyncio.to_thread(file.write, piece)
        file.flush()
        origin = Origin(address=address_of(request))
        async with services.pool.acquire() as conn:
            found = await principals.find(conn, [upload.created_by])
        # Stored within the change, which holds the upload: of two that bring it one is first.
        async with services.changes.begin(found[upload.created_by], origin) as change:
            await commands.receive_upload(change, upload, size)
            objects = await services.objects()
            await objects.write_file(upload.key, Path(file.name))
    return Response(
        orjson.dumps({"id": public_id, "bytes": size}),
        status_code=201,
        media_type="application/json",
        headers=_HEADERS,
    )


async def _give(request: Request) -> Response:
    """Send the result file of a work.

    Raises:
        NotFoundError: there is none.
    """
    services: Services = request.app.state.services
    public_id = await _id_of(request, "get")
    async with services.pool.acquire() as conn:
        work = await store.find_work(conn, public_id)
    if work is None or work.result_key is None or work.result_name is None:
        raise NotFoundError("this work has no result file")
    with tempfile.NamedTemporaryFile(prefix="vitrine-result-", delete=False) as file:
        path = Path(file.name)
    try:
        objects = await services.objects()
        await objects.read_file(work.result_key, path)
    except BaseException:
        await asyncio.to_thread(path.unlink)
        raise
    disposition = f"attachment; filename*=UTF-8''{quote(work.result_name, safe='')}"
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers={**_HEADERS, "Content-Disposition": disposition},
        background=BackgroundTask(path.unlink),
    )


async def _id_of(request: Request, purpose: Purpose) -> str:
    """Return the id that the link of a request leads to.

    Raises:
        NotFoundError: it is none, its time is over, or whoever it was given to has ended.
    """
    services: Services = request.app.state.services
    keys = (await services.known.of(None)).keys
    link: str = request.path_params["link"]
    read = read_link(link, purpose, keys.by_kid, now=services.now())
    if read is not None:
        async with services.pool.acquire() as conn:
            if await access_store.is_in_use(conn, read.receiver):
                return read.public_id
    raise NotFoundError("this link is wrong or over: ask for a new one")


def _problem(status: int, code: str, title: str) -> Response:
    body = orjson.dumps({"title": title, "status": status, "code": code})
    return Response(body, status, _HEADERS, "application/problem+json")
