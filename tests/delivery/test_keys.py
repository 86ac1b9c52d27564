"""Signing keys: sealed at rest, rotated with overlap, revoked at once."""

import pytest

from catalog.changes import Changes
from catalog.db import Pool
from catalog.delivery.keys import (
    create_signing_key,
    load_signing_keys,
    retire_signing_key,
    reveal_signing_key,
    revoke_signing_key,
)
from catalog.errors import ConflictError, InvalidInputError, NotFoundError, SettingsError
from catalog.principal import COMMAND_LINE
from catalog.sealing import MasterKeys
from tests.support.people import ADA
from tests.support.purging import purging

MASTER_KEYS = MasterKeys([bytes(range(32))])


async def test_a_new_key_signs_and_the_one_before_goes_on_verifying(pool: Pool) -> None:
    changes = Changes(pool=pool)
    async with changes.begin(ADA) as change:
        first = await create_signing_key(change, master_keys=MASTER_KEYS)
        second = await create_signing_key(change, master_keys=MASTER_KEYS, kid="autumn")

    async with pool.acquire() as conn:
        keys = await load_signing_keys(conn, MASTER_KEYS)

    assert (first, second) == ("k1", "autumn")
    assert keys.active.kid == "autumn"
    assert set(keys.by_kid) == {"k1", "autumn"}
    assert keys.by_kid["k1"].secret != keys.active.secret


async def test_a_key_for_others_verifies_and_never_signs_here(pool: Pool) -> None:
    changes = Changes(pool=pool)
    async with changes.begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS)
        theirs = await create_signing_key(
            change, master_keys=MASTER_KEYS, kid="partner", signs_here=False
        )

    async with pool.acquire() as conn:
        keys = await load_signing_keys(conn, MASTER_KEYS)

    assert theirs == "partner"
    assert keys.active.kid == "k1"
    assert set(keys.by_kid) == {"k1", "partner"}


async def test_the_active_key_is_replaced_when_it_is_retired_or_revoked(pool: Pool) -> None:
    changes = await purging(pool, ("cdn",))
    async with changes.begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS)
        assert await retire_signing_key(change, "k1", master_keys=MASTER_KEYS) == "k2"
        assert await retire_signing_key(change, "k1", master_keys=MASTER_KEYS) is None
        assert await revoke_signing_key(change, "k2", master_keys=MASTER_KEYS) == "k3"
        assert await revoke_signing_key(change, "k1", master_keys=MASTER_KEYS) is None

    async with pool.acquire() as conn:
        keys = await load_signing_keys(conn, MASTER_KEYS)
    assert set(keys.by_kid) == {"k3"}
    purged = await pool.fetch("SELECT DISTINCT tag FROM purge")
    assert {"k-k1", "k-k2"} <= {row["tag"] for row in purged}


async def test_a_rotation_purges_nothing_of_what_the_former_key_goes_on_verifying(
    pool: Pool,
) -> None:
    changes = await purging(pool, ("cdn",))
    async with changes.begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS)
        await create_signing_key(change, master_keys=MASTER_KEYS)

    assert await pool.fetchval("SELECT count(*) FROM purge") == 0


async def test_wrong_names_are_typed_errors(pool: Pool) -> None:
    async with Changes(pool=pool).begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS, kid="a")
        with pytest.raises(ConflictError):
            await create_signing_key(change, master_keys=MASTER_KEYS, kid="a")
        with pytest.raises(InvalidInputError):
            await create_signing_key(change, master_keys=MASTER_KEYS, kid="no such")
        with pytest.raises(NotFoundError):
            await revoke_signing_key(change, "b", master_keys=MASTER_KEYS)


async def test_no_key_and_a_wrong_master_key_keep_a_process_from_starting(pool: Pool) -> None:
    async with pool.acquire() as conn:
        with pytest.raises(SettingsError, match="vitrine key signing create"):
            await load_signing_keys(conn, MASTER_KEYS)
    async with Changes(pool=pool).begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS)
    async with pool.acquire() as conn:
        with pytest.raises(SettingsError, match="VITRINE_MASTER_KEY"):
            await load_signing_keys(conn, MasterKeys([bytes(32)]))
    sealed = await pool.fetchval("SELECT secret_sealed FROM signing_key")
    assert len(sealed) == 4 + 8 + 12 + 32 + 16


async def test_a_secret_is_revealed_on_record_and_purges_nothing(pool: Pool) -> None:
    changes = await purging(pool, ("cdn",))
    async with changes.begin(ADA) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS)
        await create_signing_key(change, master_keys=MASTER_KEYS)
    queued = await pool.fetchval("SELECT count(*) FROM purge")
    for kid in ("k1", "k2"):
        async with changes.begin(COMMAND_LINE) as change:
            secret = await reveal_signing_key(change, kid, master_keys=MASTER_KEYS)
        async with pool.acquire() as conn:
            assert (await load_signing_keys(conn, MASTER_KEYS)).by_kid[kid].secret == secret

    rows = await pool.fetch(
        "SELECT subject, actor, subjects, data FROM event"
        " WHERE type = 'signing_key.revealed' ORDER BY seq"
    )
    assert [tuple(row) for row in rows] == [
        (f"signing_key/{kid}", COMMAND_LINE.id, [], {"kid": kid}) for kid in ("k1", "k2")
    ]
    assert await pool.fetchval("SELECT count(*) FROM purge") == queued


async def test_a_revoked_or_unknown_key_is_not_revealed(pool: Pool) -> None:
    async with Changes(pool=pool).begin(COMMAND_LINE) as change:
        await create_signing_key(change, master_keys=MASTER_KEYS)
        await revoke_signing_key(change, "k1", master_keys=MASTER_KEYS)
        with pytest.raises(ConflictError):
            await reveal_signing_key(change, "k1", master_keys=MASTER_KEYS)
        with pytest.raises(NotFoundError):
            await reveal_signing_key(change, "k9", master_keys=MASTER_KEYS)
