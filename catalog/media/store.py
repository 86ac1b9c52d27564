"""The SQL of assets, their versions, states, values and memberships, in batches."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.db import Connection, Record
from catalog.media.model import AssetReferences, IngestedFile, StoredAsset
from catalog.rights.model import Status

# Only who adds assets waits here: two imports that add the same code then see each other's row.
LOCK_CREATION_SQL = """
SELECT pg_advisory_xact_lock(hashtext('vitrine.asset.creation'))
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS wanted(code)
              WHERE NOT EXISTS (SELECT FROM asset WHERE asset.code = wanted.code))
"""
LOCK_SQL = """
SELECT e.asset FROM asset_epoch AS e JOIN asset AS a ON a.id = e.asset
WHERE a.code = ANY ($1) ORDER BY e.asset FOR UPDATE OF e
"""


ASSETS_SQL = """
SELECT a.id, a.public_id, a.code, a.kind, a.slug, a.focal_x, a.focal_y, a.revision,
       coalesce(a.current_version, 0) AS version, v.sha256, e.epoch,
       s.status, s.legal_demand, s.authority_url,
       EXISTS (SELECT FROM asset_approval
               WHERE asset = a.id AND ended_at IS NULL) AS is_approved_by_hand,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(key, locale, data)), '[]')
        FROM asset_value WHERE asset = a.id) AS asset_values,
       ARRAY(SELECT l.code FROM asset_licence AS m JOIN licence AS l ON l.id = m.licence
             WHERE m.asset = a.id AND m.ended_at IS NULL) AS licences,
       ARRAY(SELECT c.code FROM collection_asset AS m JOIN collection AS c ON c.id = m.collection
             WHERE m.asset = a.id AND m.ended_at IS NULL) AS collections
FROM asset AS a
JOIN asset_epoch AS e ON e.asset = a.id
JOIN asset_state AS s ON s.asset = a.id AND s.ended_at IS NULL
LEFT JOIN asset_version AS v ON v.asset = a.id AND v.n = a.current_version
WHERE a.code = ANY ($1)
"""


async def lock_assets(conn: Connection, codes: Sequence[str]) -> dict[str, StoredAsset]:
    """Lock the epochs of the assets of these codes that exist, then read them.

    Where one does not exist, nobody else adds assets meanwhile.
    """
    await conn.execute(LOCK_CREATION_SQL, list(codes))
    await conn.execute(LOCK_SQL, list(codes))
    return {row["code"]: _stored(row) for row in await conn.fetch(ASSETS_SQL, list(codes))}


def _stored(row: Record) -> StoredAsset:
    fields: dict[str, Any] = {**row}
    x, y, values = fields.pop("focal_x"), fields.pop("focal_y"), fields.pop("asset_values")
    fields |= {
        "focal": None if x is None else (x, y),
        "status": Status(row["status"]),
        "values": {(key, locale): data for key, locale, data in values},
        "licences": frozenset(row["licences"]),
        "collections": frozenset(row["collections"]),
    }
    return StoredAsset(**fields)


KNOWN_SQL = """
SELECT ARRAY(SELECT code FROM locale) AS locales,
       -- the locale that the most others fall back to
       (SELECT l.code FROM locale AS l WHERE l.fallback IS NULL
        ORDER BY (SELECT count(*) FROM locale WHERE fallback = l.code) DESC, l.code LIMIT 1)
           AS default_locale,
       (SELECT coalesce(jsonb_object_agg(code, id), '{}') FROM licence
        WHERE code = ANY ($1)) AS licences,
       (SELECT coalesce(jsonb_object_agg(code, id), '{}') FROM collection
        WHERE code = ANY ($2)) AS collections
"""


async def find_known(
    conn: Connection, *, licences: Sequence[str], collections: Sequence[str]
) -> AssetReferences:
    """Return what there is of what a batch of assets names."""
    row = await conn.fetchrow(KNOWN_SQL, list(licences), list(collections))
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return AssetReferences(
        locales=frozenset(row["locales"]),
        default_locale=row["default_locale"],
        licences={code: uuid.UUID(each) for code, each in row["licences"].items()},
        collections={code: uuid.UUID(each) for code, each in row["collections"].items()},
    )


VERSION_OF_SQL = """
SELECT sha256, bytes, width_px, height_px, mime, has_alpha, storage_key, master_key, thumbhash,
       dominant_rgb, placeholder, notice
