"""Live media: what hangs on products now, in one statement for all products of a page."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.db import Connection, Record
from catalog.delivery.model import FocalPoint, RightsRecord
from catalog.events.model import Subject
from catalog.graph.context import ReadContext
from catalog.rights.model import Rights
from catalog.rights.store import rights_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAsset:
    """An asset as it is now.

    Attributes:
        version: of its bytes; None: it has none yet, and with it width, height and hash.
        texts: values `title`, `alt`, `caption` and others, as (locale, data) by key.
        grants, restrictions: as the view `live_asset` has them, for those who manage rights.
        rests_on: what an event has to name for this to be out of date, but for its texts.
    """

    id: uuid.UUID
    public_id: str
    code: str
    kind: str
    slug: str
    focal: FocalPoint | None
    revision: int
    epoch: int
    version: int | None
    bytes: int | None
    width_px: int | None
    height_px: int | None
    mime: str | None
    storage_key: str | None
    thumbhash: str | None
    dominant_rgb: str | None
    record: RightsRecord
    rights: Rights
    texts: Mapping[str, Sequence[tuple[str | None, Any]]]
    grants: Sequence[Mapping[str, Any]]
    restrictions: Sequence[Mapping[str, Any]]
    rests_on: Sequence[Subject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A media association that applies in the context.

    Attributes:
        owner: the product that holds it.
        specificity: how closely its scope meets the context; 0: it is for all.
    """

    id: str
    owner: uuid.UUID
    owner_public_id: str
    owner_sku: str
    role: str
    position: int
    specificity: int
    asset: LiveAsset


LOAD_MEDIA_SQL = """
WITH link AS (
    SELECT m.asset, jsonb_agg(jsonb_build_object(
               'id', m.public_id, 'owner', m.product, 'owner_public_id', o.public_id,
               'owner_sku', o.sku, 'role', m.role, 'position', m.position,
               'specificity', (m.channel IS NOT NULL)::int + CASE WHEN m.market IS NULL THEN 0
                   ELSE 2 * (1 + cardinality($3::text[]) - array_position($3::text[], m.market)) END
                   + CASE WHEN m.locale IS NULL THEN 0
                   ELSE 1 + cardinality($4::text[]) - array_position($4::text[], m.locale) END
           ) ORDER BY m.public_id) AS links
    FROM media_association AS m JOIN product AS o ON o.id = m.product
    WHERE m.product = ANY ($1) AND m.status = 'approved'
      AND (m.channel IS NULL OR m.channel = $2)
      AND (m.market IS NULL OR m.market = ANY ($3::text[]))
      AND (m.locale IS NULL OR m.locale = ANY ($4::text[]))
      AND ($5::text[] IS NULL OR m.role = ANY ($5))
    GROUP BY m.asset
)
SELECT a.*, (
    SELECT jsonb_agg(jsonb_build_array(v.key, v.locale, v.data))
    FROM asset_value AS v WHERE v.asset = a.id
) AS texts, link.links
FROM link JOIN live_asset AS a ON a.id = link.asset
"""


async def load_media(
    conn: Connection,
    context: ReadContext,
    owners: Iterable[uuid.UUID],
    *,
    roles: Sequence[str] | None = None,
) -> dict[uuid.UUID, list[Link]]:
    """Return the media that hang on products in the context, whatever their rights.

    Args:
        conn: to the primary: rights may have changed a moment ago.
        context: its channel, markets and locales have to meet the scope of an association.
        owners: products and their models.
        roles: only these; None: all.
    """
    rows = await conn.fetch(
        LOAD_MEDIA_SQL,
        list(owners),
        context.channel.code,
        list(context.markets),
        list(context.locales),
        roles,
    )
    links: dict[uuid.UUID, list[Link]] = {}
    for row in rows:
        asset = asset_of(row)
        for each in row["links"]:
            owner = uuid.UUID(each.pop("owner"))
            link = Link(**each, owner=owner, asset=asset)
            links.setdefault(link.owner, []).append(link)
    for held in links.values():
        held.sort(key=lambda link: (link.position, -link.specificity, link.id))
    return links


FIND_ASSETS_SQL = """
SELECT a.*, (
    SELECT jsonb_agg(jsonb_build_array(v.key, v.locale, v.data))
    FROM asset_value AS v WHERE v.asset = a.id
) AS texts FROM live_asset AS a WHERE a.public_id = ANY ($1)
"""


async def find_assets(conn: Connection, ids: Sequence[str]) -> list[LiveAsset]:
    """Return assets by their public ids, whatever their rights, in the order of the ids."""
    found = {row["public_id"]: asset_of(row) for row in await conn.fetch(FIND_ASSETS_SQL, ids)}
    return [found[each] for each in ids if each in found]


LIST_ASSETS_SQL = """
SELECT a.*, (
    SELECT jsonb_agg(jsonb_build_array(v.key, v.locale, v.data))
    FROM asset_value AS v WHERE v.asset = a.id
) AS texts FROM live_asset AS a
WHERE a.code > $1 AND ($2::text[] IS NULL OR a.status = ANY ($2))
  AND ($3::text[] IS NULL OR a.code = ANY ($3))
ORDER BY a.code LIMIT $4
"""


async def list_assets(
    conn: Connection,
    *,
    after: str,
    size: int,
    statuses: Sequence[str] | None = None,
    codes: Sequence[str] | None = None,
) -> list[LiveAsset]:
    """Return a page of assets by code, those after a code; an empty one is before all."""
    rows = await conn.fetch(LIST_ASSETS_SQL, after, statuses, codes, size)
    return [asset_of(row) for row in rows]


def asset_of(row: Record) -> LiveAsset:
    """Read a row of the view `live_asset` with its `texts`."""
    texts: dict[str, list[tuple[str | None, Any]]] = {}
    for key, locale, data in row["texts"] or ():
        texts.setdefault(key, []).append((locale, data))
    has_focal = row["focal_x"] is not None
    return LiveAsset(
        **{name: row[name] for name in _SAME},
        focal=FocalPoint(x=row["focal_x"], y=row["focal_y"]) if has_focal else None,
        record=RightsRecord(**{name: row[name] for name in RightsRecord.__slots__}),
        rights=rights_of(dict(row.items())),
        texts=texts,
    )


_SAME = tuple(
    name for name in LiveAsset.__slots__ if name not in {"focal", "record", "rights", "texts"}
)
