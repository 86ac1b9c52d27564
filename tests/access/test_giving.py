"""Nobody gives more than they have, and somebody always manages people."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from catalog.access import people, people_store, principals, role_giving
from catalog.access import store as key_store
from catalog.access.assignments import give_role, roles_of
from catalog.access.commands import create_key, revoke_key
from catalog.access.giving import Giver
from catalog.access.key_managing import KeyDraft, create_own_key, end_keys, rotate_own_key
from catalog.access.people_store import Ability, PrincipalFilter
from catalog.access.roles import ROLES, Action
from catalog.access.rules import DIMENSIONS, NOT_NARROWED, Assignment, Narrowing, covers
from catalog.access.session_model import Login, SessionTimes
from catalog.access.sessions import begin_session
from catalog.audit.model import Origin
from catalog.changes import Changes
from catalog.db import Pool
from catalog.errors import ConflictError, ForbiddenError, NotFoundError, VitrineError
from catalog.principal import COMMAND_LINE, Principal
from tests.support.people import ADA, LAWYER, TEST


@pytest.fixture
def changes(pool: Pool) -> Changes:
    return Changes(pool=pool)


def role(code: str, where: Mapping[str, set[str]] | None = None) -> Assignment:
    narrowing = Narrowing(**{name: frozenset(codes) for name, codes in (where or {}).items()})
    return Assignment(role=code, actions=ROLES[code].actions, where=narrowing)


SPAN = timedelta(hours=1)
ADMINISTRATOR = [role("administrator")]
#: Manages people, and publishes on one channel.
LEAD = [
    Assignment(role="lead", actions=frozenset({Action.PEOPLE_MANAGE, Action.KEYS_MANAGE})),
    role("publisher", {"channels": {"d2c"}}),
]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_role_is_covered_by_what_is_at_least_as_wide(dimension: str) -> None:
    wide, narrow = role("publisher", {dimension: {"a", "b"}}), role("publisher", {dimension: {"a"}})
    other = role("publisher", {dimension: {"c"}})
    for mine, given, is_covered in (
        ([role("publisher")], wide, True),
        ([wide], narrow, True),
        ([narrow], wide, False),
        ([wide], role("publisher"), False),
        ([wide], other, False),
        ([narrow, other], role("publisher", {dimension: {"a", "c"}}), False),
        ([], narrow, False),
    ):
        assert covers(mine, given) == is_covered


def test_what_several_roles_allow_covers_what_one_does() -> None:
    halves = [
        Assignment(role="a", actions=frozenset({Action.RIGHTS_READ})),
        Assignment(role="b", actions=frozenset({Action.RIGHTS_CHANGE})),
    ]
    whole = Assignment(role="c", actions=frozenset({Action.RIGHTS_READ, Action.RIGHTS_CHANGE}))
    assert covers(halves, whole)
    assert not covers(halves[:1], whole)


async def test_a_role_is_given_by_whoever_may_do_all_of_it_there(changes: Changes) -> None:
    d2c = Narrowing(channels=frozenset({"d2c"}))
    async with changes.begin(TEST) as change:
        await role_giving.give_own_role(change, ADA.id, "publisher", d2c, giver=LEAD)
        for code, where in (("publisher", NOT_NARROWED), ("rights_manager", d2c)):
            with pytest.raises(ForbiddenError, match="more than you may"):
                await role_giving.give_own_role(change, ADA.id, code, where, giver=LEAD)
        with pytest.raises(ConflictError):
            await role_giving.give_own_role(change, COMMAND_LINE.id, "reader", d2c, giver=None)
        with pytest.raises(NotFoundError):
            await role_giving.give_own_role(change, uuid.uuid4(), "reader", d2c, giver=None)
        assert [each.role for each in await roles_of(change.conn, ADA.id)] == ["publisher"]


async def test_own_roles_give_nothing_that_the_giver_does_not_have(changes: Changes) -> None:
    def record(*actions: Action) -> role_giving.RoleRecord:
        return role_giving.RoleRecord(code="hands", name="Hands", actions=frozenset(actions))

    async with changes.begin(TEST) as change:
        wide = record(Action.PEOPLE_MANAGE, Action.RIGHTS_CHANGE)
        (raised,) = await role_giving.put_roles(change, [wide], giver=LEAD)
        (made,) = await role_giving.put_roles(change, [wide], giver=ADMINISTRATOR)
        (lowered,) = await role_giving.put_roles(change, [record()], giver=LEAD)
    assert raised.error is not None
    assert raised.error.code == "EXCEEDS_OWN_RIGHTS"
    assert made.role is not None
    assert lowered.error is not None  # it is somebody's who may do more


async def make(changes: Changes, name: str, code: str | None = None) -> Principal:
    async with changes.begin(TEST) as change:
        made = await principals.create_person(change, name=name, email=f"{name}@shop.example")
        if code is not None:
            await give_role(change, made.id, code)
    return made


async def test_whoever_may_do_more_is_not_changed(changes: Changes) -> None:
    chief = await make(changes, "chief", "rights_manager")
    reader = await make(changes, "reader", "publisher")
    record = people.PrincipalRecord(id=chief.id, email="mine@evil.example")
    async with changes.begin(TEST) as change:
        results = [
            *await people.put_people(change, [record], giver=LEAD),
            *await people.end_principals(change, [chief.id, reader.id], giver=LEAD),
        ]
        with pytest.raises(ForbiddenError):
            await role_giving.take_role_back(change, chief.id, "rights_manager", giver=LEAD)
        await people.end_principals(change, [chief.id], giver=ADMINISTRATOR)
        results += await people.resume_principals(change, [chief.id], giver=LEAD)
    assert [each.error and each.error.code for each in results] == ["EXCEEDS_OWN_RIGHTS"] * 4
    assert results[-1].principal is None


async def test_keys_may_do_no_more_than_whoever_makes_them(changes: Changes, pool: Pool) -> None:
    async with changes.begin(TEST) as change:
        admin = await create_key(change, name="admin", scopes=["admin"])
    for draft in (
        KeyDraft(name="mine", scopes=["manage.rights"]),
        KeyDraft(name="theirs", principal=(await make(changes, "x", "administrator")).id),
    ):
        with pytest.raises(ForbiddenError):
            async with changes.begin(ADA) as change:
                await create_own_key(change, draft, giver=LEAD)
    with pytest.raises(ForbiddenError):
        async with changes.begin(ADA) as change:
            await rotate_own_key(
                change,
                admin.key.id,
                overlap=SPAN,
                may_change=lambda _: True,
                giver=LEAD,
            )
    assert await pool.fetchval("SELECT count(*) FROM api_key WHERE replaced_at IS NULL") == 1


async def test_a_key_without_scopes_for_somebody_else_takes_an_administrator(
    changes: Changes,
) -> None:
    later_chief = await make(changes, "bob")
    theirs = KeyDraft(name="theirs", principal=later_chief.id)

    async def rotate(key: uuid.UUID, by: Principal) -> None:
        async with changes.begin(by) as change:
            await rotate_own_key(change, key, overlap=SPAN, may_change=lambda _: True, giver=LEAD)

    with pytest.raises(ForbiddenError, match="given later"):
        async with changes.begin(ADA) as change:
            await create_own_key(change, theirs, giver=LEAD)
    async with changes.begin(ADA) as change:
        made = await create_own_key(change, theirs, giver=ADMINISTRATOR)
        mine = await create_own_key(change, KeyDraft(name="mine", principal=ADA.id), giver=LEAD)
    with pytest.raises(ForbiddenError, match="given later"):
        await rotate(made.key.id, by=ADA)
    await rotate(made.key.id, by=later_chief)
    await rotate(mine.key.id, by=ADA)


async def test_an_address_of_somebody_else_takes_an_administrator(changes: Changes) -> None:
    later_chief = await make(changes, "bob")

    async def put(giver: Giver, by: Principal = TEST, **what: str) -> str | None:
        record = people.PrincipalRecord(id=later_chief.id, **what)
        async with changes.begin(by) as change:
            (result,) = await people.put_people(change, [record], giver=giver)
        return result.error and result.error.code

    assert await put(LEAD, email="mine@evil.example") == "EXCEEDS_OWN_RIGHTS"
    assert await put(LEAD, name="Robert") is None
    assert await put(LEAD, by=later_chief, email="robert@shop.example") is None
    assert await put(ADMINISTRATOR, email="bob@shop.example") is None


async def test_what_somebody_may_do_by_keys_counts_as_well(changes: Changes) -> None:
    owner = await make(changes, "owner")
    async with changes.begin(TEST) as change:
        admin = (await create_key(change, name="root", scopes=["admin"])).key
        await create_key(change, name="hers", scopes=["admin"], owner=owner)
        site = (await create_key(change, name="site", scopes=["read"])).key
        await create_key(change, name="over", scopes=["admin"], principal=site.principal)
        await revoke_key(change, name="over")
        ids = [admin.principal.id, owner.id, site.principal.id]
        reader = Assignment(role="r", actions=ROLES["reader"].actions)
        results = await people.end_principals(change, ids, giver=[*LEAD, reader])
    refused = [each.error and each.error.code for each in results]
    assert refused == ["EXCEEDS_OWN_RIGHTS", "EXCEEDS_OWN_RIGHTS", None]


async def test_a_key_of_somebody_else_that_may_do_more_is_not_ended(changes: Changes) -> None:
    async with changes.begin(TEST) as change:
        wide = (await create_key(change, name="wide", scopes=["admin"])).key
        own = (await create_key(change, name="own", scopes=["admin"], owner=ADA)).key
        narrow = (await create_key(change, name="narrow", scopes=[], principal=LAWYER)).key
    async with changes.begin(ADA) as change:
        results = await end_keys(
            change,
            [wide.id, own.id, narrow.id],
            may_change=lambda _: True,
            giver=LEAD,
        )
    assert [each.error and each.error.code for each in results] == [
        "EXCEEDS_OWN_RIGHTS",
        None,
        None,
    ]
    assert [each.key and each.key.revoked_at is not None for each in results] == [None, True, True]


async def test_the_last_administrator_stays(changes: Changes, pool: Pool) -> None:
    one, other = [await make(changes, name, "administrator") for name in ("one", "other")]

    async def end(each: Principal) -> Sequence[people.PrincipalResult]:
        async with changes.begin(TEST) as change:
            return await people.end_principals(change, [each.id], giver=ADMINISTRATOR)

    async def take(each: Principal) -> str | None:
        try:
            async with changes.begin(TEST) as change:
                await role_giving.take_role_back(
                    change, each.id, "administrator", giver=ADMINISTRATOR
                )
        except VitrineError as error:
            return error.code
        return None

    (ended,), taken = await asyncio.gather(end(one), take(other))
    refused = [ended.error and ended.error.code, taken]
    assert sorted(map(str, refused)) == ["LAST_ADMINISTRATOR", "None"]
    left = one if ended.error else other
    (again,) = await end(left)
    assert again.error is not None
    assert again.error.code == "LAST_ADMINISTRATOR"
    assert await take(left) == "LAST_ADMINISTRATOR"
    assert await pool.fetchval("SELECT ended_at FROM principal WHERE id = $1", left.id) is None


async def test_people_are_put_by_their_address_and_kept_by_what_is_left_out(
    changes: Changes,
) -> None:
    async def put(*records: people.PrincipalRecord) -> list[Any]:
        async with changes.begin(TEST) as change:
            found = await people.put_people(change, records)
        return [each.error.code if each.error else each.principal for each in found]

    record = people.PrincipalRecord
    eva, bad, nameless = await put(
        record(name="Eva", email="eva@shop.example"),
        record(name="Ben", email="no address"),
        record(email="new@shop.example"),
    )
    assert (bad, nameless) == ("INVALID_INPUT", "INVALID_INPUT")
    (renamed,) = await put(record(name="Eva L.", email="EVA@shop.example"))
    assert (renamed.id, renamed.name) == (eva.id, "Eva L.")
    (kept,) = await put(record(id=eva.id, name="Eva"))
    assert (kept.name, kept.email) == ("Eva", "EVA@shop.example")
    (cleared,) = await put(record(id=eva.id, email=""))
    assert (cleared.name, cleared.email) == ("Eva", None)
    await put(record(name="Ben", email="ben@shop.example"))
    taken, absent = await put(
        record(id=eva.id, email="Ben@shop.example"), record(id=uuid.uuid4(), name="x")
    )
    assert (taken, absent) == ("CONFLICT", "NOT_FOUND")


async def test_whom_a_provider_keeps_is_changed_there(changes: Changes, pool: Pool) -> None:
    eva = await make(changes, "eva")
    insert = "INSERT INTO scim_resource (id, type, document) VALUES ($1, 'User', $2)"
    await pool.execute(insert, eva.id, {"active": False})
    async with changes.begin(TEST) as change:
        (put,) = await people.put_people(change, [people.PrincipalRecord(id=eva.id, name="E")])
        await people.end_principals(change, [eva.id])
        (resumed,) = await people.resume_principals(change, [eva.id])
    for each in (put, resumed):
        assert each.error is not None
        assert "identity provider" in each.error.message


async def test_who_is_resumed_has_their_roles_and_none_of_their_keys(changes: Changes) -> None:
    eva = await make(changes, "eva", "editor")
    async with changes.begin(TEST) as change:
        await create_key(change, name="hers", scopes=[], principal=eva)
        await people.end_principals(change, [eva.id])
        (resumed,) = await people.resume_principals(change, [eva.id])
        assert resumed.principal is not None
        assert resumed.principal.ended_at is None
        assert [each.role for each in await roles_of(change.conn, eva.id)] == ["editor"]
        assert await key_store.keys_of(change.conn, [eva.id]) == []


async def test_who_may_do_something_is_found_by_roles_own_roles_and_scopes(
    changes: Changes, pool: Pool
) -> None:
    managed = [await make(changes, name, "rights_manager") for name in ("anna", "bert")]
    narrow = await make(changes, "carl")
    async with changes.begin(TEST) as change:
        hands = role_giving.RoleRecord(
            code="hands", name="Hands", actions=frozenset({"rights.change", "products.publish"})
        )
        await role_giving.put_roles(change, [hands])
        await give_role(change, LAWYER.id, "hands")
        await give_role(change, narrow.id, "hands", Narrowing(markets=frozenset({"DE"})))
        await create_key(change, name="dam", scopes=["manage.rights"])
        await create_key(change, name="site", scopes=["read"])
        await people.end_principals(change, [managed[1].id])

    async def who(action: Action, **codes: str) -> list[str]:
        ability = Ability(action=action, codes=codes)
        async with pool.acquire() as conn:
            found = await people_store.look_through(conn, PrincipalFilter(ability=ability), size=99)
        return [each.name for each in found]

    # rights hold everywhere, so a role that is narrowed changes none
    assert await who(Action.RIGHTS_CHANGE) == ["anna", "dam", "Lawyer"]
    assert await who(Action.PRODUCTS_PUBLISH) == ["carl", "Lawyer"]
    assert await who(Action.PRODUCTS_PUBLISH, markets="DE", channels="d2c") == ["carl", "Lawyer"]
    assert await who(Action.PRODUCTS_PUBLISH, markets="FR") == ["Lawyer"]


async def test_a_login_is_noted_with_its_address(changes: Changes, pool: Pool) -> None:
    eva = await make(changes, "eva")
    times = SessionTimes(lasts=SPAN, idle=SPAN)
    async with changes.begin(TEST, Origin(address="192.0.2.7")) as change:
        await begin_session(change, eva.id, login=Login.LINK, times=times)
    assert await pool.fetchval("SELECT address FROM session") == "192.0.2.7"
    async with pool.acquire() as conn:
        (whole,) = await people_store.find_whole(conn, [eva.id])
    assert whole.last_login_at is not None
