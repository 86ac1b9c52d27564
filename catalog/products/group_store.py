"""The SQL of groups of attributes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.db import Connection
from catalog.products.model import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeGroup:
    """How people call a group of attributes, and its place among the others."""

    code: str
    label: Label = field(default_factory=dict[str, str])
    position: int = 0


GROUPS_SQL = "SELECT code, label, position FROM attribute_group"


async def find_groups(conn: Connection) -> dict[str, AttributeGroup]:
    """Return all groups by code; there are a few dozen."""
    return {row["code"]: AttributeGroup(**row) for row in await conn.fetch(GROUPS_SQL)}


PUT_GROUPS_SQL = """
INSERT INTO attribute_group (code, label, position)
SELECT code, label, position
FROM jsonb_to_recordset($1) AS r(code text, label jsonb, position integer)
ON CONFLICT (code) DO UPDATE SET label = EXCLUDED.label, position = EXCLUDED.position
"""


async def put_groups(conn: Connection, groups: Sequence[AttributeGroup]) -> None:
    """Add or replace groups."""
    await conn.execute(PUT_GROUPS_SQL, list(groups))
