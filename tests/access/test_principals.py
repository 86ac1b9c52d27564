"""Principals: people and services, and what ends with them."""

import uuid
from collections.abc import Awaitable, Callable

import pytest

from catalog.access import principals
from catalog.access.commands import create_key
from catalog.access.recognition import keep_keys, recognise
from catalog.changes import Change, Changes
from catalog.db import Pool
from catalog.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)
from catalog.principal import COMMAND_LINE
from tests.support.people import ADA, TEST
from vitrine.provision import ADMINISTRATOR, make_login_link


@pytest.fixture
def changes(pool: Pool) -> Changes:
    return Changes(pool=pool)


async def test_a_principal_that_ends_takes_its_keys_along(changes: Changes, pool: Pool) -> None:
    async with changes.begin(TEST) as change:
        eva = await principals.create_person(change, name="Eva", email="eva@shop.example")
        cms = await principals.create_service(change, name="cms")
        hers = await create_key(change, name="hers", scopes=["read"], principal=eva)
        other = await create_key(change, name="cms", scopes=["read"])
    keys = keep_keys(pool, monotonic_s=lambda: 0.0)
    assert (await recognise(keys, other.secret)).principal.id == cms.id
    await recognise(keys, hers.secret)

    async with changes.begin(ADA) as change:
        await principals.end_principal(change, eva.id)
        keys.drop(change.recorded[0].event.subjects)

    with pytest.raises(UnauthenticatedError):
        await recognise(keys, hers.secret)
    await recognise(keys, other.secret)
    async with pool.acquire() as conn:
        ended = (await principals.find(conn, [eva.id]))[eva.id]
        with pytest.raises(NotFoundError):
            await principals.find_named(conn, "eva@shop.example")
    assert ended.ended_at is not None


async def test_the_log_names_who_acts_and_never_by_a_name(changes: Changes, pool: Pool) -> None:
    async with changes.begin(ADA) as change:
        eva = await principals.create_person(change, name="Eva", email="eva@shop.example")
    row = await pool.fetchrow("SELECT * FROM event")
    assert row is not None
    assert (row["actor"], row["subject"]) == (ADA.id, f"principal/{eva.id}")
    assert "Eva" not in repr(dict(row))


async def test_services_have_names_and_people_addresses_of_their_own(changes: Changes) -> None:
    async with changes.begin(TEST) as change:
        await principals.create_person(change, name="Eva", email="eva@shop.example")
        await principals.create_person(change, name="Eva")
        await principals.create_service(change, name="cms")
    refused: tuple[Callable[[Change], Awaitable[object]], ...] = (
        lambda change: principals.create_person(change, name="E.", email="Eva@shop.example"),
        lambda change: principals.create_service(change, name="cms"),
        lambda change: create_key(change, name=COMMAND_LINE.name, scopes=["read"]),
    )
    for make in refused:
        with pytest.raises(ConflictError):
            async with changes.begin(TEST) as change:
                await make(change)
    with pytest.raises(ConflictError, match="several"):
        async with changes.begin(TEST) as change:
            await principals.find_named(change.conn, "Eva")


async def test_nobody_is_found_by_a_name_that_is_anothers_address_or_id(changes: Changes) -> None:
    async with changes.begin(TEST) as change:
        eva = await principals.create_person(change, name="Eva", email="eva@shop.example")
        for posed in ("eva@shop.example", f"{eva.id}", "gone@shop.example", f"{uuid.uuid4()}"):
            await principals.create_person(change, name=posed)
            if posed.startswith("eva") or posed == f"{eva.id}":
                assert await principals.find_named(change.conn, posed.upper()) == eva
                assert await principals.find_named(change.conn, posed) == eva
            else:
                with pytest.raises(NotFoundError):
                    await principals.find_named(change.conn, posed)


async def test_the_first_administrator_is_who_has_the_role_whoever_else_is_named_so(
    changes: Changes, pool: Pool
) -> None:
    async with changes.begin(TEST) as change:
        other = await principals.create_person(change, name=ADMINISTRATOR)
        await principals.create_service(change, name=ADMINISTRATOR)
    for _ in range(2):
        await make_login_link(changes)
    rows = await pool.fetch("SELECT principal FROM principal_role WHERE role = 'administrator'")
    assert len(rows) == 1
    assert rows[0]["principal"] != other.id


@pytest.mark.parametrize(
    "email", ["", "eva", "@shop.example", "eva@", "e va@shop.example", f"{'x' * 242}@shop.example"]
)
async def test_an_address_must_be_one(changes: Changes, email: str) -> None:
    with pytest.raises(InvalidInputError):
        async with changes.begin(TEST) as change:
            await principals.create_person(change, name="Eva", email=email)


async def test_neither_vitrine_itself_nor_nobody_can_be_ended(changes: Changes) -> None:
    async with changes.begin(TEST) as change:
        with pytest.raises(ConflictError):
            await principals.end_principal(change, COMMAND_LINE.id)
        with pytest.raises(NotFoundError):
            await principals.end_principal(change, uuid.uuid4())
