"""The SQL of grants and restrictions in bulk, of holders of every kind."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields

from catalog.db import Connection, Record
from catalog.events.store import database_now
from catalog.ids import new_id
from catalog.members import named_in, removed_in
from catalog.rights.holders import HolderKind
from catalog.rights.model import TermInput, TermKind
from catalog.rights.store import known_codes
from catalog.rights.term_sql import (
    HOLDER_COLUMNS,
    HOLDER_ID,
    TERMS,
    holder_values,
    is_held_by,
    of_each_kind,
)
from catalog.rights.terms import (
    HolderRecord,
    ManualTerms,
    StoredTerm,
    TermBook,
    TermsByHolder,
    TermsChange,
)

ZONES_SQL = "SELECT code, time_zone FROM licence WHERE code = ANY ($1)"


async def zones_of(conn: Connection, licences: Sequence[str]) -> dict[str, str]:
    """Return the time zone of licences by their codes."""
    rows = await conn.fetch(ZONES_SQL, list(licences))
    return {row["code"]: row["time_zone"] for row in rows}


_TERM = """t.term_kind, t.id, t.include, t.exclude, t.channels, t.usages, t.valid_from,
       t.valid_until, l.public_id AS licence, t.note"""

TERMS_OF_SQL = f"""
SELECT {_TERM}, {HOLDER_ID} AS holder
FROM {TERMS} AS t LEFT JOIN licence AS l ON l.id = t.document
WHERE t.ended_at IS NULL AND {is_held_by("t", "= ANY ($1)")}
ORDER BY t.valid_from, t.id
"""  # noqa: S608 - ours
ENDED_TERMS_OF_SQL = TERMS_OF_SQL.replace("t.ended_at IS NULL", "t.ended_at IS NOT NULL")


async def terms_of(conn: Connection, holders: Sequence[uuid.UUID]) -> TermsByHolder:
    """Return the terms of holders of any kind that have not been ended."""
    return _by_holder(await conn.fetch(TERMS_OF_SQL, list(holders)))


async def ended_terms_of(conn: Connection, holders: Sequence[uuid.UUID]) -> TermsByHolder:
    """Return the terms of holders of any kind that were ended."""
    return _by_holder(await conn.fetch(ENDED_TERMS_OF_SQL, list(holders)))


_AGGREGATES = of_each_kind(
    "SELECT id, '{kind}/' || {name} AS subject FROM {kind} WHERE id = ANY ($1)"
)
# Who set a term stands in the first event of its holder since: the one of the same transaction.
TERMS_BY_HAND_SQL = f"""
WITH touched AS (
    SELECT s.id, s.subject FROM ({_AGGREGATES}) AS s
    WHERE EXISTS (SELECT FROM event AS e WHERE e.subject = s.subject
                  AND e.type = 'rights.changed' AND e.data ?| ARRAY['grants', 'restrictions'])
)
SELECT {_TERM}, touched.id AS holder, t.ended_at IS NOT NULL AS has_ended
FROM touched
JOIN {TERMS} AS t ON {is_held_by("t", "= touched.id")}
CROSS JOIN LATERAL (
    SELECT data FROM event WHERE subject = touched.subject
      AND time >= coalesce(t.ended_at, t.recorded_at) ORDER BY seq LIMIT 1) AS cause
