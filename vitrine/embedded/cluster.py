"""The data of an embedded PostgreSQL: made once, and freed from what a killed run left."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from serving.private_files import read_private, write_private
from vitrine.embedded.installation import EmbeddedPostgresError, Installation

#: The superuser, who owns the database.
USER = "vitrine"
_STOP_TIMEOUT_S = 30.0
_POLL_S = 0.02
_SOCKET_LINE = 4  # of postmaster.pid


def password_of(base: Path) -> str:
    """Return the superuser's password, made on first use and readable for this user alone."""
    path = base / "password"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return read_private(path)


def initialise(installation: Installation, password: str) -> None:
    """Make the data, whole or not at all.

    Raises:
        EmbeddedPostgresError: initdb failed; the message is its own.
    """
    data = installation.base / "data"
    unfinished = installation.base / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    installation.hand_over(unfinished)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(password)
        file.flush()
        installation.hand_over(Path(file.name))
        command = (
            f"{installation.binaries / 'initdb'}",
            f"--pgdata={unfinished}",
            f"--username={USER}",
            f"--pwfile={file.name}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        )
        done = installation.spawn(command, stdout=subprocess.PIPE)
        output, _ = done.communicate()
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"initdb failed:\n{output.decode(errors='replace').strip()}")
    unfinished.rename(data)


def end_crashed_run(data: Path) -> None:
    """Wait for what a killed run left behind; forget a process id that is another's now.

    Raises:
        EmbeddedPostgresError: the old server does not stop.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self/cwd").exists():
        return  # without /proc PostgreSQL decides by itself, and may refuse to start
    lines = pid_file.read_text().splitlines()
    postmaster = int(lines[0])
    if postmaster in _processes_in(data):  # it outlived the parent that should have stopped it
        os.kill(postmaster, signal.SIGINT)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while left := _processes_in(data):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"processes of an older run do not stop: {left}")
        time.sleep(_POLL_S)
    pid_file.unlink(missing_ok=True)
    if len(lines) > _SOCKET_LINE and lines[_SOCKET_LINE].strip():
        _remove_sockets(Path(lines[_SOCKET_LINE].strip()))


def _remove_sockets(folder: Path) -> None:
    """Remove the folder that was made for the sockets of one run, and nothing else."""
    with suppress(OSError):  # gone already, or more is in it
        for socket in folder.glob(".s.PGSQL.*"):
            socket.unlink()
        folder.rmdir()


def _processes_in(folder: Path) -> list[int]:
    """Return the processes that work in a folder, as all of a PostgreSQL do in its data."""
    found: list[int] = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # ended meanwhile, or another user's
            if link.readlink() == folder.resolve():
                found.append(int(link.parent.name))
    return found
