"""Bodies of requests that are read into memory: never more of one than is allowed."""

from starlette.requests import Request


async def read_body(request: Request, *, most_bytes: int) -> bytes | None:
    """Return the body of a request; None: it is larger, and the rest of it is not read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            return None
    return bytes(body)
