"""A client of HTTP/1.1 that says exactly what it is told, byte by byte."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

AT_MOST_S = 15  # what does not come is an error, and no hang


class PeerConnection:
    """One connection of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, *parts: bytes) -> None:
        """Send; what the other side does not take any more is no matter."""
        with suppress(ConnectionError):
            for part in parts:
                self._writer.write(part)
                await self._writer.drain()

    async def hears(self) -> bytes:
        """Return all that comes until the connection ends."""
        heard = b""
        async with asyncio.timeout(AT_MOST_S):
            with suppress(ConnectionError):
                while data := await self._reader.read(65_536):
                    heard += data
        return heard

    async def answer(self) -> str:
        """Return the body of one answer, on a connection that goes on."""
        async with asyncio.timeout(AT_MOST_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            (size,) = (
                int(line.partition(b":")[2])
                for line in head.splitlines()
                if line.lower().startswith(b"content-length")
            )
            return (await self._reader.readexactly(size)).decode()


@asynccontextmanager
async def peer_of(base: str) -> AsyncGenerator[PeerConnection]:
    """Connect to `http://host:port`."""
    address = urlsplit(base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield PeerConnection(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
