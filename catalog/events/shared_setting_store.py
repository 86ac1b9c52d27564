"""The SQL of what has to be the same on every process of a database, as it was stated there."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from catalog.db import Connection

#: The setting whose fingerprint is that of the master key which seals.
MASTER_KEY: Final = "master_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSetting:
    """A setting as one process has it.

    Attributes:
        name: as in the table of settings, in lower case.
        shown: what people may see of it; no secrets.
        fingerprint: of all of it, keyed by the master key; None: there is no master key here.
    """

    name: str
    shown: str
    fingerprint: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedSetting:
    """A setting as the database has it.

    Attributes:
        former_shown: what held before; None: it was never another.
        stated_by: the service of a process, or whoever stated it anew.
        is_recent: whether it was stated within the last hour.
    """

    shown: str
    fingerprint: bytes | None
    former_shown: str | None
    former_fingerprint: bytes | None
    stated_by: uuid.UUID
    stated_at: datetime
    is_recent: bool


READ_SHARED_SQL = """
SELECT name, shown, fingerprint, former_shown, former_fingerprint, stated_by, stated_at,
       stated_at > clock_timestamp() - interval '1 hour' AS is_recent
FROM shared_setting
"""


async def read_shared(conn: Connection) -> dict[str, StatedSetting]:
    """Return what was stated, by name."""
    rows = [dict(row) for row in await conn.fetch(READ_SHARED_SQL)]
    return {row.pop("name"): StatedSetting(**row) for row in rows}


# A rotation, which changes the row, waits for those who hold it.
HOLD_MASTER_KEY_SQL = "SELECT fingerprint FROM shared_setting WHERE name = 'master_key' FOR SHARE"


async def hold_master_key(conn: Connection) -> bytes | None:
    """Return the fingerprint of the master key that seals, and keep it so; None: none is stated.

    Args:
        conn: in a transaction, until whose end it stays.
    """
    return await conn.fetchval(HOLD_MASTER_KEY_SQL)


# A fingerprint that was missing is added by the first that can make it of the same words.
STATE_FIRST_SQL = """
INSERT INTO shared_setting AS known (name, shown, fingerprint, stated_by)
SELECT name, shown, fingerprint, $4 FROM unnest($1::text[], $2::text[], $3::bytea[])
    AS given(name, shown, fingerprint)
ON CONFLICT (name) DO UPDATE SET fingerprint = EXCLUDED.fingerprint
    WHERE known.fingerprint IS NULL AND EXCLUDED.fingerprint IS NOT NULL
      AND known.shown = EXCLUDED.shown
RETURNING name, xmax = 0 AS is_first
"""
STATE_MASTER_KEY_SQL = """
INSERT INTO shared_setting AS known (name, shown, fingerprint, stated_by)
VALUES ('master_key', 'another', $1, $2)
ON CONFLICT (name) DO UPDATE SET
    fingerprint = EXCLUDED.fingerprint,
    former_shown = known.shown, former_fingerprint = known.fingerprint,
    stated_by = EXCLUDED.stated_by, stated_at = clock_timestamp()
"""
# What was fingerprinted by the former key counts no more; the words stay.
REPLACE_FINGERPRINTS_SQL = """
UPDATE shared_setting SET former_fingerprint = NULL,
    fingerprint = (SELECT given.fingerprint
                   FROM unnest($1::text[], $2::bytea[], $3::bytea[])
                       AS given(name, fingerprint, former)
                   WHERE given.name = shared_setting.name
                     AND given.former = shared_setting.fingerprint)
WHERE name <> 'master_key'
"""


async def state_master_key(
    conn: Connection,
    fingerprint: bytes,
    settings: Sequence[tuple[str, bytes, bytes]],
    *,
    by: uuid.UUID,
) -> None:
    """Record which master key seals, and what the other settings are by it.

    Args:
        conn: in a transaction.
        fingerprint: of the key.
        settings: name, fingerprint by that key and fingerprint by the former one, as they are here.
            Those that are others were stated lose theirs: the next process to start adds it.
        by: who states it.
    """
    await conn.execute(STATE_MASTER_KEY_SQL, fingerprint, by)
    await conn.execute(
        REPLACE_FINGERPRINTS_SQL,
        [name for name, _, _ in settings],
        [new for _, new, _ in settings],
        [former for _, _, former in settings],
    )


STATE_ANEW_SQL = """
INSERT INTO shared_setting AS known (name, shown, fingerprint, stated_by)
SELECT name, shown, fingerprint, $4 FROM unnest($1::text[], $2::text[], $3::bytea[])
    AS given(name, shown, fingerprint)
ON CONFLICT (name) DO UPDATE SET
    shown = EXCLUDED.shown, fingerprint = EXCLUDED.fingerprint,
    former_shown = known.shown, former_fingerprint = known.fingerprint,
    stated_by = EXCLUDED.stated_by, stated_at = clock_timestamp()
    WHERE (known.shown, known.fingerprint) IS DISTINCT FROM (EXCLUDED.shown, EXCLUDED.fingerprint)
RETURNING name, true AS is_first
"""


async def state_shared(
    conn: Connection, settings: Sequence[SharedSetting], *, by: uuid.UUID, anew: bool
) -> list[str]:
    """Record settings, and return the names of those that are recorded now.

    Args:
        conn: in a transaction.
        settings: of this process.
        by: who states them.
        anew: whether what was stated before gives way; else it stands.
    """
    rows = await conn.fetch(
        STATE_ANEW_SQL if anew else STATE_FIRST_SQL,
        [each.name for each in settings],
        [each.shown for each in settings],
        [each.fingerprint for each in settings],
        by,
    )
    return [row["name"] for row in rows if row["is_first"]]
