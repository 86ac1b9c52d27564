"""The master key is rotated while everything works, and nothing is lost wherever it stops."""

import uuid

import pytest

from catalog.access import credential_store
from catalog.audit.sealing import seal_audit
from catalog.audit.verifying import Verdict, verify_audit
from catalog.changes import Changes
from catalog.db import Pool, open_pool
from catalog.delivery.keys import create_signing_key, load_signing_keys, revoke_signing_key
from catalog.errors import ConflictError
from catalog.events.shared_setting_store import state_master_key
from catalog.principal import COMMAND_LINE
from catalog.resealing import commands, store
from catalog.resealing.commands import (
    check_codes,
    check_processes,
    count_by_key,
    empty_closed,
    find_closed,
    reseal,
)
from catalog.sealing import MasterKeyMissingError, MasterKeys, Sealed, seal, unseal
from tests.support.people import ADA, LAWYER, MANAGER

OLD, NEW = MasterKeys([bytes(32)]), MasterKeys([bytes(range(32))])
BOTH = MasterKeys([NEW.newest.secret, OLD.newest.secret])
PEOPLE = (ADA, LAWYER, MANAGER)


async def state(pool: Pool, keys: MasterKeys) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await state_master_key(conn, keys.newest.fingerprint, [], by=COMMAND_LINE.id)


async def furnish(pool: Pool, keys: MasterKeys) -> int:
    """Make signing keys, one-time codes and a sealed audit, and return how many rows that has."""
    await state(pool, keys)
    async with Changes(pool=pool).begin(ADA) as change:
        for _ in range(3):
            await create_signing_key(change, master_keys=keys)
        await revoke_signing_key(change, "k1", master_keys=keys)
        for each in PEOPLE:
            sealed = seal(each.name.encode(), key=keys.newest, bound_to=codes_of(each.id))
            await credential_store.set_totp(change.conn, each.id, sealed, 0)
    (head,) = [each async for each in seal_audit(pool, keys, within_s=5)]
    return head.count


def codes_of(person: uuid.UUID) -> str:
    return Sealed.ONE_TIME_CODES.of(person)


async def check_all(pool: Pool, keys: MasterKeys, *, rows: int, seals: int) -> None:
    """See that signing keys, codes and the audit open with these keys."""
    async with pool.acquire() as conn:
        assert set((await load_signing_keys(conn, keys)).by_kid) == {"k2", "k3"}
        await check_codes(conn, keys)
        for each in PEOPLE:
            known = await credential_store.credential_of(conn, each.id)
            assert known.totp_sealed is not None
            opened = unseal(known.totp_sealed, keys=keys, bound_to=codes_of(each.id))
            assert opened == each.name.encode()
        verdict = await verify_audit(conn, keys, [])
    assert verdict == Verdict(rows=rows, seals=seals, unsealed=verdict.unsealed)


async def run_to_the_end(pool: Pool, keys: MasterKeys) -> dict[str, int]:
    return {each.kind.name: each.count async for each in reseal(Changes(pool=pool), keys, by=ADA)}


async def test_every_sealed_column_is_known(pool: Pool) -> None:
    found = await pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name LIKE '%sealed' AND data_type = 'bytea'"
    )
    assert {tuple(row) for row in found} == {
        (each.table, each.column) for each in store.SEALED_COLUMNS
    }


async def test_all_is_sealed_anew_and_opens_without_the_former_key(pool: Pool) -> None:
    before = await furnish(pool, OLD)
    await state(pool, NEW)
    await check_all(pool, BOTH, rows=before, seals=1)
    done = await run_to_the_end(pool, BOTH)
    assert done == {"SIGNING_KEY": 3, "ONE_TIME_CODES": 3, "AUDIT_KEY": 1}
    await check_all(pool, NEW, rows=before, seals=1)
    assert await run_to_the_end(pool, BOTH) == {}

    assert [each.count async for each in seal_audit(pool, NEW, within_s=5)] == [3]
    await check_all(pool, NEW, rows=before + 3, seals=2)  # of two keys
    async with pool.acquire() as conn:
        assert set(await count_by_key(conn)) == {NEW.newest.fingerprint[:8]}
        with pytest.raises(MasterKeyMissingError):
            await load_signing_keys(conn, OLD)
        with pytest.raises(MasterKeyMissingError, match="codes of 3 people"):
            await check_codes(conn, OLD)


async def test_whoever_is_stopped_goes_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = await furnish(pool, OLD)
    await state(pool, NEW)
    monkeypatch.setattr(commands, "BATCH", 2)
    async for each in reseal(Changes(pool=pool), BOTH, by=ADA):
        assert (each.kind, each.count) == (Sealed.SIGNING_KEY, 2)
        break
    await check_all(pool, BOTH, rows=rows, seals=1)
    with pytest.raises(MasterKeyMissingError):
        await check_all(pool, NEW, rows=rows, seals=1)
    assert await run_to_the_end(pool, BOTH) == {
        "SIGNING_KEY": 1,
        "ONE_TIME_CODES": 1,  # the last of two batches
        "AUDIT_KEY": 1,
    }
    await check_all(pool, NEW, rows=rows, seals=1)


