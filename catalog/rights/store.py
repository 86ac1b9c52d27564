"""The SQL of rights: the epoch that every change raises first, and rows with a history."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.db import Connection, Record
from catalog.ids import new_id
from catalog.rights.model import ALL, NEVER, Rights, Status, Term, Window
from catalog.rights.rules import boundaries_of
from catalog.rights.territory import granted_bits, restricted_bits

LOCK_SQL = """
SELECT e.asset FROM asset_epoch AS e JOIN asset AS a ON a.id = e.asset
WHERE a.public_id = $1 FOR UPDATE OF e
"""

LOCKED_SQL = """
SELECT e.asset, a.public_id, a.revision, e.epoch, s.status, s.legal_demand, s.authority_url
FROM asset_epoch AS e
JOIN asset AS a ON a.id = e.asset
JOIN asset_state AS s ON s.asset = e.asset AND s.ended_at IS NULL
WHERE e.asset = $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedAsset:
    """An asset whose rights nobody else changes until this transaction ends."""

    asset: uuid.UUID
    public_id: str
    revision: int
    epoch: int
    status: Status
    legal_demand: bool
    authority_url: str | None


async def lock_asset(conn: Connection, public_id: str) -> LockedAsset | None:
    """Lock the epoch of one asset, the row that every rights change takes first.

    What it was is read by a second statement: the first one sees all but the locked row as it was
    before it began to wait.
    """
    asset = await conn.fetchval(LOCK_SQL, public_id)
    if asset is None:
        return None
    row = await conn.fetchrow(LOCKED_SQL, asset)
    assert row is not None  # noqa: S101 - an asset always has a state
    values = dict(row.items())
    values["status"] = Status(row["status"])
    return LockedAsset(**values)


RAISE_EPOCHS_SQL = """
WITH locked AS (
    SELECT asset FROM asset_epoch WHERE asset = ANY ($1) ORDER BY asset FOR UPDATE
), raised AS (
    UPDATE asset_epoch AS e SET epoch = e.epoch + 1 FROM locked
    WHERE e.asset = locked.asset RETURNING e.asset, e.epoch
), revised AS (
    UPDATE asset AS a SET revision = a.revision + 1, updated_at = clock_timestamp()
    FROM raised WHERE a.id = raised.asset RETURNING a.id, a.public_id
)
SELECT revised.id, revised.public_id, raised.epoch
FROM raised JOIN revised ON revised.id = raised.asset ORDER BY revised.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedEpoch:
    """An asset whose epoch rose in this transaction."""

    asset: uuid.UUID
    public_id: str
    epoch: int


async def raise_epochs(conn: Connection, assets: Sequence[uuid.UUID]) -> list[RaisedEpoch]:
    """Raise the epoch of assets, locking them in one order so that changes never deadlock."""
    rows = await conn.fetch(RAISE_EPOCHS_SQL, list(assets))
    return [RaisedEpoch(asset=r["id"], public_id=r["public_id"], epoch=r["epoch"]) for r in rows]


END_STATE_SQL = """
UPDATE asset_state SET ended_at = clock_timestamp() WHERE asset = $1 AND ended_at IS NULL
"""

ADD_STATE_SQL = """
INSERT INTO asset_state (id, asset, status, legal_demand, authority_url, reason)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def set_state(
    conn: Connection,
    asset: uuid.UUID,
    status: Status,
    *,
    legal_demand: bool,
    authority_url: str | None,
    reason: str | None,
) -> None:
    """End the current state of an asset and record the next."""
    await conn.execute(END_STATE_SQL, asset)
    await conn.execute(ADD_STATE_SQL, new_id(), asset, status, legal_demand, authority_url, reason)


PUT_APPROVAL_SQL = """
INSERT INTO asset_approval (asset, actor) VALUES ($1, $2)
ON CONFLICT (asset) WHERE ended_at IS NULL DO NOTHING
RETURNING true
"""
END_APPROVALS_SQL = """
UPDATE asset_approval SET ended_at = clock_timestamp(), ended_by = $2
WHERE asset = ANY ($1) AND ended_at IS NULL
"""


async def put_approval(conn: Connection, asset: uuid.UUID, actor: uuid.UUID) -> bool:
    """Record that a person approves an asset; return whether nobody had."""
    return await conn.fetchval(PUT_APPROVAL_SQL, asset, actor) is not None


async def end_approvals(conn: Connection, assets: Sequence[uuid.UUID], actor: uuid.UUID) -> None:
    """Record that what a person approved is revoked."""
    await conn.execute(END_APPROVALS_SQL, list(assets), actor)


# An approval that ended since was revoked: no other change of a status ends the one of a withdrawn
# asset.
STATUS_BEFORE_SQL = """
SELECT CASE WHEN EXISTS (SELECT FROM asset_approval AS a
                         WHERE a.asset = s.asset AND a.ended_at >= s.ended_at)
            THEN 'draft' ELSE status END
FROM asset_state AS s WHERE asset = $1 AND status <> 'withdrawn'
ORDER BY recorded_at DESC, id DESC LIMIT 1
"""


async def status_before_withdrawal(conn: Connection, asset: uuid.UUID) -> Status:
    """Return what a withdrawn asset was before.

    One that never was anything else, or whose approval was revoked meanwhile, is a draft.
    """
    status = await conn.fetchval(STATUS_BEFORE_SQL, asset)
    return Status.DRAFT if status is None else Status(status)


KNOWN_CODES_SQL = """
SELECT ARRAY(SELECT code FROM territory_set) AS sets,
       ARRAY(SELECT code FROM channel) AS channels,
       ARRAY(SELECT DISTINCT unnest(usages) FROM channel) AS usages,
       (SELECT coalesce(jsonb_object_agg(key, public_id), '{}')
        FROM licence, unnest(ARRAY[public_id, code]) AS key WHERE key = ANY ($1)) AS licences
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCodes:
    """What a grant or restriction may name.

    Attributes:
        licences: public id of each licence, by its public id and by its code.
    """

    sets: frozenset[str]
    channels: frozenset[str]
    usages: frozenset[str]
    licences: Mapping[str, str]


async def known_codes(conn: Connection, licences: Sequence[str]) -> KnownCodes:
    """Return the territory sets, channels and usages there are, and which licences exist."""
    row = await conn.fetchrow(KNOWN_CODES_SQL, list(licences))
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return KnownCodes(
        sets=frozenset(row["sets"]),
        channels=frozenset(row["channels"]),
        usages=frozenset(row["usages"]),
        licences=row["licences"],
    )


def rights_of(row: Record | Mapping[str, Any]) -> Rights:
    """Compile a row of the view `live_asset` for deciding."""
    grants = tuple(
        _term(each, granted_bits(each["countries"], each["but"])) for each in row["grants"]
    )
    restrictions = tuple(
        _term(each, restricted_bits(each["countries"], each["but"])) for each in row["restrictions"]
    )
    return Rights(
        status=Status(row["status"]),
        legal_demand=row["legal_demand"],
        authority_url=row["authority_url"],
        grants=grants,
        restrictions=restrictions,
        boundaries=boundaries_of((*grants, *restrictions)),
    )


def _term(stored: Mapping[str, Any], territory: int) -> Term:
    until = stored["until"]
    return Term(
        territory=territory,
        channels=_codes(stored["channels"]),
        usages=_codes(stored["usages"]),
        window=Window(
            start=datetime.fromisoformat(stored["from"]),
            end=NEVER if until is None else datetime.fromisoformat(until),
        ),
    )


def _codes(codes: Sequence[str]) -> frozenset[str] | None:
    return None if ALL in codes else frozenset(codes)
