"""A home of the embedded services that lasts for one measurement, and settings for it alone."""

import os
import shutil
import socket
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson

HOST = "127.0.0.1"


@contextmanager
def temporary_home() -> Generator[Path]:
    """Yield an empty home in a folder of its own; remove the folder at the end, data and all."""
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        try:
            yield home
        finally:
            # as root the data of the embedded PostgreSQL are not below the home
            data = (home / "postgres").resolve()
            if data.is_dir() and not data.is_relative_to(home.resolve()):
                shutil.rmtree(data)


def forget_settings() -> None:
    """What the shell says of another Vitrine is not meant for the one that is measured."""
    for name in [name for name in os.environ if name.startswith("VITRINE_")]:
        del os.environ[name]


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on.

    The kernel draws them, so that two measurements that begin together do not draw the same: the
    one whose gateway came second would ask that of the other.
    """
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


def environment_of(chosen: Mapping[str, object]) -> dict[str, str]:
    """Return the environment of a process with these settings."""
    ours = {
        f"VITRINE_{name.upper()}": value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in chosen.items()
    }
    return {**os.environ, **ours}
