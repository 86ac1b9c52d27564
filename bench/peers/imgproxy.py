"""imgproxy: Go and libvips, twice as many workers as cores, as its own defaults say.

No package registry has it: `VITRINE_BENCH_IMGPROXY` names its binary, and `LD_LIBRARY_PATH` the
libvips that it was built with. Nothing is stored and no URL is signed.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.homes import HOST
from bench.peers.installed import InstallError
from bench.servers import ServerCommand
from catalog.delivery.model import Format

VARIABLE = "VITRINE_BENCH_IMGPROXY"
#: The speed of AVIF that libvips calls effort 1; as few arenas as its own container has.
_SETTINGS = {
    "IMGPROXY_AVIF_SPEED": "8",
    "IMGPROXY_LOG_LEVEL": "error",
    "IMGPROXY_MAX_SRC_RESOLUTION": "100",
    "MALLOC_ARENA_MAX": "2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A program that whoever measures has brought.

    Attributes:
        variable: of the environment; names it.
        path: where it is; None: nobody named it, or what was named is no program.
    """

    name: str
    variable: str
    path: str | None

    @property
    def is_installed(self) -> bool:
        """Whether it is there."""
        return self.path is not None

    @property
    def versions(self) -> Mapping[str, str]:
        """What it says of itself."""
        done = subprocess.run(  # noqa: S603 - named by whoever measures
            [self.path or self.name, "version"], capture_output=True, text=True, check=True
        )
        return {self.name: done.stdout.strip()}

    def install(self) -> None:
        """Do nothing: only whoever measures can bring it.

        Raises:
            InstallError: it is not there.
        """
        if not self.is_installed:
            raise InstallError(f"{self.name}: {self.variable} names no program.")


# read at once: what the shell says of Vitrine is forgotten before a gateway is started
IMGPROXY = Brought(
    name="imgproxy", variable=VARIABLE, path=shutil.which(os.environ.get(VARIABLE, ""))
)


def imgproxy(port: int, pictures: Path, _folder: Path) -> ServerCommand:
    """Return how it is started.

    Args:
        port: a free one.
        pictures: the folder that it reads.
    """
    environment = {
        **os.environ,
        **_SETTINGS,
        "IMGPROXY_BIND": f"{HOST}:{port}",
        "IMGPROXY_LOCAL_FILESYSTEM_ROOT": f"{pictures}",
    }
    return ServerCommand(arguments=[IMGPROXY.path or IMGPROXY.name], environment=environment)


def imgproxy_url(picture: str, width_px: int, wanted: Format, quality_percent: int) -> str:
    """Return the path of a rendition."""
    source = f"plain/local:///{quote(picture)}@{wanted.value}"
    return f"/unsafe/rs:fit:{width_px}:0/q:{quality_percent}/{source}"
