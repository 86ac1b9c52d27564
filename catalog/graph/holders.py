"""Licences and collections with their terms and how many assets they have, for rights managers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from catalog.db import Connection
from catalog.rights.holder_kinds import ASSET, COLLECTION, LICENCE
from catalog.rights.holders import HolderKind
from catalog.rights.model import TermKind
from catalog.rights.term_sql import terms_as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTerms:
    """A holder as it is now.

    Attributes:
        grants, restrictions: its own, as `live_asset` writes those of an asset.
        asset_count: how many assets they hold for; of a licence also those of which it is the
            document of a grant.
    """

    id: uuid.UUID
    code: str
    grants: Sequence[Mapping[str, Any]]
    restrictions: Sequence[Mapping[str, Any]]
    asset_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence(HeldTerms):
    """A licence as it is now."""

    public_id: str
    licensor: str
    document: str | None
    time_zone: str
    credit: str | None
    web_statement: str | None
    licensor_url: str | None
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection(HeldTerms):
    """A collection as it is now."""

    name: str


Listed = TypeVar("Listed", bound=HeldTerms)


def _list_sql(kind: HolderKind, columns: str, assets: str) -> str:
    is_named = " OR ".join(f"h.{name} = $1" for name in kind.names)
    return f"""
SELECT h.id, h.code, {columns},
       {terms_as_json(TermKind.GRANTS, kind, "h.id")} AS grants,
       {terms_as_json(TermKind.RESTRICTIONS, kind, "h.id")} AS restrictions,
       (SELECT count(*) FROM ({assets}) AS resting) AS asset_count
FROM {kind.name} AS h
WHERE ($1::text IS NULL OR {is_named}) AND h.code > $2
ORDER BY h.{kind.names[0]} IS DISTINCT FROM $1, h.code LIMIT $3
"""  # noqa: S608 - ours


LIST_LICENCES_SQL = _list_sql(
    LICENCE,
    "h.public_id, h.licensor, h.document, h.time_zone, h.credit, h.web_statement, h.licensor_url,"
    " h.revision",
    """
        SELECT asset FROM asset_licence WHERE licence = h.id AND ended_at IS NULL
        UNION
        SELECT asset FROM rights_grant
        WHERE document = h.id AND asset IS NOT NULL AND ended_at IS NULL""",
)
LIST_COLLECTIONS_SQL = _list_sql(
    COLLECTION,
    "h.name",
    "SELECT FROM collection_asset WHERE collection = h.id AND ended_at IS NULL",
)
_LISTS: Mapping[type[HeldTerms], str] = {
    Licence: LIST_LICENCES_SQL,
    Collection: LIST_COLLECTIONS_SQL,
}
#: The names of the lists in their cursors, which clients keep: they stay, whatever is renamed here.
CURSOR_NAMES: Mapping[type[HeldTerms], str] = {Licence: "LICENCES", Collection: "COLLECTIONS"}


async def find_holder(conn: Connection, kind: type[Listed], key: str) -> Listed | None:
    """Return the licence or the collection of a public id or code; None: there is none."""
    row = await conn.fetchrow(_LISTS[kind], key, "", 1)
    return None if row is None else kind(**row)


async def list_holders(
    conn: Connection, kind: type[Listed], *, after: str, size: int
) -> list[Listed]:
    """Return a page of licences or collections by code, those after a code; "" is before all."""
    rows = await conn.fetch(_LISTS[kind], None, after, size)
    return [kind(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTerms:
    """What is stated for one asset alone, and what else it has terms of.

    Attributes:
        grants, restrictions: its own, as `live_asset` writes those of an asset.
        licences, collections: codes of those that it belongs to.
    """

    revision: int
    grants: Sequence[Mapping[str, Any]]
    restrictions: Sequence[Mapping[str, Any]]
    licences: Sequence[str]
    collections: Sequence[str]


OWN_TERMS_SQL = f"""
SELECT a.revision,
       {terms_as_json(TermKind.GRANTS, ASSET, "a.id")} AS grants,
       {terms_as_json(TermKind.RESTRICTIONS, ASSET, "a.id")} AS restrictions,
       ARRAY(SELECT code FROM licence JOIN asset_licence AS m ON m.licence = licence.id
             WHERE m.asset = a.id AND m.ended_at IS NULL ORDER BY code) AS licences,
       ARRAY(SELECT code FROM collection JOIN collection_asset AS m ON m.collection = collection.id
             WHERE m.asset = a.id AND m.ended_at IS NULL ORDER BY code) AS collections
FROM asset AS a WHERE a.public_id = $1
"""  # noqa: S608 - ours


async def find_own_terms(conn: Connection, asset: str) -> OwnTerms | None:
    """Return what is stated for the asset of a public id; None: there is none."""
    row = await conn.fetchrow(OWN_TERMS_SQL, asset)
    return None if row is None else OwnTerms(**row)