async def test_until_the_new_key_is_stated_the_former_seals_and_after_it_never(
    pool: Pool,
) -> None:
    await furnish(pool, OLD)
    async with Changes(pool=pool).begin(ADA) as change:
        await create_signing_key(change, master_keys=BOTH)
        assert set(await count_by_key(change.conn)) == {OLD.newest.fingerprint[:8]}
        with pytest.raises(MasterKeyMissingError, match="nothing can be sealed"):
            await create_signing_key(change, master_keys=NEW)
    await state(pool, NEW)
    async with Changes(pool=pool).begin(ADA) as change:
        await create_signing_key(change, master_keys=BOTH)
        counted = await count_by_key(change.conn)
        assert counted[NEW.newest.fingerprint[:8]] == {Sealed.SIGNING_KEY: 1}
        with pytest.raises(MasterKeyMissingError, match="nothing can be sealed"):
            await create_signing_key(change, master_keys=OLD)


async def test_processes_seal_by_their_own_login(pool: Pool, process_database_url: str) -> None:
    await state(pool, OLD)
    async with open_pool(process_database_url, application="test process") as own:
        async with Changes(pool=own).begin(ADA) as change:
            await create_signing_key(change, master_keys=BOTH)
        assert [each.count async for each in seal_audit(own, BOTH, within_s=5)] == [1]
    async with pool.acquire() as conn:
        assert set(await count_by_key(conn)) == {OLD.newest.fingerprint[:8]}


async def test_what_is_being_sealed_is_waited_for(pool: Pool) -> None:
    await furnish(pool, OLD)
    async with Changes(pool=pool).begin(ADA) as change, pool.acquire() as other:
        await create_signing_key(change, master_keys=OLD)
        await other.execute("SET lock_timeout = '50ms'")
        with pytest.raises(Exception, match="lock timeout"):
            await state_master_key(other, NEW.newest.fingerprint, [], by=ADA.id)
        await other.execute("RESET lock_timeout")


async def test_what_no_key_opens_stays_and_is_named(pool: Pool) -> None:
    rows = await furnish(pool, OLD)
    await pool.execute("DELETE FROM shared_setting")
    left = [each.left async for each in reseal(Changes(pool=pool), NEW, by=ADA)]
    assert [len(each) for each in left] == [3, 3, 1]
    assert left[0] == ["signing key k1", "signing key k2", "signing key k3"]
    await check_all(pool, OLD, rows=rows, seals=1)


async def test_seals_of_a_key_that_was_given_up_cannot_be_verified_and_that_is_said(
    pool: Pool,
) -> None:
    await furnish(pool, OLD)
    async with pool.acquire() as conn, conn.transaction():
        closed = await find_closed(conn, NEW)
        assert len(closed) == 7
        await empty_closed(conn, closed)
        assert await find_closed(conn, NEW) == []
        assert await count_by_key(conn) == {}
    async with pool.acquire() as conn:
        told = (await verify_audit(conn, NEW, [])).fault
    assert told is not None
    assert told.endswith("of seal 1 was removed, or given up")


async def test_each_batch_is_on_record_with_fingerprints_alone(pool: Pool) -> None:
    await furnish(pool, OLD)
    await state(pool, NEW)
    await run_to_the_end(pool, BOTH)
    rows = await pool.fetch(
        "SELECT actor, data FROM audit WHERE type = 'master_key.resealed' ORDER BY id"
    )
    assert {row["actor"] for row in rows} == {ADA.id}
    assert rows[0]["data"] == {
        "what": "signing key",
        "count": 3,
        "fingerprint": NEW.newest.name,
    }


async def test_a_process_without_the_new_key_is_waited_for_by_name(
    pool: Pool, gateway_database_url: str
) -> None:
    in_file = MasterKeys([NEW.newest.secret], place="cafe0123")
    there = MasterKeys([OLD.newest.secret], place="cafe0123")
    for has, is_refused in (
        (OLD.announcement, True),
        (BOTH.announcement, False),
        (there.announcement, False),
        ("", True),  # of a version from before there were several
    ):
        name = f"vitrine-gateway {has}".rstrip()
        async with open_pool(gateway_database_url, application=name), pool.acquire() as conn:
            if not is_refused:
                await check_processes(conn, in_file)
                continue
            with pytest.raises(ConflictError, match=r"vitrine-gateway .* lacks the new master key"):
                await check_processes(conn, in_file)
