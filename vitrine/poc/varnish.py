"""A real Varnish as the authorising edge of the proof, where Debian's packages are installed."""

import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import VitrineError
from vitrine.embedded.varnish import has_varnish, start_varnish

_STOP_S = 20.0


class EdgeError(VitrineError):
    """No configuration could be written for the edge."""

    code = "PROOF_EDGE"


@contextmanager
def run_varnish(env: Mapping[str, str], *, port: int) -> Generator[str | None]:
    """Run it with the VCL that `vitrine vcl` writes; yield its base URL, or None without one.

    Raises:
        EdgeError: no VCL could be written for it.
        VarnishError: it did not start.
    """
    if not has_varnish():
        yield None
        return
    # its sockets need a short path
    with tempfile.TemporaryDirectory(prefix="vitrine-edge-", dir="/var/tmp") as folder:
        process = start_varnish(_written(env), port, Path(folder), memory_mib=64)
        try:
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
