"""Which process listens on a port: an answer alone may be a stranger's."""

from contextlib import suppress
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = "0A"  # as in Linux's tcp_states.h


def is_listening(pid: int, port: int) -> bool:
    """Return whether this very process listens on the port; True where /proc does not say."""
    sockets = _listeners(port)
    if sockets is None:
        return True
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):  # closed meanwhile
            if str(descriptor.readlink()) in sockets:
                return True
    return False


def _listeners(port: int) -> set[str] | None:
    tables = [path for path in _TABLES if path.exists()]
    if not tables:
        return None
    rows = [line.split() for path in tables for line in path.read_text().splitlines()[1:]]
    return {
        f"socket:[{row[9]}]"
        for row in rows
        if row[3] == _LISTENING and int(row[1].rpartition(":")[2], 16) == port
    }
