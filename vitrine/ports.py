"""Which ports of this machine are free, asked before anything starts."""

import errno
import socket
from collections.abc import Collection, Sequence

from catalog.errors import SettingsError
from vitrine.children import ProcessFailedError
from vitrine.settings import Settings


def listener(settings: Settings, name: str) -> tuple[str, int]:
    """Return the address and the port that a process listens on."""
    return getattr(settings, f"{name}_host"), getattr(settings, f"{name}_port")


def reachable(host: str, port: int | str) -> str:
    """Return how this machine reaches a listener, which may listen on every address."""
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host)  # noqa: S104 - read, not bound
    return f"http://{here or (f'[{host}]' if ':' in host else host)}:{port}"


def require_own_ports(settings: Settings, names: Sequence[str]) -> None:
    """Check that no two of these processes have the same port.

    Raises:
        SettingsError: naming the settings of the two.
    """
    taken: dict[int, str] = {}
    for name in names:
        variable = f"VITRINE_{name.upper()}_PORT"
        _, port = listener(settings, name)
        if port in taken:
            raise SettingsError(
                f"{taken[port]} and {variable} are both {port}: each process needs its own port",
                field=f"{name}_port",
            )
        taken[port] = variable


def require_free_ports(settings: Settings, names: Sequence[str]) -> None:
    """Check that these processes can listen where the settings say.

    Raises:
        ProcessFailedError: naming the port, and the setting that chooses another.
    """
    for name in names:
        host, port = listener(settings, name)
        problem = why_unusable(host, port)
        if problem is not None:
            raise ProcessFailedError(
                f"the {name} cannot listen on {host}:{port}: {in_words(problem, name)}"
            )


def why_unusable(host: str, port: int) -> OSError | None:
    """Return why we cannot listen there now, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def in_words(problem: OSError, name: str) -> str:
    """Return why a process cannot listen, and what to do."""
    reason = (problem.strerror or "unknown").lower()
    variable = f"VITRINE_{name.upper()}"
    if problem.errno == errno.EADDRINUSE:
        return f"{reason}: stop what is there, or choose another port with {variable}_PORT"
    if problem.errno == errno.EACCES:
        return f"{reason}: only root may use so low a port; choose another with {variable}_PORT"
    return f"{reason}: choose an address of this machine with {variable}_HOST"


def free_port_like(host: str, port: int, *, reserved: Collection[int]) -> int:
    """Return the port if it is free and not reserved, else any that is."""
    if port not in reserved and why_unusable(host, port) is None:
        return port
    while True:
        with socket.socket() as probe:
            probe.bind((host, 0))
            chosen: int = probe.getsockname()[1]
        if chosen not in reserved:
            return chosen
