"""Collections with their terms and how much is in them, for those who manage rights."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection as it is now.

    Attributes:
        grants, restrictions: its own, as `live_asset` writes those of an asset.
        asset_count: how many assets are in it.
    """

    id: uuid.UUID
    code: str
    name: str
    grants: Sequence[Mapping[str, Any]]
    restrictions: Sequence[Mapping[str, Any]]
    asset_count: int


LIST_COLLECTIONS_SQL = """
SELECT c.id, c.code, c.name,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'include', include, 'exclude', exclude, 'channels', channels, 'usages', usages,
                   'from', valid_from, 'until', valid_until, 'licence', d.public_id
               ) ORDER BY valid_from, g.id), '[]')
        FROM rights_grant AS g LEFT JOIN licence AS d ON d.id = g.document
        WHERE g.collection = c.id AND g.ended_at IS NULL) AS grants,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'include', include, 'exclude', exclude, 'channels', channels, 'usages', usages,
                   'from', valid_from, 'until', valid_until, 'note', note
               ) ORDER BY valid_from, r.id), '[]')
        FROM rights_restriction AS r
        WHERE r.collection = c.id AND r.ended_at IS NULL) AS restrictions,
       (SELECT count(*) FROM collection_asset
        WHERE collection = c.id AND ended_at IS NULL) AS asset_count
FROM collection AS c
WHERE ($1::text IS NULL OR c.code = $1) AND c.code > $2
ORDER BY c.code LIMIT $3
"""


async def find_collection(conn: Connection, code: str) -> Collection | None:
    """Return the collection of a code; None: there is none."""
    row = await conn.fetchrow(LIST_COLLECTIONS_SQL, code, "", 1)
    return None if row is None else Collection(**row)


async def list_collections(conn: Connection, *, after: str, size: int) -> list[Collection]:
    """Return a page of collections by code, those after a code; an empty one is before all."""
    rows = await conn.fetch(LIST_COLLECTIONS_SQL, None, after, size)
    return [Collection(**row) for row in rows]
