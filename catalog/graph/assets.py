"""Lists of assets by code, and what else is known of one: its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from catalog.db import Connection
from catalog.graph.media import LiveAsset, asset_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFilter:
    """Conditions that assets have to meet together; None: any.

    Attributes:
        statuses: one of these.
        codes: one of these.
        text: beginnings of words of the code or of the file's name, in whatever case.
        licence: the id or code of one that it belongs to, or that a grant of its own names.
        collection: the code of one that it is in.
    """

    statuses: Sequence[str] | None = None
    codes: Sequence[str] | None = None
    text: str | None = None
    licence: str | None = None
    collection: str | None = None


_CONDITIONS: Final[Mapping[str, str]] = {
    "statuses": "a.status = ANY ({})",
    "codes": "a.code = ANY ({})",
    # by the index `asset_words`
    "text": """a.id IN (
        SELECT id FROM asset
        WHERE array_to_tsvector(words_of(code || ' ' || slug)) @@ words_query({}))""",
    "licence": """a.id IN (
        WITH named AS (SELECT id FROM licence WHERE {} IN (public_id, code))
        SELECT asset FROM asset_licence JOIN named ON licence = named.id WHERE ended_at IS NULL
        UNION ALL
        SELECT asset FROM rights_grant JOIN named ON document = named.id
        WHERE asset IS NOT NULL AND ended_at IS NULL)""",
    "collection": """a.id IN (
        SELECT m.asset FROM collection_asset AS m JOIN collection AS c ON c.id = m.collection
        WHERE c.code = {} AND m.ended_at IS NULL)""",
}


def list_statement(wanted: AssetFilter) -> tuple[str, list[object]]:
    """Return the statement of a page with only those conditions that are asked, and its values.

    Its first two parameters are the code that the page begins behind, and its size.
    """
    asked = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    given = {name: value for name, value in asked.items() if value is not None}
    conditions = [
        _CONDITIONS[name].format(f"${place}") for place, name in enumerate(given, start=3)
    ]
    return (
        f"""
SELECT a.*, (
    SELECT jsonb_agg(jsonb_build_array(v.key, v.locale, v.data))
    FROM asset_value AS v WHERE v.asset = a.id
) AS texts FROM live_asset AS a
WHERE {" AND ".join(["a.code > $1", *conditions])}
ORDER BY a.code LIMIT $2
""",  # noqa: S608 - ours
        list(given.values()),
    )


async def list_assets(
    conn: Connection, wanted: AssetFilter, *, after: str, size: int
) -> list[LiveAsset]:
    """Return a page of assets by code, those after a code; an empty one is before all."""
    statement, given = list_statement(wanted)
    return [asset_of(row) for row in await conn.fetch(statement, after, size, *given)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetVersion:
    """The bytes of an asset as they were brought once.

    Attributes:
        n: counts from 1.
        sha256: of the bytes, in hexadecimal digits.
        is_current: what is delivered is made of it.
    """

    n: int
    created_at: datetime
    bytes: int
    mime: str
    width_px: int | None
    height_px: int | None
    has_alpha: bool
    sha256: str
    is_current: bool


VERSIONS_SQL = """
SELECT v.n, v.created_at, v.bytes, v.mime, v.width_px, v.height_px, v.has_alpha, v.sha256,
       v.n IS NOT DISTINCT FROM a.current_version AS is_current
FROM asset AS a JOIN asset_version AS v ON v.asset = a.id
WHERE a.public_id = $1 ORDER BY v.n DESC LIMIT 100
"""


async def find_versions(conn: Connection, public_id: str) -> list[AssetVersion]:
    """Return the last 100 versions of an asset, the newest first."""
    return [AssetVersion(**row) for row in await conn.fetch(VERSIONS_SQL, public_id)]
