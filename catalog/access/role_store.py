"""The SQL of roles: those of a house's own, and who has which where."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from catalog.access.roles import ROLES, Action
from catalog.access.rules import DIMENSIONS, NOT_NARROWED, Assignment, Narrowing
from catalog.db import Connection, Record
from catalog.ids import new_id

_ACTIONS = {each.value: each for each in Action}


class OwnRole(NamedTuple):
    """A role of a house's own."""

    code: str
    name: str
    actions: frozenset[Action]


class GivenRole(NamedTuple):
    """A role as somebody has it, by whom it was given, and when."""

    assignment: Assignment
    given_by: uuid.UUID
    given_at: datetime


FIND_GIVEN_SQL = """
SELECT r.principal, r.role, o.actions, r.markets, r.channels, r.locales, r.families, r.categories,
       r.fields, r.given_by, r.given_at
FROM principal_role AS r LEFT JOIN role AS o ON o.code = r.role
WHERE r.principal = ANY ($1) AND r.ended_at IS NULL ORDER BY r.given_at, r.id
"""


async def find_given(
    conn: Connection, principals: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[GivenRole, ...]]:
    """Return the roles of principals, each by its id; whoever has none is left out."""
    found: dict[uuid.UUID, tuple[GivenRole, ...]] = {}
    for row in await conn.fetch(FIND_GIVEN_SQL, list(principals)):
        given = GivenRole(_assignment(row), row["given_by"], row["given_at"])
        found[row["principal"]] = (*found.get(row["principal"], ()), given)
    return found


async def find_assignments(
    conn: Connection, principals: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[Assignment, ...]]:
    """Return the same, without who gave them."""
    found = await find_given(conn, principals)
    return {each: tuple(one.assignment for one in roles) for each, roles in found.items()}


def _assignment(row: Record) -> Assignment:
    code: str = row["role"]
    actions = ROLES[code].actions if code in ROLES else _known(row["actions"] or ())
    where = Narrowing(**{name: frozenset(row[name]) for name in DIMENSIONS})
    # the one that is not narrowed is asked nothing further (`rules.may`)
    where = NOT_NARROWED if where == NOT_NARROWED else where
    return Assignment(role=code, actions=actions, where=where)


def _known(actions: Sequence[str]) -> frozenset[Action]:
    """Leave out actions that this version does not know: they are allowed to nobody."""
    return frozenset(_ACTIONS[each] for each in actions if each in _ACTIONS)


GIVE_SQL = """
INSERT INTO principal_role (id, principal, role, given_by, markets, channels, locales, families,
                            categories, fields)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id
"""


async def give(
    conn: Connection, principal: uuid.UUID, role: str, where: Narrowing, *, by: uuid.UUID
) -> bool:
    """Give a role; False: they have it there already."""
    codes = [sorted(getattr(where, name)) for name in DIMENSIONS]
    return await conn.fetchval(GIVE_SQL, new_id(), principal, role, by, *codes) is not None


TAKE_ROLE_SQL = """
UPDATE principal_role SET ended_at = clock_timestamp(), ended_by = $3
WHERE principal = $1 AND role = $2 AND ended_at IS NULL RETURNING id
"""


async def take(conn: Connection, principal: uuid.UUID, role: str, *, by: uuid.UUID) -> bool:
    """Take a role away wherever it was had; False: they had not got it."""
    return bool(await conn.fetch(TAKE_ROLE_SQL, principal, role, by))


#: Of a row `r` of `principal_role`.
ROW_NOT_NARROWED = " AND ".join(f"r.{each} = '{{*}}'" for each in DIMENSIONS)
ADMINISTRATORS_SQL = f"""
SELECT p.id FROM principal AS p JOIN principal_role AS r ON r.principal = p.id
WHERE p.ended_at IS NULL AND p.kind = 'person' AND r.ended_at IS NULL AND r.role = 'administrator'
  AND {ROW_NOT_NARROWED}
ORDER BY p.id, r.id FOR UPDATE OF p, r
"""  # noqa: S608 - ours


async def lock_administrators(conn: Connection) -> set[uuid.UUID]:
    """Return the people who may do everything, and let nobody else end one meanwhile."""
    return {row["id"] for row in await conn.fetch(ADMINISTRATORS_SQL)}


LIST_ROLES_SQL = "SELECT code, name, actions FROM role ORDER BY code"


async def own_roles(conn: Connection) -> dict[str, OwnRole]:
    """Return the roles of the house's own by code."""
    return {
        row["code"]: OwnRole(row["code"], row["name"], _known(row["actions"]))
        for row in await conn.fetch(LIST_ROLES_SQL)
    }


PUT_ROLE_SQL = """
INSERT INTO role AS known (code, name, actions) VALUES ($1, $2, $3)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, actions = EXCLUDED.actions,
    revision = known.revision + 1
WHERE (known.name, known.actions) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.actions)
RETURNING revision
"""


async def put_role(conn: Connection, role: OwnRole) -> int | None:
    """Add a role or change it, and return its revision; None: it is so already."""
    return await conn.fetchval(PUT_ROLE_SQL, role.code, role.name, sorted(role.actions))
