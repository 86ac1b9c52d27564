"""The rotation of the master key, as an operator has it: begun, gone on with, and ended.

Where the key is in a file of the home, the file gets the new one above the former, which processes
read when they meet what the new one sealed; at the end the former goes to a file of its own. Where
it is in variables, all that is the operator's.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from catalog.access.credential_commands import remove_codes
from catalog.changes import Change
from catalog.db import Connection
from catalog.delivery.keys import revoke_signing_key
from catalog.errors import ConflictError
from catalog.events import shared_setting_store as store
from catalog.principal import COMMAND_LINE
from catalog.resealing.commands import (
    check_is_lost,
    check_processes,
    count_by_key,
    empty_closed,
    find_closed,
    find_lacking,
    record_loss,
    record_rotation,
)
from catalog.sealing import NAME_BYTES, MasterKey, MasterKeys, Sealed, name_of
from serving.private_files import read_private, write_private
from serving.settings import decoded_key
from vitrine.locks import hold
from vitrine.provision import new_master_key
from vitrine.settings import Settings
from vitrine.shared_settings import shared_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a rotation is.

    Attributes:
        stated: the key that seals; None: none is stated, so the newest does.
        counted: the kinds of values that each key seals, by the first bytes of its fingerprint;
            None: those from before values named their key.
        lacking: the processes that lack the newest key, for people to read.
    """

    keys: MasterKeys
    stated: MasterKey | None
    counted: Mapping[bytes | None, Counter[Sealed]]
    lacking: Sequence[str]

    @property
    def seals(self) -> MasterKey:
        """The key that seals now."""
        return self.stated or self.keys.newest

    @property
    def is_over(self) -> bool:
        """Whether the newest key seals, and has sealed all that another one here had."""
        return self.seals == self.keys.newest and not any(
            name is not None and self._opens(name) and name != self._own for name in self.counted
        )

    @property
    def is_sealed_by_one(self) -> bool:
        """Whether all that the keys here open names the key that seals."""
        return not any(
            name is None or (self._opens(name) and name != self._own) for name in self.counted
        )

    @property
    def missing(self) -> list[str]:
        """The keys that seal something and are not here, for people to read."""
        named = (each for each in self.counted if each is not None)
        return [name_of(each) for each in named if not self._opens(each)]

    @property
    def to_seal(self) -> Counter[Sealed]:
        """How many values of each kind are to be sealed anew."""
        others = (kinds for name, kinds in self.counted.items() if name != self._own)
        return sum(others, Counter[Sealed]())

    @property
    def _own(self) -> bytes:
        return self.seals.fingerprint[:NAME_BYTES]

    def _opens(self, name: bytes) -> bool:
        return self.keys.find(name) is not None


async def standing(conn: Connection, keys: MasterKeys) -> Standing:
    """Look how far a rotation is."""
    known = (await store.read_shared(conn)).get(store.MASTER_KEY)
    stated = None if known is None or known.fingerprint is None else keys.find(known.fingerprint)
    return Standing(
        keys=keys,
        stated=stated,
        counted=await count_by_key(conn),
        lacking=await find_lacking(conn, keys),
    )


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
    found: list[Path] = []
    for each in former:
        key = MasterKey(secret=decoded_key(each))
        found.append(path.with_name(f"master.key.former-{key.name}"))
        write_private(found[-1], f"{each}\n")
    if former:
        write_private(path, f"{newest}\n")
    return found


def has_former_in_file(settings: Settings) -> bool:
    """Return whether a rotation was begun in the file, and not ended."""
    return settings.master_key is None and len(read_private(settings.master_key_path).split()) > 1


async def give_up(change: Change, keys: MasterKeys) -> Counter[Sealed]:
    """Let the newest key seal, and give up what no key here opens; return how much that is.

    Signing keys are revoked, with another in place of the one that signs, one-time codes removed,
    and of the rest what was sealed is emptied: the audit says that seals of such a key cannot be
    verified.

    Raises:
        ConflictError: a process that runs has a key that is not here.
    """
    await check_is_lost(change.conn, keys)
    stated = (await store.read_shared(change.conn)).get(store.MASTER_KEY)
    closed = await find_closed(change.conn, keys)
    await store.state_master_key(change.conn, keys.newest.fingerprint, [], by=COMMAND_LINE.id)
    lost = None if stated is None else stated.fingerprint
    await record_loss(change, lost=lost, new=keys.newest)
    for kind, name in closed:
        if kind is Sealed.SIGNING_KEY:
            await revoke_signing_key(change, name, master_keys=keys)
        if kind is Sealed.ONE_TIME_CODES:
            await remove_codes(change, uuid.UUID(name))
    await empty_closed(change.conn, closed)
    return Counter(kind for kind, _ in closed)


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