FROM asset_version WHERE sha256 = $1 LIMIT 1
"""


async def find_ingested(conn: Connection, sha256: str) -> IngestedFile | None:
    """Return what ingest made of these bytes before, for whichever asset."""
    row = await conn.fetchrow(VERSION_OF_SQL, sha256)
    return IngestedFile(**row) if row else None


UNREAD_SQL = """
SELECT DISTINCT sha256, storage_key FROM asset_version
WHERE notice IS NULL AND sha256 > $1 ORDER BY sha256 LIMIT 50
"""


async def find_unread(conn: Connection, *, after: str) -> list[tuple[str, str]]:
    """Return files whose notice nobody has looked for, by SHA-256 and where their original is.

    Args:
        conn: a connection.
        after: the SHA-256 that they come behind; empty: from the first.
    """
    return [(row["sha256"], row["storage_key"]) for row in await conn.fetch(UNREAD_SQL, after)]


LOCK_SHOWING_SQL = """
SELECT e.asset FROM asset_epoch AS e JOIN asset AS a ON a.id = e.asset
JOIN asset_version AS v ON (v.asset, v.n) = (a.id, a.current_version)
WHERE v.sha256 = $1 ORDER BY e.asset FOR UPDATE OF e
"""
COMPLETE_SQL = """
WITH read AS (
    UPDATE asset_version SET notice = $2, placeholder = coalesce($3, placeholder)
    WHERE sha256 = $1 AND notice IS NULL RETURNING asset, n
)
SELECT a.public_id, e.epoch FROM read
JOIN asset AS a ON (a.id, a.current_version) = (read.asset, read.n)
JOIN asset_epoch AS e ON e.asset = a.id
"""


async def complete_versions(
    conn: Connection, sha256: str, *, notice: str, placeholder: str | None
) -> list[tuple[str, int]]:
    """Add to the versions of a file what ingest reads of it; return who shows it, with epochs."""
    await conn.execute(LOCK_SHOWING_SQL, sha256)
    rows = await conn.fetch(COMPLETE_SQL, sha256, notice, placeholder)
    return [(row["public_id"], row["epoch"]) for row in rows]


PUT_ASSETS_SQL = """
INSERT INTO asset (id, public_id, code, kind, slug, focal_x, focal_y, current_version, revision)
SELECT id, public_id, code, kind, slug, focal_x, focal_y, version, revision
FROM jsonb_to_recordset($1) AS r(
    id uuid, public_id text, code text, kind text, slug text, focal_x real, focal_y real,
    version integer, revision integer)
ON CONFLICT (code) DO UPDATE SET
    kind = excluded.kind, slug = excluded.slug, focal_x = excluded.focal_x,
    focal_y = excluded.focal_y, current_version = excluded.current_version,
    revision = excluded.revision, updated_at = clock_timestamp()
"""
ADD_EPOCHS_SQL = "INSERT INTO asset_epoch (asset) SELECT unnest($1::uuid[])"


async def put_assets(
    conn: Connection, assets: Sequence[StoredAsset], created: Sequence[uuid.UUID]
) -> None:
    """Write the rows of assets, and the first epoch of new ones.

    A first version must be added in the same transaction.
    """
    rows = [
        {
            "id": str(each.id),
            "public_id": each.public_id,
            "code": each.code,
            "kind": each.kind,
            "slug": each.slug,
            "focal_x": each.focal and each.focal[0],
            "focal_y": each.focal and each.focal[1],
            "version": each.version or None,
            "revision": each.revision,
        }
        for each in assets
    ]
    await conn.execute(PUT_ASSETS_SQL, rows)
    await conn.execute(ADD_EPOCHS_SQL, list(created))


ADD_VERSIONS_SQL = """
INSERT INTO asset_version (asset, n, sha256, bytes, width_px, height_px, mime, has_alpha,
                           storage_key, master_key, thumbhash, dominant_rgb, placeholder, notice)
SELECT asset, n, sha256, bytes, width_px, height_px, mime, has_alpha, storage_key, master_key,
       thumbhash, dominant_rgb, placeholder, notice
FROM jsonb_to_recordset($1) AS r(
    asset uuid, n integer, sha256 text, bytes bigint, width_px integer, height_px integer,
    mime text, has_alpha boolean, storage_key text, master_key text, thumbhash text,
    dominant_rgb text, placeholder text, notice text)
