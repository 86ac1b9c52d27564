"""Debian's Varnish on this machine, where it is installed: what the proof and benchmarks start."""

import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from catalog.errors import VitrineError

_HOST = "127.0.0.1"
_READY_S = 120.0  # it compiles its configuration, beside whatever else the machine does
_POLL_S = 0.05


class VarnishError(VitrineError):
    """Varnish is installed and did not start; the message has its own words."""

    code = "VARNISH"


def has_varnish() -> bool:
    """Return whether Varnish and its xkey are installed."""
    return shutil.which("varnishd") is not None and any(Path("/usr/lib").glob("**/libvmod_xkey.so"))


def start_varnish(
    vcl: str, port: int, folder: Path, *, memory_mib: int, options: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """Start varnishd, empty, and return it once it answers on loopback; whoever starts it ends it.

    Args:
        vcl: holds secrets, so the folder has to be closed to others.
        port: a free one.
        folder: of its files; its path is short, since a socket's may not be long.
        memory_mib: for what it stores.
        options: of its command line besides.

    Raises:
        VarnishError: it did not start.
    """
    path, log = folder / "edge.vcl", folder / "log"
    path.write_text(vcl)
    command = [
        *("varnishd", "-F", "-j", "none", "-n", f"{folder}/n", "-f", f"{path}"),
        *("-a", f"{_HOST}:{port}", "-T", "none", "-s", f"default,{memory_mib}m", *options),
    ]
    with log.open("wb") as output:
        # Ctrl-C is for whoever has started it, who stops it in order
        process = subprocess.Popen(  # noqa: S603 - Debian's
            command, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((_HOST, port)) == 0:
                return process
        time.sleep(_POLL_S)
    process.kill()
    process.wait()
    raise VarnishError(f"varnishd did not start: {log.read_text(errors='replace')}")
