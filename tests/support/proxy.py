"""A TCP proxy that can be cut: how a test takes the network away from a real client."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Proxy:
    """Passes bytes on until it is told not to."""

    def __init__(self, socket_path: Path) -> None:
        self._socket_path = socket_path
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends = asyncio.Event()
        self._ends.set()
        self._is_cut = False
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()

    def stall(self) -> None:
        """Pass nothing on, in either direction, and say nothing: a partition."""
        self._flows.clear()

    def hold_ends(self) -> None:
        """Pass on what either side says last, and not that it hung up: as if that came later."""
        self._ends.clear()

    def cut(self) -> None:
        """End every connection and refuse new ones: the server is gone."""
        self._is_cut = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def heal(self) -> None:
        """Pass everything on again."""
        self._is_cut = False
        self._flows.set()
        self._ends.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one client to the target."""
        self.connections += 1
        if self._is_cut:
            writer.transport.abort()
            return
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(self._socket_path)
        self._writers |= {writer, upstream_writer}
        with suppress(OSError):
            await asyncio.gather(
                self._pass_on(reader, upstream_writer), self._pass_on(upstream_reader, writer)
            )
        self._writers -= {writer, upstream_writer}

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        await self._ends.wait()
        writer.close()

    def end(self) -> None:
        """End every connection."""
        self._flows.set()
        self._ends.set()
        self.cut()


@asynccontextmanager
async def run_proxy(database_url: str) -> AsyncGenerator[tuple[Proxy, str]]:
    """Put a proxy in front of a database; yield it with the database's URL through it.

    The database listens on a Unix socket, as the embedded one does.
    """
    parts = urlsplit(database_url)
    where = parse_qs(parts.query)
    proxy = Proxy(Path(where["host"][0]) / f".s.PGSQL.{where.get('port', ['5432'])[0]}")
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    netloc = f"{parts.username}:{parts.password}@{host}:{port}"
    try:
        yield proxy, urlunsplit(parts._replace(netloc=netloc, query=""))
    finally:
        server.close()
        proxy.end()
        await server.wait_closed()
