"""Sessions and links: opaque, stored as hashes, ended everywhere at once."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from catalog.access import sessions
from catalog.access.principals import create_person, create_service, end_principal
from catalog.access.session_model import IssuedSession, Login, SessionTimes, session_subject
from catalog.access.sessions import (
    KeptSessions,
    LinkOverError,
    SessionOverError,
    begin_session,
    create_login_link,
    end_session,
    end_sessions_of,
    keep_sessions,
    list_sessions,
    name_of_link,
    recognise_session,
    take_login_link,
)
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import NotFoundError
from catalog.principal import API, Principal

TIMES = SessionTimes(lasts=timedelta(hours=12), idle=timedelta(hours=1))


@pytest.fixture
def changes(pool: Pool) -> Changes:
    return Changes(pool=pool)


@pytest.fixture
async def ada(changes: Changes) -> Principal:
    async with changes.begin(API) as change:
        return await create_person(change, name="Ada")


async def begin(changes: Changes, person: Principal, former: str | None = None) -> IssuedSession:
    async with changes.begin(API) as change:
        return await begin_session(change, person.id, login=Login.LINK, times=TIMES, former=former)


def forgetful(pool: Pool) -> KeptSessions:
    """A memory in which everything is too old at once."""
    times = iter(range(1_000_000))
    return keep_sessions(pool, TIMES, monotonic_s=lambda: 2.0 * next(times))


async def is_over(pool: Pool, secret: str) -> bool:
    try:
        await recognise_session(forgetful(pool), secret)
    except SessionOverError:
        return True
    return False


async def test_a_secret_is_stored_only_as_its_sha256(
    pool: Pool, changes: Changes, ada: Principal
) -> None:
    issued = await begin(changes, ada)
    row = await pool.fetchrow("SELECT * FROM session")
    logged = await pool.fetchval("SELECT string_agg(data::text || subject, ' ') FROM event")
    assert row is not None
    assert len(issued.secret) >= 43
    assert row["hash"] == hashlib.sha256(issued.secret.encode()).digest()
    assert issued.secret not in f"{dict(row)} {logged} {issued}"


async def test_a_login_ends_what_the_browser_had_before(
    pool: Pool, changes: Changes, ada: Principal
) -> None:
    former = await begin(changes, ada)
    issued = await begin(changes, ada, former.secret)
    assert issued.secret != former.secret
    assert await is_over(pool, former.secret)
    assert (await recognise_session(forgetful(pool), issued.secret)).principal.name == "Ada"


async def test_what_a_browser_brings_along_is_not_adopted(
    pool: Pool, changes: Changes, ada: Principal
) -> None:
    issued = await begin(changes, ada, "planted")
    assert issued.secret != "planted"
    assert await is_over(pool, "planted")


@pytest.mark.parametrize("column", ["used_at", "ends_at"])
async def test_a_session_ends_by_time_alone(
    pool: Pool, changes: Changes, ada: Principal, column: str
) -> None:
    issued = await begin(changes, ada)
    await pool.execute(f"UPDATE session SET {column} = {column} - interval '12 hours'")  # noqa: S608 - one of two
    assert await is_over(pool, issued.secret)
    async with pool.acquire() as conn:
        assert await list_sessions(conn, ada.id, TIMES) == []


async def test_use_is_noted_to_the_minute(pool: Pool, changes: Changes, ada: Principal) -> None:
    issued = await begin(changes, ada)
    await pool.execute("UPDATE session SET used_at = used_at - interval '50 minutes'")
    before = await pool.fetchval("SELECT used_at FROM session")
    assert not await is_over(pool, issued.secret)
    noted = await pool.fetchval("SELECT used_at FROM session")
    assert noted - before > timedelta(minutes=49)
    assert not await is_over(pool, issued.secret)
    assert await pool.fetchval("SELECT used_at FROM session") == noted


async def test_a_person_is_logged_out_everywhere_and_others_are_not(
    pool: Pool, changes: Changes, ada: Principal
) -> None:
    async with changes.begin(API) as change:
        bob = await create_person(change, name="Bob")
        link = await create_login_link(change, ada.id)
    own = [await begin(changes, ada), await begin(changes, ada)]
    other = await begin(changes, bob)
    memory = keep_sessions(pool, TIMES, monotonic_s=lambda: 0.0)
    for each in (*own, other):
        await recognise_session(memory, each.secret)

    async with changes.begin(ada) as change:
        assert await end_sessions_of(change, ada.id) == 2
        touched = [subject for each in change.recorded for subject in each.event.subjects]
    assert {*touched} == {session_subject(each.id) for each in own}
    memory.drop(touched)
    for each in own:
        with pytest.raises(SessionOverError):
            await recognise_session(memory, each.secret)
    assert (await recognise_session(memory, other.secret)).principal.id == bob.id
    async with pool.acquire() as conn:
        with pytest.raises(LinkOverError):
            await name_of_link(conn, link)


async def test_whoever_has_ended_has_no_session_and_gets_none(
    pool: Pool, changes: Changes, ada: Principal
) -> None:
    issued = await begin(changes, ada)
    async with changes.begin(API) as change:
        await end_principal(change, ada.id)
    assert await is_over(pool, issued.secret)
    with pytest.raises(NotFoundError):
        await begin(changes, ada)
    async with changes.begin(API) as change:
        with pytest.raises(NotFoundError):
            await create_login_link(change, ada.id)


async def test_a_service_cannot_log_in(changes: Changes) -> None:
    async with changes.begin(API) as change:
        robot = await create_service(change, name="robot")
    with pytest.raises(NotFoundError):
        await begin(changes, robot)


async def test_the_oldest_session_ends_when_there_are_too_many(
    pool: Pool, changes: Changes, ada: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 2)
    issued = [await begin(changes, ada) for _ in range(3)]
    assert [await is_over(pool, each.secret) for each in issued] == [True, False, False]


async def test_logging_out_ends_one_session(pool: Pool, changes: Changes, ada: Principal) -> None:
    first, second = await begin(changes, ada), await begin(changes, ada)
    async with changes.begin(ada) as change:
        await end_session(change, first.secret)
        await end_session(change, "unknown")
    assert await is_over(pool, first.secret)
    assert not await is_over(pool, second.secret)


async def test_a_link_works_once_whoever_comes_first(
    pool: Pool, changes: Changes, ada: Principal
) -> None:
    async with changes.begin(API) as change:
        secret = await create_login_link(change, ada.id)
    assert (
        await pool.fetchval("SELECT hash FROM login_link")
        == hashlib.sha256(secret.encode()).digest()
    )
    async with pool.acquire() as conn:
        assert await name_of_link(conn, secret) == "Ada"

    async def take() -> bool:
        try:
            async with changes.begin(API) as change:
                return await take_login_link(change, secret) == ada.id
        except LinkOverError:
            return False

    assert sum(await asyncio.gather(*(take() for _ in range(4)))) == 1


async def test_a_link_is_over_after_its_time(pool: Pool, changes: Changes, ada: Principal) -> None:
    async with changes.begin(API) as change:
        secret = await create_login_link(change, ada.id)
    left = await pool.fetchval("SELECT ends_at - clock_timestamp() FROM login_link")
    assert timedelta(minutes=14) < left <= timedelta(minutes=sessions.LINK_MINUTES)
    await pool.execute("UPDATE login_link SET ends_at = clock_timestamp()")
    async with changes.begin(API) as change:
        with pytest.raises(LinkOverError):
            await take_login_link(change, secret)
