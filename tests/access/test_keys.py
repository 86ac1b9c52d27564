"""API keys: shown once, stored as a hash, obeyed when revoked."""

import hashlib
from datetime import timedelta

import pytest

from catalog.access import store
from catalog.access.assignments import give_role, put_role, take_role
from catalog.access.commands import create_key, list_keys, revoke_key, rotate_key
from catalog.access.model import ApiKey, Scope, api_key_subject
from catalog.access.principals import create_person
from catalog.access.recognition import keep_keys, recognise
from catalog.access.roles import Action
from catalog.access.rules import Narrowing
from catalog.access.uses import KeyUses
from catalog.changes import Changes
from catalog.clock import utc_now
from catalog.db import DATABASE_FAILED, Pool, open_pool
from catalog.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
    UnknownNameError,
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


async def test_a_key_ends_when_it_expires_also_where_it_is_remembered(pool: Pool) -> None:
    expires_at = utc_now() + timedelta(hours=1)
    async with Changes(pool=pool).begin(TEST) as change:
        issued = await create_key(change, name="cms", scopes=["read"], expires_at=expires_at)
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    just_before = expires_at - timedelta(microseconds=1)
    assert (await recognise(keys, issued.secret, now=lambda: just_before)).id == issued.key.id
    with pytest.raises(UnauthenticatedError):
        await recognise(keys, issued.secret, now=lambda: expires_at)
    with pytest.raises(InvalidInputError):
        async with Changes(pool=pool).begin(TEST) as change:
            await create_key(change, name="late", scopes=["read"], expires_at=utc_now())


async def test_an_expired_key_is_none_to_whoever_has_not_met_it(pool: Pool) -> None:
    _, secret = await issue(pool, "cms", "read")
    await pool.execute("UPDATE api_key SET expires_at = clock_timestamp()")
    with pytest.raises(UnauthenticatedError):
        await recognise(keep_keys(pool), secret)


async def test_a_rotation_lets_the_former_key_work_for_its_overlap_alone(pool: Pool) -> None:
    changes = Changes(pool=pool)
    async with changes.begin(TEST) as change:
        first = await create_key(
            change, name="cms", scopes=["read"], expires_at=utc_now() + timedelta(days=10)
        )
    async with changes.begin(TEST) as change:
        second = await rotate_key(change, name="cms", overlap=timedelta(hours=1))
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    former, current = await recognise(keys, first.secret), await recognise(keys, second.secret)
    assert former.principal == current.principal
    assert former.expires_at is not None
    assert former.expires_at - utc_now() < timedelta(hours=1)
    assert current.expires_at is not None
    lives = current.expires_at - current.created_at
    assert abs(lives - timedelta(days=10)) < timedelta(seconds=1)
    async with changes.begin(TEST) as change:
        with pytest.raises(ConflictError):
            await create_key(change, name="cms", scopes=["read"])

    async with changes.begin(TEST) as change:
        await revoke_key(change, name="cms")
        keys.drop(subject for each in change.recorded for subject in each.event.subjects)
    for secret in (first.secret, second.secret):
        with pytest.raises(UnauthenticatedError):
            await recognise(keys, secret)


async def test_a_key_is_rotated_while_it_has_its_name(pool: Pool) -> None:
    """Somebody else's key may have taken it since the key was looked up."""
    key, secret = await issue(pool, "cms", "read")
    changes, span = Changes(pool=pool), timedelta(hours=1)
    async with changes.begin(TEST) as change:
        await revoke_key(change, name="cms")
    await issue(pool, "cms", "admin")
    with pytest.raises(NotFoundError):
        async with changes.begin(TEST) as change:
            await rotate_key(change, name="cms", overlap=span, key_id=key.id)
    with pytest.raises(UnauthenticatedError):
        await recognise(keep_keys(pool), secret)


@pytest.mark.parametrize("name", ["cms", "nobody"])
async def test_what_cannot_be_rotated_stays_as_it_is(pool: Pool, name: str) -> None:
    _, secret = await issue(pool, "cms", "read")
    overlap = timedelta(seconds=-1 if name == "cms" else 1)
    with pytest.raises((InvalidInputError, NotFoundError)):
        async with Changes(pool=pool).begin(TEST) as change:
            await rotate_key(change, name=name, overlap=overlap)
    assert (await recognise(keep_keys(pool), secret)).expires_at is None


async def test_the_last_use_is_written_with_those_of_other_keys_and_never_put_back(
    pool: Pool,
) -> None:
    first, _ = await issue(pool, "first", "read")
    second, _ = await issue(pool, "second", "read")
    uses, now = KeyUses(), utc_now()
    uses.note(first.id, now - timedelta(seconds=1))
    uses.note(first.id, now)
    uses.note(second.id, now)
    await uses.write(pool)
    other = KeyUses()  # another process, which has met the key before
    other.note(first.id, now - timedelta(minutes=1))
    await other.write(pool)
    async with pool.acquire() as conn:
        assert {each.last_used_at for each in await list_keys(conn)} == {now}


async def test_a_use_that_could_not_be_written_is_written_later(
    pool: Pool, database_url: str
) -> None:
    key, _ = await issue(pool, "cms", "read")
    uses, now = KeyUses(), utc_now()
    uses.note(key.id, now)
    async with open_pool(database_url, application="test") as gone:
        pass
    with pytest.raises(DATABASE_FAILED):
        await uses.write(gone)
    await uses.write(pool)
    assert await pool.fetchval("SELECT last_used_at FROM api_key") == now


async def test_a_key_without_scopes_may_do_what_its_principal_may(pool: Pool) -> None:
    changes = Changes(pool=pool)
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    lamps = Narrowing(families=frozenset({"lamps"}))
    async with changes.begin(TEST) as change:
        await put_role(change, code="chief", name="Chief", actions=["rights.read"])
        eva = await create_person(change, name="Eva")
        await give_role(change, eva.id, "publisher", lamps)
        await give_role(change, eva.id, "chief")
        issued = await create_key(change, name="hers", scopes=[], principal=eva)
    first, second = (await recognise(keys, issued.secret)).assignments
    assert (first.role, first.where) == ("publisher", lamps)
    assert second.actions == {Action.RIGHTS_READ}

    async with changes.begin(TEST) as change:
        await put_role(change, code="chief", name="Chief", actions=["rights.change"])
        keys.drop(change.recorded[0].event.subjects)
    assert (await recognise(keys, issued.secret)).assignments[1].actions == {Action.RIGHTS_CHANGE}

    async with changes.begin(TEST) as change:
        await take_role(change, eva.id, "publisher")
        keys.drop(change.recorded[0].event.subjects)
    assert [each.role for each in (await recognise(keys, issued.secret)).assignments] == ["chief"]


@pytest.mark.parametrize("role", ["anonymous", "king", "admin", ""])
async def test_nobody_is_given_a_role_that_is_none(pool: Pool, role: str) -> None:
    async with Changes(pool=pool).begin(TEST) as change:
        with pytest.raises(UnknownNameError):
            await give_role(change, TEST.id, role)


async def test_a_role_of_ones_own_takes_no_place_of_another(pool: Pool) -> None:
    async with Changes(pool=pool).begin(TEST) as change:
        with pytest.raises(ConflictError):
            await put_role(change, code="reader", name="R", actions=[])
        with pytest.raises(InvalidInputError):
            await put_role(change, code="Chief", name="C", actions=[])
        with pytest.raises(InvalidInputError):
            await put_role(change, code="chief", name="C", actions=["everything"])
        with pytest.raises(NotFoundError):
            await take_role(change, TEST.id, "reader")