LEFT JOIN licence AS l ON l.id = t.document
WHERE cause.data ? t.term_kind
"""  # noqa: S608 - ours


async def decided_by_hand(conn: Connection, holders: Sequence[uuid.UUID]) -> ManualTerms:
    """Return what people added to the terms of holders of any kind and took away from them."""
    rows = await conn.fetch(TERMS_BY_HAND_SQL, list(holders))
    return ManualTerms(
        added=frozenset(row["id"] for row in rows if not row["has_ended"]),
        ended=_by_holder([row for row in rows if row["has_ended"]]),
    )


async def open_term_book(
    conn: Connection,
    holders: Sequence[uuid.UUID],
    records: Sequence[HolderRecord],
    *,
    zones: Mapping[str, str],
) -> TermBook:
    """Read what the terms of a batch of records are compared with.

    Args:
        conn: of the transaction that has locked the holders.
        holders: those of the records that exist.
        records: what is wanted.
        zones: time zones of licences that are not stored yet, by code.
    """
    stated = [record.terms(kind) for record in records for kind in TermKind]
    named = sorted({
        term.licence for each in stated for term in named_in(each) if term.licence is not None
    })
    takes_some = any(removed_in(each) for each in stated)
    return TermBook(
        now=await database_now(conn),
        known=await known_codes(conn, named),
        zones={**await zones_of(conn, named), **zones},
        stored=await terms_of(conn, holders),
        ended=await ended_terms_of(conn, holders) if takes_some else {},
        by_hand=await decided_by_hand(conn, holders),
    )


def _by_holder(rows: Sequence[Record]) -> TermsByHolder:
    found: dict[tuple[TermKind, uuid.UUID], list[StoredTerm]] = {}
    for row in rows:
        values = {each.name: row[each.name] for each in fields(TermInput)}
        values |= {
            name: tuple(values[name]) for name in ("include", "exclude", "channels", "usages")
        }
        stored = StoredTerm(id=row["id"], term=TermInput(**values))
        found.setdefault((TermKind(row["term_kind"]), row["holder"]), []).append(stored)
    return found


async def write_terms(
    conn: Connection, kind: HolderKind, changes: Mapping[uuid.UUID, TermsChange]
) -> None:
    """End and add the terms of holders of one kind."""
    for terms in TermKind:
        each = {holder: change[terms] for holder, change in changes.items() if terms in change}
        await end_terms(conn, terms, [term for change in each.values() for term in change.ending])
        await add_terms(
            conn, terms, kind, {holder: change.added for holder, change in each.items()}
        )


END_GRANTS_SQL = f"""
WITH ended AS (
    UPDATE rights_grant SET ended_at = clock_timestamp()
    WHERE id = ANY ($1)
      AND (valid_until IS NULL OR valid_until > clock_timestamp())
    RETURNING *
), successor AS (
    INSERT INTO rights_grant (id, {HOLDER_COLUMNS}, document, include, exclude, channels, usages,
                              valid_from, valid_until, recorded_at)
    SELECT n.id, {HOLDER_COLUMNS}, document, include, exclude, channels, usages,
           valid_from, ended_at, ended_at
    FROM ended AS e JOIN unnest($1::uuid[], $2::uuid[]) AS n(old, id) ON n.old = e.id
    WHERE e.valid_from < e.ended_at
)
SELECT count(*) FROM ended
"""  # noqa: S608 - ours
END_RESTRICTIONS_SQL = """
WITH ended AS (
    UPDATE rights_restriction SET ended_at = clock_timestamp()
    WHERE id = ANY ($1) AND ended_at IS NULL RETURNING id
)
SELECT count(*) FROM ended
"""


async def end_terms(conn: Connection, terms: TermKind, ending: Sequence[uuid.UUID]) -> int:
    """End terms now: grants that have begun stay on record as expired at this instant.

    A grant that has expired already is left as it is: it is what says LICENCE_EXPIRED.

    Returns:
        How many were ended.
    """
    if not ending:
        return 0
    if terms is TermKind.RESTRICTIONS:
        return await conn.fetchval(END_RESTRICTIONS_SQL, list(ending))
    return await conn.fetchval(END_GRANTS_SQL, list(ending), [new_id() for _ in ending])


_ADD_TERMS = f"""
INSERT INTO {{table}} (id, {HOLDER_COLUMNS}, include, exclude, channels, usages, valid_from,
                     valid_until, {{own}})
SELECT r.id, {holder_values("$1", "r.holder")}, include, exclude, channels, usages, valid_from,
       valid_until, {{value}}
FROM jsonb_to_recordset($2) AS r(
    id uuid, holder uuid, licence text, include text[], exclude text[], channels text[],
    usages text[], valid_from timestamptz, valid_until timestamptz, note text)
LEFT JOIN licence AS l ON l.public_id = r.licence
"""  # noqa: S608 - ours
ADD_GRANTS_SQL = _ADD_TERMS.format(table="rights_grant", own="document", value="l.id")
ADD_RESTRICTIONS_SQL = _ADD_TERMS.format(table="rights_restriction", own="note", value="r.note")


async def add_terms(
    conn: Connection,
    terms: TermKind,
    kind: HolderKind,
    added: Mapping[uuid.UUID, Sequence[TermInput]],
) -> None:
    """Record terms of holders of one kind; their licences are named by public id."""
    rows = [_row(holder, term) for holder, several in added.items() for term in several]
    if rows:
        statement = ADD_GRANTS_SQL if terms is TermKind.GRANTS else ADD_RESTRICTIONS_SQL
        await conn.execute(statement, kind.name, rows)


def _row(holder: uuid.UUID, term: TermInput) -> dict[str, object]:
    return {
        "id": str(new_id()),
        "holder": str(holder),
        "include": list(term.include),
        "exclude": list(term.exclude),
        "channels": list(term.channels),
        "usages": list(term.usages),
        "valid_from": term.valid_from,
        "valid_until": term.valid_until,
        "licence": term.licence,
        "note": term.note,
    }
