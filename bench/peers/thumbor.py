"""thumbor: Tornado and Pillow, one process for each core, as its documentation advises.

Nothing is stored and no URL is signed, which both speak for it.
"""

import os
from pathlib import Path

from bench.homes import HOST
from bench.peers.installed import Package
from bench.servers import ServerCommand
from catalog.delivery.model import Format

THUMBOR = Package(name="thumbor", kind="venv", versions={"thumbor": "7.8.0", "pillow": "12.3.0"})

#: Baseline JPEG, and the speed of AVIF that libvips calls effort 1: the same work for all.
_CONF = """
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {pictures!r}
STORAGE = "thumbor.storages.no_storage"
PROGRESSIVE_JPEG = False
AVIF_SPEED = 8
MAX_PIXELS = 100e6
"""


def thumbor(port: int, pictures: Path, folder: Path) -> ServerCommand:
    """Return how it is started.

    Args:
        port: a free one.
        pictures: the folder that it reads.
        folder: for its configuration.
    """
    conf = folder / "thumbor.conf"
    conf.write_text(_CONF.format(pictures=f"{pictures}"))
    arguments = [
        f"{THUMBOR.folder}/bin/thumbor",
        *("--ip", HOST, "--port", f"{port}", "--conf", f"{conf}"),
        *("--log-level", "error", "--processes", f"{os.cpu_count()}"),
    ]
    return ServerCommand(arguments=arguments)


def thumbor_url(picture: str, width_px: int, wanted: Format, quality_percent: int) -> str:
    """Return the path of a rendition."""
    kind = "jpeg" if wanted is Format.JPEG else wanted.value
    filters = f"filters:format({kind}):quality({quality_percent})"
    return f"/unsafe/{width_px}x0/{filters}/{picture}"
