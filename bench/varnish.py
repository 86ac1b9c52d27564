"""A real Varnish in front of what is measured."""

import shutil
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 20.0
_POLL_S = 0.05


def has_varnish() -> bool:
    """Return whether Varnish and its xkey are installed."""
    return shutil.which("varnishd") is not None and any(Path("/usr/lib").glob("**/libvmod_xkey.so"))


def varnish_version() -> str:
    """Return what `varnishd` says that it is, such as `varnish-7.1.1 revision …`."""
    said = subprocess.run(
        ["varnishd", "-V"],  # noqa: S607 - wherever the system keeps it
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return said.partition("(")[2].partition(")")[0]


@contextmanager
def run_varnish(vcl: str, folder: Path, port: int) -> Generator[None]:
    """Run varnishd with this VCL on a port of loopback until the end of the block.

    Args:
        vcl: holds secrets, so `folder` has to be closed to others.
        folder: made for it; its path is short, since a socket's may not be long.
        port: a free one.

    Raises:
        RuntimeError: it does not start; with its own words.
    """
    folder.mkdir(mode=0o700)
    path, log = folder / "edge.vcl", folder / "log"
    path.write_text(vcl)
    command = [
        *("varnishd", "-F", "-j", "none", "-n", f"{folder}/n", "-f", f"{path}"),
        *("-a", f"127.0.0.1:{port}", "-T", "none", "-s", "default,256m"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 - ours
    try:
        _wait_until_open(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait(_STOP_TIMEOUT_S)


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(_POLL_S)
    raise RuntimeError(f"varnishd did not start: {log.read_text(errors='replace')}")
