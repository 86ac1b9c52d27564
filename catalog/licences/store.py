"""The SQL of territory sets, licences and collections, in batches."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.db import Connection
from catalog.rights.term_sql import HOLDER_COLUMNS, TERMS, held_assets

# Writers take turns, readers and foreign keys pass: no two changes judge by the same old state,
# and of two that create the same code the later one finds it.
LOCK_SQL = "LOCK TABLE territory_set, licence, collection IN SHARE ROW EXCLUSIVE MODE"


async def lock(conn: Connection) -> None:
    """Wait until nobody else changes territory sets, licences or collections."""
    await conn.execute(LOCK_SQL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTerritorySet:
    """A territory set with its current members."""

    name: str
    countries: frozenset[str]


TERRITORY_SETS_SQL = """
SELECT s.code, s.name,
       ARRAY(SELECT country FROM territory_member
             WHERE territory_set = s.code AND ended_at IS NULL) AS countries
FROM territory_set AS s WHERE s.code = ANY ($1)
"""


async def find_territory_sets(
    conn: Connection, codes: Sequence[str]
) -> dict[str, StoredTerritorySet]:
    """Return the sets of these codes that exist."""
    rows = await conn.fetch(TERRITORY_SETS_SQL, list(codes))
    return {
        row["code"]: StoredTerritorySet(name=row["name"], countries=frozenset(row["countries"]))
        for row in rows
    }


PUT_TERRITORY_SETS_SQL = """
INSERT INTO territory_set (code, name)
SELECT code, name FROM unnest($1::text[], $2::text[]) AS t(code, name)
ON CONFLICT (code) DO UPDATE SET name = excluded.name
"""


async def put_territory_sets(conn: Connection, sets: Sequence[tuple[str, str]]) -> None:
    """Create or rename sets, each given as (code, name)."""
    await conn.execute(
        PUT_TERRITORY_SETS_SQL, [code for code, _ in sets], [name for _, name in sets]
    )


END_MEMBERS_SQL = """
UPDATE territory_member AS m SET ended_at = clock_timestamp()
FROM unnest($1::text[], $2::text[]) AS gone(territory_set, country)
WHERE m.territory_set = gone.territory_set AND m.country = gone.country AND m.ended_at IS NULL
"""
ADD_MEMBERS_SQL = """
INSERT INTO territory_member (territory_set, country)
SELECT * FROM unnest($1::text[], $2::text[])
"""


async def change_members(
    conn: Connection, gone: Sequence[tuple[str, str]], added: Sequence[tuple[str, str]]
) -> None:
    """End and add memberships, each given as (set, country)."""
    if gone:
        await conn.execute(END_MEMBERS_SQL, [s for s, _ in gone], [c for _, c in gone])
    if added:
        await conn.execute(ADD_MEMBERS_SQL, [s for s, _ in added], [c for _, c in added])


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLicence:
    """A licence as it is stored; its revision rises with every change of it or its terms."""

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

    @property
    def record(self) -> tuple[str | None, ...]:
        """What of it is written into renditions: the rest is for people."""
        return self.licensor, self.credit, self.web_statement, self.licensor_url


LICENCES_SQL = """
SELECT id, public_id, code, licensor, document, time_zone, credit, web_statement, licensor_url,
       revision
FROM licence WHERE code = ANY ($1)
"""


async def find_licences(conn: Connection, codes: Sequence[str]) -> dict[str, StoredLicence]:
    """Return the licences of these codes that exist."""
    rows = await conn.fetch(LICENCES_SQL, list(codes))
    return {row["code"]: StoredLicence(**row) for row in rows}


PUT_LICENCES_SQL = """
INSERT INTO licence (id, public_id, code, licensor, document, time_zone, credit, web_statement,
                     licensor_url, revision)
SELECT id, public_id, code, licensor, document, time_zone, credit, web_statement, licensor_url,
       revision
FROM jsonb_to_recordset($1) AS r(
    id uuid, public_id text, code text, licensor text, document text, time_zone text, credit text,
    web_statement text, licensor_url text, revision integer)
ON CONFLICT (code) DO UPDATE SET
    licensor = excluded.licensor, document = excluded.document, time_zone = excluded.time_zone,
    credit = excluded.credit, web_statement = excluded.web_statement,
    licensor_url = excluded.licensor_url, revision = excluded.revision
"""


async def put_licences(conn: Connection, licences: Sequence[StoredLicence]) -> None:
    """Write licences whole, new ones and changed ones alike."""
    rows = [
        {
            "id": str(each.id),
            "public_id": each.public_id,
            "code": each.code,
            "licensor": each.licensor,
            "document": each.document,
            "time_zone": each.time_zone,
            "credit": each.credit,
            "web_statement": each.web_statement,
            "licensor_url": each.licensor_url,
            "revision": each.revision,
        }
        for each in licences
    ]
    await conn.execute(PUT_LICENCES_SQL, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCollection:
    """A collection as it is stored."""

    id: uuid.UUID
    code: str
    name: str


COLLECTIONS_SQL = "SELECT id, code, name FROM collection WHERE code = ANY ($1)"


async def find_collections(conn: Connection, codes: Sequence[str]) -> dict[str, StoredCollection]:
    """Return the collections of these codes that exist."""
    rows = await conn.fetch(COLLECTIONS_SQL, list(codes))
    return {row["code"]: StoredCollection(**row) for row in rows}


PUT_COLLECTIONS_SQL = """
INSERT INTO collection (id, code, name)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
ON CONFLICT (code) DO UPDATE SET name = excluded.name
"""


async def put_collections(conn: Connection, collections: Sequence[StoredCollection]) -> None:
    """Create or rename collections."""
    await conn.execute(
        PUT_COLLECTIONS_SQL,
        [each.id for each in collections],
        [each.code for each in collections],
        [each.name for each in collections],
    )


ASSETS_IN_SETS_SQL = f"""
WITH named AS (
    SELECT DISTINCT s.code, {HOLDER_COLUMNS} FROM {TERMS} AS t, unnest($1::text[]) AS s(code)
    WHERE t.ended_at IS NULL AND s.code = ANY (t.include || t.exclude)
)
{held_assets("named", "code")}
"""  # noqa: S608 - ours


async def assets_in_sets(conn: Connection, sets: Sequence[str]) -> list[tuple[str, uuid.UUID]]:
    """Return (set, asset) where a grant or restriction of the asset names one of these sets."""
    rows = await conn.fetch(ASSETS_IN_SETS_SQL, list(sets))
    return [(row["code"], row["asset"]) for row in rows]
