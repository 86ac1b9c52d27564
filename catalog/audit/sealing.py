"""Seals the audit in batches, as far as no open transaction can add a row before the last."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import asdict

import orjson

from catalog.audit import seal_store as store
from catalog.audit.seals import BEFORE_ALL, Head, Seal, SealingKey, read_head, seal_rows
from catalog.db import Connection, Pool
from catalog.errors import InvalidInputError
from catalog.events.pauses import growing_pauses
from catalog.events.sealing_key import sealing_key
from catalog.sealing import MasterKeys, Sealed, seal, unseal
from catalog.storage.model import ObjectNotFoundError, ObjectStore

#: Rows of one seal.
MOST_ROWS = 10_000
#: Where the newest head is kept in the object store.
HEAD_KEY = "audit/head.json"


async def seal_audit(
    pool: Pool, master_keys: MasterKeys, *, within_s: float
) -> AsyncGenerator[Head]:
    """Seal what there is, and yield the head of each seal that was made.

    Ids are given before a commit, so a row may still come before one that is seen. What was open
    when the newest row was looked up is waited for; what begins later writes later ids.

    Args:
        pool: to the primary.
        master_keys: the key of the seals is derived from the one that is stated.
        within_s: how long to wait; then nothing is sealed, and a later call does it.
    """
    async with pool.acquire() as conn:
        until, xact = await store.newest(conn)
        try:
            async with asyncio.timeout(within_s):
                await _wait_for_those_before(conn, xact)
        except TimeoutError:
            return
        while made := await _seal_batch(conn, until, master_keys):
            yield made.head


async def _wait_for_those_before(conn: Connection, xact: str) -> None:
    for pause_s in growing_pauses():
        if await store.are_over(conn, xact):
            return
        await asyncio.sleep(pause_s)


async def _seal_batch(conn: Connection, until: int, master_keys: MasterKeys) -> Seal | None:
    async with conn.transaction():
        await store.lock(conn)
        master_key = await sealing_key(conn, master_keys)
        key = SealingKey.of(master_key)
        former = await store.last_seal(conn)
        after = former.ids[-1] if former else BEFORE_ALL
        rows = await store.rows_between(conn, after, until, MOST_ROWS)
        if not rows:
            return None
        if former is None or former.key != key.id:
            sealed = seal(key.secret, key=master_key, bound_to=Sealed.AUDIT_KEY.of(key.id))
            await store.add_key(conn, key.id, sealed)
        made = seal_rows(rows, key, former)
        await store.add_seal(conn, made)
        return made


async def unsealed(conn: Connection) -> tuple[int, float]:
    """Return how many rows no seal vouches for, and the age of the oldest in seconds; 0: none."""
    last = await store.last_seal(conn)
    return await store.age_after(conn, last.ids[-1] if last else BEFORE_ALL)


async def last_head(conn: Connection) -> Head | None:
    """Return the head of the newest seal; None: nothing was sealed yet."""
    last = await store.last_seal(conn)
    return last.head if last else None


async def keep_head(pool: Pool, objects: ObjectStore) -> Head | None:
    """Write the newest head to the object store, unless the one there is all that is left.

    Returns:
        The head that the store holds and the database lacks: the end was cut off, and the store
        keeps it as evidence. None: all is well.

    Raises:
        InvalidInputError: what the store holds is no head; it stays.
        StoreFullError, StoreUnavailableError: it cannot be read or written.
    """
    kept = await kept_head(objects)  # first: what is kept was committed before
    async with pool.acquire() as conn:
        if kept is not None:
            same = await store.seal_from(conn, kept.seal)
            if same is None or same.head != kept:
                return kept
        head = await last_head(conn)
    if head not in (None, kept):
        await objects.write(HEAD_KEY, orjson.dumps(asdict(head)))
    return None


async def put_head(pool: Pool, objects: ObjectStore) -> None:
    """Write the newest head to the object store, once a restore explains the one there.

    That one goes to `audit/restored/`.

    Raises:
        InvalidInputError: what the store holds is no head; it stays.
        StoreFullError, StoreUnavailableError: it cannot be read or written.
    """
    lost = await keep_head(pool, objects)
    if lost is None:
        return
    await objects.write(f"audit/restored/{lost.seal}-{lost.mac}.json", orjson.dumps(asdict(lost)))
    async with pool.acquire() as conn:
        head = await last_head(conn)
    await objects.write(HEAD_KEY, orjson.dumps(head and asdict(head)))


async def kept_head(objects: ObjectStore) -> Head | None:
    """Return the head that the object store holds; None: it holds none.

    Raises:
        InvalidInputError: it holds something else in its place.
        StoreUnavailableError: it cannot be asked.
    """
    try:
        body = await objects.read(HEAD_KEY)
    except ObjectNotFoundError:
        return None
    head = read_head(body)
    if head is None:
        raise InvalidInputError(f"the object store holds something that is no head in {HEAD_KEY}")
    return head


async def sealing_keys(conn: Connection, master_keys: MasterKeys) -> dict[str, SealingKey]:
    """Return every key that ever sealed, by id.

    Raises:
        SettingsError: a master key that opens one is missing.
    """
    return {
        name: SealingKey(
            id=name, secret=unseal(sealed, keys=master_keys, bound_to=Sealed.AUDIT_KEY.of(name))
        )
        for name, sealed in (await store.sealed_keys(conn)).items()
    }
