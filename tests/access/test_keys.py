"""API keys: shown once, stored as a hash, obeyed when revoked."""

import hashlib

import pytest

from catalog.access import store
from catalog.access.commands import create_key, list_keys, revoke_key
from catalog.access.model import ApiKey, Scope, api_key_subject
from catalog.access.recognition import keep_keys, recognise
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from tests.support.people import TEST


async def issue(pool: Pool, name: str, *scopes: str) -> tuple[ApiKey, str]:
    async with Changes(pool=pool).begin(TEST) as change:
        issued = await create_key(change, name=name, scopes=scopes)
    return issued.key, issued.secret


async def end(pool: Pool, name: str) -> ApiKey:
    async with Changes(pool=pool).begin(TEST) as change:
        return await revoke_key(change, name=name)


async def test_a_secret_is_stored_only_as_its_sha256(pool: Pool) -> None:
    key, secret = await issue(pool, "shop", "read")
    assert secret.startswith("vtr_")
    assert len(secret) >= 4 + 43  # 256 bits in base64
    async with pool.acquire() as conn:
        row = await conn.fetchrow("SELECT * FROM api_key")
        logged = await conn.fetchval("SELECT string_agg(data::text, ' ') FROM event")
    assert row is not None
    assert row["hash"] == hashlib.sha256(secret.encode()).digest()
    assert secret not in repr(dict(row))
    assert secret not in logged
    assert secret not in repr(key)


async def test_two_keys_never_share_a_secret(pool: Pool) -> None:
    assert (await issue(pool, "a", "read"))[1] != (await issue(pool, "b", "read"))[1]


async def test_admin_may_all_and_others_only_what_they_were_given(pool: Pool) -> None:
    admin, _ = await issue(pool, "admin", "admin")
    rights, _ = await issue(pool, "rights", "read", "manage.rights")
    assert {each.role for each in admin.assignments} == {Scope.ADMIN}
    assert {each.role for each in rights.assignments} == {Scope.READ, Scope.MANAGE_RIGHTS}


@pytest.mark.parametrize("scopes", [[], ["write"], ["read", "Admin"]])
async def test_unknown_scopes_are_refused(pool: Pool, scopes: list[str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await issue(pool, "shop", *scopes)
    assert refused.value.field == "scopes"
    assert "manage.rights" in refused.value.message


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "line\nbreak"])
async def test_a_name_must_be_readable(pool: Pool, name: str) -> None:
    with pytest.raises(InvalidInputError):
        await issue(pool, name, "read")


async def test_a_name_is_free_again_once_its_key_is_revoked(pool: Pool) -> None:
    first, _ = await issue(pool, "shop", "read")
    with pytest.raises(ConflictError):
        await issue(pool, "shop", "read")
    ended = await end(pool, "shop")
    second, _ = await issue(pool, "shop", "read")
    async with pool.acquire() as conn:
        listed = await list_keys(conn)
    assert [key.id for key in listed] == [first.id, second.id]
    assert ended.revoked_at is not None


async def test_a_key_that_is_not_there_cannot_be_revoked(pool: Pool) -> None:
    with pytest.raises(NotFoundError):
        await end(pool, "nobody")


async def test_the_memory_recognises_a_key_and_nothing_like_it(pool: Pool) -> None:
    key, secret = await issue(pool, "shop", "read")
    keys = keep_keys(pool)
    assert (await recognise(keys, secret)).id == key.id
    for other in ("", "vtr_", secret[:-1], secret + "a", secret.upper()):
        with pytest.raises(UnauthenticatedError):
            await recognise(keys, other)


async def test_a_revoked_key_is_refused_after_a_second_at_the_latest(pool: Pool) -> None:
    _, secret = await issue(pool, "shop", "read")
    now_s = 0.0
    keys = keep_keys(pool, monotonic_s=lambda: now_s)
    await recognise(keys, secret)
    await end(pool, "shop")
    now_s = 1.001
    with pytest.raises(UnauthenticatedError):
        await recognise(keys, secret)


async def test_a_revoked_key_is_refused_as_soon_as_the_log_names_it(pool: Pool) -> None:
    key, secret = await issue(pool, "shop", "read")
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    await recognise(keys, secret)
    await end(pool, "shop")
    async with pool.acquire() as conn:
        subjects = await conn.fetchval("SELECT subjects FROM event WHERE type = 'api_key.revoked'")
    assert subjects == [api_key_subject(key.id)]
    keys.drop(subjects)
    with pytest.raises(UnauthenticatedError):
        await recognise(keys, secret)


async def test_a_key_in_use_is_not_asked_for_at_every_request(pool: Pool) -> None:
    key, secret = await issue(pool, "shop", "read")
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    await recognise(keys, secret)
    async with pool.acquire() as conn:
        await conn.execute("DELETE FROM api_key")
        assert await store.find(conn, digest=b"") is None
    assert (await recognise(keys, secret)).id == key.id


async def test_the_memory_holds_a_bounded_number_of_keys(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.access.recognition._MAX_KEYS", 1)
    _, first = await issue(pool, "first", "read")
    _, second = await issue(pool, "second", "read")
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    await recognise(keys, first)
    await recognise(keys, second)
    await end(pool, "first")
    with pytest.raises(UnauthenticatedError):
        await recognise(keys, first)
