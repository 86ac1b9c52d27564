"""Licences with their terms and how much rests on them, for those who manage rights."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence as it is now.

    Attributes:
        grants, restrictions: its own, as `live_asset` writes those of an asset.
        asset_count: how many assets rest on it: members, and whose grants it documents.
    """

    id: uuid.UUID
    public_id: str
    code: str
    licensor: str
    document: str | None
    time_zone: str
    credit: str | None
    web_statement: str | None
    licensor_url: str | None
    revision: int
    grants: Sequence[Mapping[str, Any]]
    restrictions: Sequence[Mapping[str, Any]]
    asset_count: int


LIST_LICENCES_SQL = """
SELECT l.id, l.public_id, l.code, l.licensor, l.document, l.time_zone, l.credit, l.web_statement,
       l.licensor_url, l.revision,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'include', include, 'exclude', exclude, 'channels', channels, 'usages', usages,
                   'from', valid_from, 'until', valid_until,
                   'licence', coalesce(d.public_id, l.public_id)
               ) ORDER BY valid_from, g.id), '[]')
        FROM rights_grant AS g LEFT JOIN licence AS d ON d.id = g.document
        WHERE g.licence = l.id AND g.ended_at IS NULL) AS grants,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'include', include, 'exclude', exclude, 'channels', channels, 'usages', usages,
                   'from', valid_from, 'until', valid_until, 'note', note
               ) ORDER BY valid_from, r.id), '[]')
        FROM rights_restriction AS r
        WHERE r.licence = l.id AND r.ended_at IS NULL) AS restrictions,
       (SELECT count(*) FROM (
            SELECT asset FROM asset_licence WHERE licence = l.id AND ended_at IS NULL
            UNION
            SELECT asset FROM rights_grant
            WHERE document = l.id AND asset IS NOT NULL AND ended_at IS NULL) AS resting
       ) AS asset_count
FROM licence AS l
WHERE ($1::text IS NULL OR l.public_id = $1 OR l.code = $1) AND l.code > $2
ORDER BY l.public_id IS DISTINCT FROM $1, l.code LIMIT $3
"""


async def find_licence(conn: Connection, key: str) -> Licence | None:
    """Return the licence of a public id or code; None: there is none."""
    row = await conn.fetchrow(LIST_LICENCES_SQL, key, "", 1)
    return None if row is None else Licence(**row)


async def list_licences(conn: Connection, *, after: str, size: int) -> list[Licence]:
    """Return a page of licences by code, those after a code; an empty one is before all."""
    rows = await conn.fetch(LIST_LICENCES_SQL, None, after, size)
    return [Licence(**row) for row in rows]
