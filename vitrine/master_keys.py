"""The rotation of the master key, as an operator has it: begun, gone on with, and ended.

Where the key is in a file of the home, the file gets the new one above the former, which processes
read when they meet what the new one sealed; at the end the former goes to a file of its own. Where
it is in variables, all that is the operator's.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import ConflictError
from catalog.events import shared_setting_store as store
from catalog.principal import COMMAND_LINE
from catalog.resealing.commands import check_processes, record_rotation
from catalog.resealing.store import count_sealed
from catalog.sealing import NAME_BYTES, MasterKey, MasterKeys
from serving.private_files import read_private
from vitrine.locks import hold
from vitrine.provision import new_master_key, write_private
from vitrine.settings import Settings
from vitrine.shared_settings import shared_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a rotation is.

    Attributes:
        stated: the key that seals; None: none is stated, so the newest does.
        others: the names of the keys that seal something besides it; None among them: of values
            from before they named one.
    """

    keys: MasterKeys
    stated: MasterKey | None
    others: Sequence[bytes | None]

    @property
    def seals(self) -> MasterKey:
        """The key that seals now."""
        return self.stated or self.keys.newest

    @property
    def is_over(self) -> bool:
        """Whether the newest key seals, and has sealed everything."""
        return self.seals == self.keys.newest and not self.others


async def standing(conn: Connection, keys: MasterKeys) -> Standing:
    """Look how far a rotation is."""
    known = (await store.read_shared(conn)).get(store.MASTER_KEY)
    stated = None if known is None or known.fingerprint is None else keys.find(known.fingerprint)
    own = (stated or keys.newest).fingerprint[:NAME_BYTES]
    sealed_by = {each.key: None for each in await count_sealed(conn)}
    return Standing(keys=keys, stated=stated, others=[each for each in sealed_by if each != own])


def held(settings: Settings) -> AbstractContextManager[None]:
    """Hold the file of the key, so that no two rotations write it; nothing where there is none."""
    if settings.master_key is not None:
        return nullcontext()
    return hold(
        settings.home / "master.key.lock",
        otherwise=ConflictError("another rotation of the master key runs here: wait for its end"),
    )


def begin_in_file(settings: Settings) -> None:
    """Put a new key above those in the file."""
    path = settings.master_key_path
    write_private(path, f"{new_master_key()}\n{read_private(path)}")


def end_in_file(settings: Settings) -> list[Path]:
    """Leave the newest key alone in the file, and return the files of those that were below it."""
    path = settings.master_key_path
    newest, *former = read_private(path).split()
    names = settings.master_keys().names[1:]
    found: list[Path] = []
    for name, key in zip(names, former, strict=False):
        found.append(path.with_name(f"master.key.former-{name}"))
        write_private(found[-1], f"{key}\n")
    if former:
        write_private(path, f"{newest}\n")
    return found


def has_former_in_file(settings: Settings) -> bool:
    """Return whether a rotation was begun in the file, and not ended."""
    return settings.master_key is None and len(read_private(settings.master_key_path).split()) > 1


async def state_newest(change: Change, settings: Settings, now: Standing) -> None:
    """Let the newest key seal from the commit on.

    Raises:
        ConflictError: a process lacks it.
    """
    former, new = now.seals, now.keys.newest
    by_former, by_new = shared_settings(settings, former), shared_settings(settings, new)
    fingerprints = [
        (one.name, one.fingerprint, other.fingerprint)
        for one, other in zip(by_new, by_former, strict=True)
        if one.fingerprint is not None and other.fingerprint is not None
    ]
    # first: whoever seals is waited for, and what starts meanwhile is seen
    await store.state_master_key(change.conn, new.fingerprint, fingerprints, by=COMMAND_LINE.id)
    await check_processes(change.conn, now.keys)
    await record_rotation(change, former=former, new=new)
