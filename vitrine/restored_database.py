"""A database that comes from a backup or a copy: recognised, mended, and explained.

Transactions are numbered by the server. The events of another one may bear numbers that are still
to come here, by which no feed could tell what is new: they are numbered as of now.
"""

from catalog.db import Connection

_NUMBER_ANEW_SQL = """
WITH anew AS (
    UPDATE event SET xid8 = pg_current_xact_id()
    WHERE xid8 >= pg_snapshot_xmax(pg_current_snapshot()) RETURNING 1
), forgotten AS (
    DELETE FROM gateway WHERE EXISTS (SELECT FROM anew) RETURNING 1
)
SELECT EXISTS (SELECT FROM anew)
"""
# Of the cluster, which a copy of its files keeps, and of the database in it.
_IDENTIFY_SQL = """
WITH here AS (
    SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || oid AS shown
    FROM pg_database WHERE datname = current_database()
), before AS (
    SELECT shown FROM shared_setting WHERE name = 'database'
), noted AS (
    INSERT INTO shared_setting AS known (name, shown, stated_by)
    SELECT 'database', shown, id FROM here JOIN principal
        ON name = 'vitrine migrate' AND kind = 'service' AND ended_at IS NULL
    ON CONFLICT (name) DO UPDATE SET shown = EXCLUDED.shown, stated_at = clock_timestamp()
    WHERE known.shown <> EXCLUDED.shown
)
SELECT coalesce((SELECT shown FROM before) <> (SELECT shown FROM here), false)
"""

#: What whoever restores a database has to see to.
WHAT_IT_REVIVES = """\
This database was restored or copied. What was ended after the backup is as it was before:
  - pictures that were withdrawn, held or lost a grant since are delivered again: end it again
    before gateways start (withdrawAsset, holdAsset, setGrants; publications: unpublish)
  - API keys that were revoked since are accepted: `vitrine key api list`, `revoke`
  - signing keys that were revoked since verify again: `vitrine key signing list`, `revoke`
  - purges since the backup are not known: empty every CDN by hand
  - the audit lacks what came since, and says so: `vitrine audit accept-restore` states why
  - the passwords of logins are in no backup: see that the gateway's login has vitrine_gateway alone
What happened since is in the gateways' delivery logs: `vitrine replay` shows what differs."""


async def mend_restored(conn: Connection) -> bool:
    """Make a migrated database usable wherever it comes from.

    Returns:
        Whether it was restored or copied since the last migration. A copy of the files of a whole
        server, or a recovery to a point in time, cannot be recognised.
    """
    async with conn.transaction():
        is_anew = bool(await conn.fetchval(_NUMBER_ANEW_SQL))
        return bool(await conn.fetchval(_IDENTIFY_SQL)) or is_anew
