"""Which ports of this machine are free, asked before anything starts."""

import socket
from collections.abc import Sequence

from serving.settings import Settings
from vitrine.children import ProcessFailedError


def require_free_ports(settings: Settings, names: Sequence[str]) -> None:
    """Check that these processes can listen where the settings say.

    Raises:
        ProcessFailedError: naming the port, and the setting that chooses another.
    """
    for name in names:
        host, port = getattr(settings, f"{name}_host"), getattr(settings, f"{name}_port")
        problem = why_taken(host, port)
        if problem is not None:
            raise ProcessFailedError(
                f"the {name} cannot listen on {host}:{port} ({problem}): stop what is there, or "
                f"choose another port with VITRINE_{name.upper()}_PORT"
            )


def why_taken(host: str, port: int) -> str | None:
    """Return why nobody can listen there now, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            probe.bind((host, port))
        except OSError as error:
            return (error.strerror or "unknown").lower()
    return None


def free_port_like(host: str, port: int) -> int:
    """Return the port if it is free, else any that is."""
    if why_taken(host, port) is None:
        return port
    with socket.socket() as probe:
        probe.bind((host, 0))
        chosen: int = probe.getsockname()[1]
        return chosen
