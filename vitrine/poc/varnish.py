"""A real Varnish as the authorising edge of the proof, where Debian's packages are installed."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import VitrineError

_READY_S = 30.0
_STOP_S = 20.0


class EdgeError(VitrineError):
    """Varnish is installed and did not start."""

    code = "PROOF_EDGE"


def has_varnish() -> bool:
    """Return whether Varnish and its xkey are installed."""
    return shutil.which("varnishd") is not None and any(Path("/usr/lib").glob("**/libvmod_xkey.so"))


@contextmanager
def run_varnish(env: Mapping[str, str], home: Path, *, port: int) -> Generator[str | None]:
    """Run it with the VCL that `vitrine vcl` writes; yield its base URL, or None without one.

    Raises:
        EdgeError: it did not start; the message is its own.
    """
    if not has_varnish():
        yield None
        return
    path = home / "edge.vcl"
    path.write_text(_written(env))
    # its sockets need a short path that any user can reach
    with tempfile.TemporaryDirectory(prefix="vitrine-edge-", dir="/var/tmp") as folder:
        log = home / "varnish.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - Debian's
                [
                    *("varnishd", "-F", "-j", "none", "-n", f"{folder}/n", "-f", f"{path}"),
                    *("-a", f"127.0.0.1:{port}", "-T", "none", "-s", "default,64m"),
                ],
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            _wait_until_open(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(_STOP_S)


def _written(env: Mapping[str, str]) -> str:
    gateway = f"127.0.0.1:{env['VITRINE_GATEWAY_PORT']}"
    done = subprocess.run(  # noqa: S603 - our own command
        [
            *(sys.executable, "-m", "vitrine", "vcl", "--mode", "authorise", "--hop", "edge"),
            *("--backend", gateway),
        ],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EdgeError(f"`vitrine vcl` ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise EdgeError(f"varnishd did not start: {log.read_text()}")
