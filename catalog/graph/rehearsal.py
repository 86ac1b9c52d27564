"""What a change of grants or restrictions would darken: it is made, looked at, and rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from catalog.db import Connection
from catalog.events.store import database_now
from catalog.graph.going_dark import GoingDark, find_lost
from catalog.graph.media import find_assets
from catalog.graph.reference import Reference
from catalog.rights.holders import HolderKind, TermHolder
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import write_terms

#: Assets of a licence or a collection that are looked at, the first by code.
MOST_LOOKED_AT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsToRehearse:
    """The full new set of grants, or of restrictions, of a holder.

    Attributes:
        key: the public id or code of the holder.
    """

    kind: HolderKind
    key: str
    terms: TermKind
    wanted: Sequence[TermInput]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRehearsal:
    """What stated terms would do.

    Attributes:
        goes_dark: assets that would lose a place at once, of those that were looked at.
        looked_at: how many were.
        assets: how many the holder has.
    """

    goes_dark: Sequence[GoingDark]
    looked_at: int
    assets: int


async def rehearse_terms(
    conn: Connection, reference: Reference, stated: TermsToRehearse
) -> TermsRehearsal:
    """Return what would go dark at once; nothing is changed.

    Args:
        conn: to the primary, outside of a transaction.
        reference: markets and channels.
        stated: what is looked at.

    Raises:
        NotFoundError: there is no such holder.
        InvalidInputError: a term names what does not exist, or ends before it begins.
    """
    transaction = conn.transaction()
    await transaction.start()
    try:
        holder = await write_terms(conn, stated.kind, stated.key, stated.terms, stated.wanted)
        ids, count = await _held(conn, holder)
        after = await find_assets(conn, ids)
        now = await database_now(conn)  # by which terms have ended
    finally:
        await transaction.rollback()
    before = await find_assets(conn, ids)
    changed = list(zip(before, after, strict=True))
    return TermsRehearsal(
        goes_dark=await find_lost(conn, reference, changed, now), looked_at=len(ids), assets=count
    )


async def _held(conn: Connection, holder: TermHolder) -> tuple[list[str], int]:
    """Return the public ids of the first assets of a holder, and how many it has."""
    kind = holder.kind
    if kind.members is None:
        return [holder.name], 1
    statement = f"""
        SELECT a.public_id, count(*) OVER () AS assets
        FROM {kind.members} AS m JOIN asset AS a ON a.id = m.asset
        WHERE m.{kind.name} = $1 AND m.ended_at IS NULL ORDER BY a.code LIMIT $2
    """  # noqa: S608 - names of our own tables
    rows = await conn.fetch(statement, holder.id, MOST_LOOKED_AT)
    return [row["public_id"] for row in rows], rows[0]["assets"] if rows else 0
