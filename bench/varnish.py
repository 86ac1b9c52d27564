"""A real Varnish in front of what is measured."""

import secrets
import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.homes import HOST
from bench.servers import Server
from edge.vcl import Mode
from vitrine.embedded.varnish import start_varnish

#: Modes of Varnish, by the name of the hop and of its purge driver.
EDGES: Mapping[str, Mode] = {"edge": "authorise", "plain": "plain"}
_KINDS = {"authorise": "authorising", "plain": "plain"}
_STOP_TIMEOUT_S = 20.0


def varnish_version() -> str:
    """Return what `varnishd` says that it is, such as `varnish-7.1.1 revision …`."""
    said = subprocess.run(
        ["varnishd", "-V"],  # noqa: S607 - wherever the system keeps it
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    return said.partition("(")[2].partition(")")[0]


def new_secrets(edges: Iterable[str]) -> dict[str, str]:
    """Return a secret for each, as a hop and for its purges."""
    return {name: secrets.token_urlsafe(24) for name in edges}


def edge_settings(
    edges: Mapping[str, int], purged_at: Mapping[str, int], secret: Mapping[str, str]
) -> dict[str, object]:
    """Return hops and drivers: the Varnishes, and whoever asks from this machine as a viewer.

    Args:
        edges: their ports, by names of `EDGES`.
        purged_at: the ports that purges go to; an edge that is missing has no driver.
        secret: of each.
    """
    loopback = [f"{HOST}/32"]
    hops: list[dict[str, object]] = [
        {
            "name": name,
            "networks": loopback,
            "secret": secret[name],
            "driver": name if name in purged_at else None,
            "kind": _KINDS[EDGES[name]],
            "territory": "vary",
            "honours_vary": True,
        }
        for name in edges
    ]
    drivers = [
        {
            "name": name,
            "kind": "varnish",
            "secret": secret[name],
            "nodes": [f"http://{HOST}:{port}"],
        }
        for name, port in purged_at.items()
    ]
    viewer: dict[str, object] = {"name": "viewer", "networks": loopback}
    return {"trusted_hops": [*hops, viewer], "purge_drivers": drivers}


@contextmanager
def run_varnish(vcl: str, folder: Path, port: int, *, memory_mib: int = 256) -> Generator[Server]:
    """Run varnishd with this VCL on a port of loopback until the end of the block.

    Args:
        vcl: holds secrets, so `folder` has to be closed to others.
        folder: made for it; its path is short, since a socket's may not be long.
        port: a free one.
        memory_mib: for what it stores.

    Raises:
        VarnishError: it does not start.
    """
    folder.mkdir(mode=0o700)
    process = start_varnish(vcl, port, folder, memory_mib=memory_mib)
    try:
        yield Server(port=port, pid=process.pid)
    finally:
        process.terminate()
        process.wait(_STOP_TIMEOUT_S)
