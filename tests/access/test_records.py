"""Roles, people and services as records: nobody puts more than they may."""

import pytest

from catalog.access.assignments import give_role
from catalog.access.records import (
    OwnRoleRecord,
    PersonRecord,
    ServiceRecord,
    put_own_roles,
    put_person_records,
    put_service_records,
)
from catalog.access.role_giving import RoleRecord, put_roles
from catalog.access.role_store import own_roles
from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.db import Pool
from catalog.principal import COMMAND_LINE, Principal
from tests.support.people import ADA, LAWYER, TEST


def counts(result: BatchResult) -> tuple[int, int, int, list[str]]:
    refused = [each.code for each in result.rejections]
    return result.created, result.updated, result.unchanged, refused


async def test_an_operator_puts_roles_people_and_services(pool: Pool) -> None:
    changes = Changes(pool=pool)
    role = OwnRoleRecord(code="chief", name="Chief", actions=("rights.read",))
    async with changes.begin(COMMAND_LINE) as change:
        put = await put_own_roles(
            change,
            [
                role,
                OwnRoleRecord(code="chief", name="Chief of rights"),
                OwnRoleRecord(code="chief", actions=("rights.read",)),
                OwnRoleRecord(code="new"),
                OwnRoleRecord(code="reader", name="x", actions=()),
            ],
        )
        assert counts(put) == (1, 1, 1, ["INVALID_INPUT", "CONFLICT"])
        assert (await own_roles(change.conn))["chief"].name == "Chief of rights"
        eva = PersonRecord(email="eva@shop.example", name="Eva")
        people = [eva, PersonRecord(email="EVA@shop.example"), PersonRecord(email="x", name="X")]
        assert counts(await put_person_records(change, people)) == (1, 1, 0, ["INVALID_INPUT"])
        services = [ServiceRecord(name="pim"), ServiceRecord(name="pim")]
        assert counts(await put_service_records(change, services)) == (1, 0, 1, [])


@pytest.mark.parametrize(
    ("who", "refused"), [(ADA, ["EXCEEDS_OWN_RIGHTS"]), (LAWYER, ["FORBIDDEN"]), (TEST, [])]
)
async def test_whoever_imports_puts_no_more_than_they_may(
    pool: Pool, who: Principal, refused: list[str]
) -> None:
    changes = Changes(pool=pool)
    hands = RoleRecord(code="hands", name="Hands", actions=frozenset({"people.manage"}))
    async with changes.begin(COMMAND_LINE) as change:
        await put_roles(change, [hands])
        await give_role(change, ADA.id, "hands")
        await give_role(change, LAWYER.id, "rights_manager")
        await give_role(change, TEST.id, "administrator")
    record = OwnRoleRecord(code="hands", actions=("people.manage", "rights.change"))
    async with changes.begin(who) as change:
        assert counts(await put_own_roles(change, [record]))[3] == refused
