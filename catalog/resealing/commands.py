"""Seals anew, with the master key that is stated, what another one sealed.

Batches commit one by one, each with its event: whoever is killed is begun again, and goes on.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.changes import Change, Changes
from catalog.db import Connection
from catalog.errors import ConflictError, SettingsError
from catalog.events.model import Event
from catalog.events.sealing_key import sealing_key
from catalog.principal import Principal
from catalog.resealing import store
from catalog.sealing import (
    NAME_BYTES,
    MasterKey,
    MasterKeyMissingError,
    MasterKeys,
    Sealed,
    name_of,
    seal,
    unseal,
)

#: Values that are sealed anew in one transaction.
BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """What a batch did.

    Attributes:
        left: what no key here opens, by kind and id; it stays as it was.
    """

    kind: Sealed
    count: int
    left: Sequence[str]


async def check_login(conn: Connection) -> None:
    """See that the login may change all that is sealed, before anything is.

    Raises:
        SettingsError: it may not.
    """
    if not await store.may_reseal(conn):
        raise SettingsError(
            "the login of VITRINE_DATABASE_URL may not seal the keys of the audit anew: run this "
            "with the login that owns the tables, as `vitrine migrate`",
            field="database_url",
        )


async def find_lacking(conn: Connection, keys: MasterKeys) -> list[str]:
    """Name the processes that lack the newest key, for people to read."""
    wanted = {keys.newest.name} if keys.place is None else {keys.newest.name, f"@{keys.place}"}
    return [
        f"{each.process} (on {each.address or 'this machine'}, connection {each.pid})"
        for each in await store.announced_keys(conn)
        if not each.keys & wanted
    ]


async def check_processes(conn: Connection, keys: MasterKeys) -> None:
    """See that every process has the newest key, before it seals anything.

    Raises:
        ConflictError: some have not.
    """
    lacking = await find_lacking(conn, keys)
    if lacking:
        raise ConflictError(
            f"the former key goes on sealing: {', '.join(lacking)} lacks the new master key "
            f"{keys.newest.name}. Restart it with the new key in VITRINE_MASTER_KEY and the former "
            "one in VITRINE_FORMER_MASTER_KEYS (or with this home's master.key as it is now, where "
            "it has a home of its own), then run this again"
        )


async def check_is_lost(conn: Connection, keys: MasterKeys) -> None:
    """See that no process has a key that is not here, before what it opens is given up.

    Raises:
        ConflictError: some have one.
    """
    own = {each.name for each in keys}
    having = [
        f"{each.process} (on {each.address or 'this machine'}, connection {each.pid}) has "
        + ", ".join(sorted(others))
        for each in await store.announced_keys(conn)
        if (others := {name for name in each.keys - own if not name.startswith("@")})
    ]
    if having:
        raise ConflictError(
            f"the key is not lost: {'; '.join(having)}. Run this with that key as well, or stop "
            "those processes first if what it opens is to be given up"
        )


async def find_closed(conn: Connection, keys: MasterKeys) -> list[tuple[Sealed, str]]:
    """Return kind and id of what no key here opens, and lock their rows.

    Args:
        conn: in a transaction.
        keys: that are here.
    """
    own = keys.newest.fingerprint[:NAME_BYTES]
    return [
        (of.kind, name)
        for of in store.SEALED_COLUMNS
        for name, sealed in await store.lock_sealed_by_others(conn, of, own)
        if _opened(sealed, keys, of.kind.of(name)) is None
    ]


async def empty_closed(conn: Connection, closed: Sequence[tuple[Sealed, str]]) -> None:
    """Empty what `find_closed` found, where it is there still."""
    for of in store.SEALED_COLUMNS:
        await store.empty_sealed(conn, of, [name for kind, name in closed if kind is of.kind])


async def check_codes(conn: Connection, keys: MasterKeys) -> None:
    """See that every one-time code can be checked with these keys.

    Raises:
        MasterKeyMissingError: a master key is missing.
    """
    of_codes = [each for each in store.SEALED_COLUMNS if each.kind is Sealed.ONE_TIME_CODES]
    for each in await store.count_sealed(conn, of_codes):
        if each.key is not None and keys.find(each.key) is None:
            raise MasterKeyMissingError(
                f"the one-time codes of {each.count:,} people cannot be checked", each.key, keys
            )


async def record_loss(change: Change, *, lost: bytes | None, new: MasterKey) -> None:
    """Record in the transaction that gives up what a lost master key sealed.

    Args:
        change: the transaction.
        lost: fingerprint of the key that sealed last; None: none was stated.
        new: that seals from now on.
    """
    await change.record(
        Event(
            type="master_key.given_up",
            subject="master_key",
            version=1,
            data={"fingerprint": new.name},
            before={"fingerprint": None if lost is None else name_of(lost)},
            after={"fingerprint": new.name},
        )
    )


async def record_rotation(change: Change, *, former: MasterKey, new: MasterKey) -> None:
    """Record in the transaction that states it that another master key seals from now on."""
    await change.record(
        Event(
            type="master_key.rotated",
            subject="master_key",
            version=1,
            data={"fingerprint": new.name},
            before={"fingerprint": former.name},
            after={"fingerprint": new.name},
        )
    )


async def reseal(changes: Changes, keys: MasterKeys, *, by: Principal) -> AsyncGenerator[Resealed]:
    """Seal anew, with the stated key, all that another sealed, and yield what each batch did.

    Raises:
        SettingsError: the key that is stated is not among these.
    """
    for of in store.SEALED_COLUMNS:
        last: str | None = ""
        while last is not None:
            async with changes.begin(by) as change:
                done, last = await _reseal_batch(change, of, keys, after=last)
            if done.count or done.left:
                yield done


async def _reseal_batch(
    change: Change, of: store.SealedColumn, keys: MasterKeys, *, after: str
) -> tuple[Resealed, str | None]:
    """Do one batch, and return the id that it ended with; None: there is no more."""
    conn, key = change.conn, await sealing_key(change.conn, keys)
    name = key.fingerprint[:NAME_BYTES]
    found = await store.lock_sealed_by_others(conn, of, name, after=after, limit=BATCH)
    opened: list[tuple[str, bytes]] = []
    left: list[str] = []
    for each, sealed in found:
        bound_to = of.kind.of(each)
        secret = _opened(sealed, keys, bound_to)
        if secret is None:
            left.append(bound_to)
        else:
            opened.append((each, seal(secret, key=key, bound_to=bound_to)))
    if opened:
        await store.replace_sealed(conn, of, opened)
        what = {"what": of.kind.value, "count": len(opened), "fingerprint": key.name}
        await change.record(
            Event(type="master_key.resealed", subject="master_key", version=1, data=what)
        )
    done = Resealed(kind=of.kind, count=len(opened), left=left)
    return done, found[-1][0] if len(found) == BATCH else None


def _opened(sealed: bytes, keys: MasterKeys, bound_to: str) -> bytes | None:
    try:
        return unseal(sealed, keys=keys, bound_to=bound_to)
    except SettingsError:
        return None


async def count_by_key(conn: Connection) -> dict[bytes | None, Counter[Sealed]]:
    """Return how many values of each kind each master key seals, by the name that they bear."""
    counted: dict[bytes | None, Counter[Sealed]] = {}
    for each in await store.count_sealed(conn):
        counted.setdefault(each.key, Counter())[each.kind] += each.count
    return counted
