"""The table of what holds terms: each kind with its SQL.

A further kind is an entry here, with its column in `rights_grant` and `rights_restriction` and its
terms in the view `live_asset`.
"""

import uuid
from collections.abc import Mapping, Sequence

from catalog.db import Connection
from catalog.events.model import Event
from catalog.rights.holders import HolderKind, TermHolder
from catalog.rights.store import lock_asset, raise_epochs
from catalog.subjects import asset_subject, collection_subject, licence_subject


async def _lock_asset(conn: Connection, public_id: str) -> TermHolder | None:
    locked = await lock_asset(conn, public_id)
    if locked is None:
        return None
    return TermHolder(kind=ASSET, id=locked.asset, name=locked.public_id, revision=locked.revision)


async def _turn_asset(conn: Connection, asset: TermHolder, data: Mapping[str, int]) -> Event:
    (raised,) = await raise_epochs(conn, [asset.id])
    return asset.rights_changed({"epoch": raised.epoch, **data}, version=raised.epoch)


ASSET = HolderKind(
    name="asset",
    names=("public_id",),
    argument="assetId",
    subject=asset_subject,
    lock=_lock_asset,
    turn=_turn_asset,
)


# An import locks the whole table; who changes one licence waits for it, and it for them.
LOCK_LICENCES_SQL = "LOCK TABLE licence IN ROW EXCLUSIVE MODE"
LOCKED_LICENCE_SQL = """
SELECT id, public_id AS name, revision FROM licence WHERE public_id = $1 OR code = $1
ORDER BY public_id <> $1 LIMIT 1 FOR NO KEY UPDATE
"""
REVISE_SQL = "UPDATE licence SET revision = revision + 1 WHERE id = $1 RETURNING revision"


async def _lock_licence(conn: Connection, key: str) -> TermHolder | None:
    await conn.execute(LOCK_LICENCES_SQL)
    row = await conn.fetchrow(LOCKED_LICENCE_SQL, key)
    return None if row is None else TermHolder(kind=LICENCE, **row)


async def _turn_licence(conn: Connection, licence: TermHolder, data: Mapping[str, int]) -> Event:
    revision: int = await conn.fetchval(REVISE_SQL, licence.id)
    await raise_epochs_resting_on(conn, [licence.id])
    return licence.rights_changed(data, version=revision)


# Those that `live_asset` names the licence for: its members, and whose own grants it documents.
RAISE_RESTING_SQL = """
WITH locked AS (
    SELECT asset FROM asset_epoch
    WHERE asset IN (
        SELECT asset FROM asset_licence WHERE licence = ANY ($1) AND ended_at IS NULL
        UNION
        SELECT asset FROM rights_grant
        WHERE document = ANY ($1) AND asset IS NOT NULL AND ended_at IS NULL)
    ORDER BY asset FOR UPDATE
)
UPDATE asset_epoch AS e SET epoch = e.epoch + 1 FROM locked WHERE e.asset = locked.asset
"""


async def raise_epochs_resting_on(conn: Connection, licences: Sequence[uuid.UUID]) -> None:
    """Raise the epoch of every asset that rests on licences, in the order of all such changes.

    Nothing else of the assets is read or written, so that 10,000 of them take a fraction of a
    second: their revisions tell of changes of their own, the licence's of this one.
    """
    await conn.execute(RAISE_RESTING_SQL, list(licences))


LICENCE = HolderKind(
    name="licence",
    names=("public_id", "code"),
    argument="licenceId",
    members="asset_licence",
    is_document=True,
    subject=licence_subject,
    lock=_lock_licence,
    turn=_turn_licence,
)


LOCK_COLLECTIONS_SQL = "LOCK TABLE collection IN ROW EXCLUSIVE MODE"
# FOR UPDATE, because edges know a collection by its assets alone: one that is joining is waited
# for, and one that is about to waits.
LOCKED_COLLECTION_SQL = "SELECT id, code AS name FROM collection WHERE code = $1 FOR UPDATE"


async def _lock_collection(conn: Connection, code: str) -> TermHolder | None:
    await conn.execute(LOCK_COLLECTIONS_SQL)
    row = await conn.fetchrow(LOCKED_COLLECTION_SQL, code)
    return None if row is None else TermHolder(kind=COLLECTION, **row)


async def _turn_collection(
    conn: Connection, collection: TermHolder, data: Mapping[str, int]
) -> Event:
    members = await raise_epochs_of_members(conn, [collection.id])
    return collection.rights_changed(data, members=members.get(collection.id, ()))


RAISE_MEMBERS_SQL = """
WITH member AS (
    SELECT collection, asset FROM collection_asset
    WHERE collection = ANY ($1) AND ended_at IS NULL
), locked AS (
    SELECT asset FROM asset_epoch WHERE asset IN (SELECT asset FROM member)
    ORDER BY asset FOR UPDATE
), raised AS (
    UPDATE asset_epoch AS e SET epoch = e.epoch + 1 FROM locked
    WHERE e.asset = locked.asset RETURNING e.asset
)
SELECT member.collection, asset.public_id
FROM member JOIN raised USING (asset) JOIN asset ON asset.id = member.asset
ORDER BY 1, 2
"""


async def raise_epochs_of_members(
    conn: Connection, collections: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[str]]:
    """Raise the epoch of every asset in collections, once and in the order of all such changes.

    Returns:
        The public ids of the assets, by collection.
    """
    members: dict[uuid.UUID, list[str]] = {}
    for row in await conn.fetch(RAISE_MEMBERS_SQL, list(collections)):
        members.setdefault(row["collection"], []).append(row["public_id"])
    return members


COLLECTION = HolderKind(
    name="collection",
    names=("code",),
    argument="collection",
    members="collection_asset",
    subject=collection_subject,
    lock=_lock_collection,
    turn=_turn_collection,
)

HOLDER_KINDS = (ASSET, LICENCE, COLLECTION)
