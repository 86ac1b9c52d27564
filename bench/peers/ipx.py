"""IPX with sharp: Node and libvips, one process whose thread pool uses all cores.

Started by its own `createIPXNodeServer`. Where Debian's jemalloc is installed it is used, as
sharp's documentation advises for glibc. Nothing is stored and no URL is signed.
"""

import os
from pathlib import Path

import orjson

from bench.homes import HOST
from bench.peers.installed import Package
from bench.servers import ServerCommand
from catalog.delivery.model import Format

IPX = Package(name="ipx", kind="npm", versions={"ipx": "3.1.1", "sharp": "0.34.5"})

#: Baseline JPEG, and for AVIF the effort and the chroma subsampling that Vitrine has: the same
#: work for all. sharp's own defaults are 4 and 4:4:4, which take several times as long.
_SHARP = {"jpegProgressive": False, "heifEffort": 1, "heifChromaSubsampling": "4:2:0"}
_SCRIPT = """
import {{ createServer }} from "node:http";
import {{ createIPX, createIPXNodeServer, ipxFSStorage }} from "ipx";
const ipx = createIPX({{ storage: ipxFSStorage({{ dir: {pictures} }}), sharpOptions: {sharp} }});
createServer(createIPXNodeServer(ipx)).listen({port}, {host});
"""
_JEMALLOC = Path("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2")


def ipx(port: int, pictures: Path, _folder: Path) -> ServerCommand:
    """Return how it is started.

    Args:
        port: a free one.
        pictures: the folder that it reads.
    """
    script = IPX.folder / f"server-{port}.mjs"  # beside `node_modules`, where imports are found
    values = {"pictures": f"{pictures}", "sharp": _SHARP, "port": port, "host": HOST}
    written = {name: orjson.dumps(value).decode() for name, value in values.items()}
    script.write_text(_SCRIPT.format(**written))
    allocator = {"LD_PRELOAD": f"{_JEMALLOC}"} if has_jemalloc() else {}
    environment = {**os.environ, "NODE_ENV": "production", **allocator}
    return ServerCommand(
        arguments=["node", f"{script}"], environment=environment, folder=IPX.folder
    )


def has_jemalloc() -> bool:
    """Return whether Debian's jemalloc is installed."""
    return _JEMALLOC.is_file()


def ipx_url(picture: str, width_px: int, wanted: Format, quality_percent: int) -> str:
    """Return the path of a rendition."""
    kind = "jpeg" if wanted is Format.JPEG else wanted.value
    return f"/w_{width_px},f_{kind},q_{quality_percent}/{picture}"
