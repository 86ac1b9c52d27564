"""The SQL by which principals are looked through: who they are, and who may do something."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.access.role_store import ROW_NOT_NARROWED
from catalog.access.roles import NARROWABLE, ROLES, SCOPES, Action
from catalog.access.rules import DIMENSIONS
from catalog.db import Connection
from catalog.principal import Kind, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What is looked for: an action, somewhere that has these codes.

    Attributes:
        action: that some role, or some scope of a key, allows.
        codes: by dimension, such as `markets`; of one that is left out any will do.
    """

    action: Action
    codes: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalFilter:
    """Which principals; all that is given holds together.

    Attributes:
        search: a part of the name, in any case.
        with_email: whether a part of the address will do as well.
        role: that they have somewhere.
        after: the name and the id of the one before.
    """

    kind: Kind | None = None
    is_in_use: bool | None = None
    search: str | None = None
    with_email: bool = False
    role: str | None = None
    ability: Ability | None = None
    after: tuple[str, uuid.UUID] | None = None


_SOMEWHERE = " AND ".join(f"r.{each} <> '{{}}'" for each in DIMENSIONS)
_WITHIN = """
NOT EXISTS (
    SELECT FROM unnest($9::text[], $10::text[]) AS wanted(dimension, code)
    WHERE NOT CASE wanted.dimension
        WHEN 'markets' THEN r.markets WHEN 'channels' THEN r.channels
        WHEN 'locales' THEN r.locales WHEN 'families' THEN r.families
        WHEN 'categories' THEN r.categories ELSE r.fields END && CASE wanted.dimension
        WHEN 'categories' THEN '*'::text || categories_above(ARRAY[wanted.code])
        ELSE ARRAY['*', wanted.code] END
)
"""
LOOK_THROUGH_SQL = f"""
SELECT p.id, p.kind, p.name, p.email, p.created_at, p.ended_at, p.last_login_at
FROM principal AS p
WHERE ($1::text IS NULL OR p.kind = $1)
  AND ($2::boolean IS NULL OR (p.ended_at IS NULL) = $2)
  AND ($3::text IS NULL OR strpos(lower(p.name), lower($3)) > 0
       OR $4 AND strpos(lower(p.email), lower($3)) > 0)
  AND ($5::text IS NULL OR EXISTS (
      SELECT FROM principal_role AS r
      WHERE r.principal = p.id AND r.ended_at IS NULL AND r.role = $5))
  AND ($6::text[] IS NULL OR p.ended_at IS NULL AND (EXISTS (
      SELECT FROM principal_role AS r
      WHERE r.principal = p.id AND r.ended_at IS NULL
        AND (r.role = ANY ($6) OR r.role IN (SELECT code FROM role WHERE $7 = ANY (actions)))
        AND CASE WHEN $11 THEN {_SOMEWHERE} AND {_WITHIN} ELSE {ROW_NOT_NARROWED} END
  ) OR EXISTS (
      SELECT FROM api_key AS k
      WHERE k.principal_id = p.id AND k.revoked_at IS NULL AND k.scopes && $8
        AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
  )))
  AND ($12::text IS NULL OR (lower(p.name), p.id) > (lower($12), $13))
ORDER BY lower(p.name), p.id LIMIT $14
"""  # noqa: S608 - ours


async def look_through(conn: Connection, wanted: PrincipalFilter, *, size: int) -> list[Principal]:
    """Return principals by name, at most so many."""
    ability = wanted.ability
    codes = {} if ability is None else ability.codes
    name, last = wanted.after or (None, None)
    rows = await conn.fetch(
        LOOK_THROUGH_SQL,
        wanted.kind,
        wanted.is_in_use,
        wanted.search,
        wanted.with_email,
        wanted.role,
        None if ability is None else [c for c, r in ROLES.items() if ability.action in r.actions],
        None if ability is None else ability.action.value,
        None if ability is None else [c for c, r in SCOPES.items() if ability.action in r.actions],
        [each for each in DIMENSIONS if each in codes],
        [codes[each] for each in DIMENSIONS if each in codes],
        ability is not None and ability.action in NARROWABLE,
        name,
        last,
        size,
    )
    return [Principal(**row) for row in rows]


FIND_WHOLE_SQL = """
SELECT id, kind, name, email, created_at, ended_at, last_login_at FROM principal WHERE id = ANY ($1)
"""


async def find_whole(conn: Connection, ids: Sequence[uuid.UUID]) -> list[Principal]:
    """Return principals by their ids, with when they logged in last."""
    return [Principal(**row) for row in await conn.fetch(FIND_WHOLE_SQL, list(ids))]


KEPT_ELSEWHERE_SQL = """
SELECT id, document -> 'active' IS DISTINCT FROM 'false'::jsonb AS is_active
FROM scim_resource WHERE type = 'User' AND id = $1
"""


async def provider_says_active(conn: Connection, principal: uuid.UUID) -> bool | None:
    """Return whether an identity provider has a person in use; None: it does not keep them."""
    row = await conn.fetchrow(KEPT_ELSEWHERE_SQL, principal)
    return None if row is None else row["is_active"]
