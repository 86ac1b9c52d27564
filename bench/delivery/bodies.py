"""What the gateway answers, kept as files: peers serve them, and answers are held against them."""

from collections.abc import Sequence
from pathlib import Path

from bench.delivery.client import AnswerError, Request, Take, ask, get
from bench.delivery.house import DeliveryHouse
from catalog.delivery.model import Format

_NOT_MODIFIED = 304


def keep_bodies(
    house: DeliveryHouse, files: Path, *, preset: str, widths_px: Sequence[int], connections: int
) -> list[Request]:
    """Have the gateway render every picture in these widths, and keep its answers as files.

    Args:
        house: runs.
        files: made; each body lies below it under the path of its URL.
        preset: code of it, which has these widths and JPEG.
        widths_px: of the renditions.
        connections: with one request in flight on each.

    Returns:
        Requests that know the size of their answer.
    """
    urls = [
        image.url(house.keys, preset=preset, width_px=width_px, format=Format.JPEG)
        for image in house.images
        for width_px in widths_px
    ]
    sizes: dict[int, int] = {}

    def take(index: int, _head: bytes, body: bytes) -> None:
        path = _file_of(files, urls[index])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        sizes[index] = len(body)

    ask(house.gateway.port, [get(url) for url in urls], connections=connections, take=take)
    return [get(url, size=sizes[index]) for index, url in enumerate(urls)]


def conditional(port: int, requests: Sequence[Request], *, connections: int) -> list[Request]:
    """Return the same requests by one who has the very bytes of this server, by its validators."""
    etags: dict[int, str] = {}

    def take(index: int, head: bytes, _body: bytes) -> None:
        etags[index] = _etag(head)

    ask(port, requests, connections=connections, take=take)
    return [
        get(url_of(request), status=_NOT_MODIFIED, size=0, If_None_Match=etags[index])
        for index, request in enumerate(requests)
    ]


def comparing(requests: Sequence[Request], files: Path) -> Take:
    """Return what holds each answer with a body against its file, byte by byte."""

    def take(index: int, _head: bytes, body: bytes) -> None:
        request = requests[index]
        if (
            request.status != _NOT_MODIFIED
            and body != _file_of(files, url_of(request)).read_bytes()
        ):
            raise AnswerError(f"{request.text!r} was answered with other bytes")

    return take


def url_of(request: Request) -> str:
    """Return path and query of a request."""
    return request.text.split(b" ", 2)[1].decode()


def _etag(head: bytes) -> str:
    return next(
        line.partition(b":")[2].strip().decode()
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"etag:")
    )


def _file_of(files: Path, url: str) -> Path:
    return files / url.partition("?")[0].lstrip("/")