"""


async def add_versions(
    conn: Connection, versions: Sequence[tuple[uuid.UUID, int, IngestedFile]]
) -> None:
    """Add versions, each given as (asset, number, bytes)."""
    rows = [
        {
            "asset": str(asset),
            "n": n,
            "sha256": each.sha256,
            "bytes": each.bytes,
            "width_px": each.width_px,
            "height_px": each.height_px,
            "mime": each.mime,
            "has_alpha": each.has_alpha,
            "storage_key": each.storage_key,
            "master_key": each.master_key,
            "thumbhash": each.thumbhash,
            "dominant_rgb": each.dominant_rgb,
            "placeholder": each.placeholder,
            "notice": each.notice,
        }
        for asset, n, each in versions
    ]
    await conn.execute(ADD_VERSIONS_SQL, rows)


END_STATES_SQL = """
UPDATE asset_state SET ended_at = clock_timestamp() WHERE asset = ANY ($1) AND ended_at IS NULL
"""
ADD_STATES_SQL = """
INSERT INTO asset_state (id, asset, status, legal_demand, authority_url)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::text[])
"""


async def change_states(
    conn: Connection, assets: Sequence[StoredAsset], ids: Sequence[uuid.UUID]
) -> None:
    """End the states of assets and record those given, under new ids."""
    await conn.execute(END_STATES_SQL, [each.id for each in assets])
    await conn.execute(
        ADD_STATES_SQL,
        list(ids),
        [each.id for each in assets],
        [each.status for each in assets],
        [each.legal_demand for each in assets],
        [each.authority_url for each in assets],
    )


REMOVE_VALUES_SQL = "DELETE FROM asset_value WHERE asset = ANY ($1)"
ADD_VALUES_SQL = """
INSERT INTO asset_value (asset, key, locale, data)
SELECT asset, key, locale, data
FROM jsonb_to_recordset($1) AS r(asset uuid, key text, locale text, data jsonb)
"""


async def replace_values(conn: Connection, assets: Sequence[StoredAsset]) -> None:
    """Make the values of assets those given."""
    await conn.execute(REMOVE_VALUES_SQL, [each.id for each in assets])
    rows = [
        {"asset": str(each.id), "key": key, "locale": locale, "data": data}
        for each in assets
        for (key, locale), data in each.values.items()
    ]
    await conn.execute(ADD_VALUES_SQL, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memberships:
    """Pairs of (asset, licence or collection) that end, and that are added."""

    ended: Sequence[tuple[uuid.UUID, str]]
    added: Sequence[tuple[uuid.UUID, uuid.UUID]]


END_LICENCES_SQL = """
UPDATE asset_licence AS m SET ended_at = clock_timestamp()
FROM unnest($1::uuid[], $2::text[]) AS gone(asset, code) JOIN licence AS l USING (code)
WHERE m.asset = gone.asset AND m.licence = l.id AND m.ended_at IS NULL
"""
ADD_LICENCES_SQL = """
INSERT INTO asset_licence (asset, licence) SELECT * FROM unnest($1::uuid[], $2::uuid[])
"""
END_COLLECTIONS_SQL = """
UPDATE collection_asset AS m SET ended_at = clock_timestamp()
FROM unnest($1::uuid[], $2::text[]) AS gone(asset, code) JOIN collection AS c USING (code)
WHERE m.asset = gone.asset AND m.collection = c.id AND m.ended_at IS NULL
"""
ADD_COLLECTIONS_SQL = """
INSERT INTO collection_asset (asset, collection) SELECT * FROM unnest($1::uuid[], $2::uuid[])
"""


async def change_licences(conn: Connection, changes: Memberships) -> None:
    """End and add licences of assets."""
    await _change(conn, changes, END_LICENCES_SQL, ADD_LICENCES_SQL)


async def change_collections(conn: Connection, changes: Memberships) -> None:
    """End and add collections of assets."""
    await _change(conn, changes, END_COLLECTIONS_SQL, ADD_COLLECTIONS_SQL)


async def _change(conn: Connection, changes: Memberships, end_sql: str, add_sql: str) -> None:
    if changes.ended:
        ended = changes.ended
        await conn.execute(end_sql, [asset for asset, _ in ended], [code for _, code in ended])
    if changes.added:
        added = changes.added
        await conn.execute(add_sql, [asset for asset, _ in added], [to for _, to in added])
