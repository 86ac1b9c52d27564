"""The SQL of grants and restrictions in bulk, of subjects of every kind."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Literal

from catalog.db import Connection, Record
from catalog.events.store import database_now
from catalog.ids import new_id
from catalog.rights.model import TermInput
from catalog.rights.store import end_grants, end_restrictions, known_codes
from catalog.rights.terms import ByHand, HasTerms, StoredTerm, TermBook, TermsChange

SubjectKind = Literal["asset", "collection", "licence"]

ZONES_SQL = "SELECT code, time_zone FROM licence WHERE code = ANY ($1)"


async def zones_of(conn: Connection, licences: Sequence[str]) -> dict[str, str]:
    """Return the time zone of licences by their codes."""
    rows = await conn.fetch(ZONES_SQL, list(licences))
    return {row["code"]: row["time_zone"] for row in rows}


GRANTS_OF_ANY_SQL = """
SELECT g.id, coalesce(g.asset, g.collection, g.licence) AS subject, g.include, g.exclude,
       g.channels, g.usages, g.valid_from, g.valid_until, l.public_id AS licence, NULL AS note
FROM rights_grant AS g LEFT JOIN licence AS l ON l.id = g.document
WHERE g.ended_at IS NULL
  AND (g.asset = ANY ($1) OR g.collection = ANY ($1) OR g.licence = ANY ($1))
ORDER BY g.valid_from, g.id
"""
RESTRICTIONS_OF_ANY_SQL = """
SELECT id, coalesce(asset, collection, licence) AS subject, include, exclude, channels, usages,
       valid_from, valid_until, NULL AS licence, note
FROM rights_restriction
WHERE ended_at IS NULL
  AND (asset = ANY ($1) OR collection = ANY ($1) OR licence = ANY ($1))
ORDER BY valid_from, id
"""

# Who set a term is told by the first event of its asset since: the one of the same transaction.
GRANTS_BY_HAND_SQL = """
SELECT g.id, g.asset AS subject, g.include, g.exclude, g.channels, g.usages, g.valid_from,
       g.valid_until, l.public_id AS licence, NULL AS note, g.ended_at IS NOT NULL AS has_ended
FROM (SELECT DISTINCT a.id, e.subject FROM asset AS a
      JOIN event AS e ON e.subject = 'asset/' || a.public_id
      WHERE a.id = ANY ($1) AND e.type = 'rights.changed' AND e.data ? 'grants') AS touched
JOIN rights_grant AS g ON g.asset = touched.id
CROSS JOIN LATERAL (
    SELECT data FROM event WHERE subject = touched.subject
      AND time >= coalesce(g.ended_at, g.recorded_at) ORDER BY seq LIMIT 1) AS cause
LEFT JOIN licence AS l ON l.id = g.document
WHERE cause.data ? 'grants'
"""
RESTRICTIONS_BY_HAND_SQL = """
SELECT r.id, r.asset AS subject, r.include, r.exclude, r.channels, r.usages, r.valid_from,
       r.valid_until, NULL AS licence, r.note, r.ended_at IS NOT NULL AS has_ended
FROM (SELECT DISTINCT a.id, e.subject FROM asset AS a
      JOIN event AS e ON e.subject = 'asset/' || a.public_id
      WHERE a.id = ANY ($1) AND e.type = 'rights.changed' AND e.data ? 'restrictions') AS touched
JOIN rights_restriction AS r ON r.asset = touched.id
CROSS JOIN LATERAL (
    SELECT data FROM event WHERE subject = touched.subject
      AND time >= coalesce(r.ended_at, r.recorded_at) ORDER BY seq LIMIT 1) AS cause
WHERE cause.data ? 'restrictions'
"""


async def decided_by_hand(conn: Connection, assets: Sequence[uuid.UUID]) -> ByHand:
    """Return what people added to the terms of assets and took away from them."""
    grants = await conn.fetch(GRANTS_BY_HAND_SQL, list(assets))
    restrictions = await conn.fetch(RESTRICTIONS_BY_HAND_SQL, list(assets))
    return ByHand(
        added=frozenset(row["id"] for row in (*grants, *restrictions) if not row["has_ended"]),
        ended_grants=_ended_terms(grants),
        ended_restrictions=_ended_terms(restrictions),
    )


def _ended_terms(rows: Sequence[Record]) -> dict[uuid.UUID, list[TermInput]]:
    ended = _by_subject([row for row in rows if row["has_ended"]])
    return {subject: [each.term for each in terms] for subject, terms in ended.items()}


async def open_term_book(
    conn: Connection,
    subjects: Sequence[uuid.UUID],
    records: Sequence[HasTerms],
    *,
    zones: Mapping[str, str],
) -> TermBook:
    """Read what the terms of a batch of records are compared with.

    Args:
        conn: of the transaction that has locked the subjects.
        subjects: those of the records that exist.
        records: what is wanted.
        zones: time zones of licences that are not stored yet, by code.
    """
    named = {
        term.licence
        for record in records
        for term in (*(record.grants or ()), *(record.restrictions or ()))
        if term.licence is not None
    }
    known = await known_codes(conn, sorted(named))
    grants = await conn.fetch(GRANTS_OF_ANY_SQL, list(subjects))
    restrictions = await conn.fetch(RESTRICTIONS_OF_ANY_SQL, list(subjects))
    return TermBook(
        now=await database_now(conn),
        known=known,
        zones={**await zones_of(conn, sorted(named)), **zones},
        grants=_by_subject(grants),
        restrictions=_by_subject(restrictions),
        by_hand=await decided_by_hand(conn, subjects),
    )


def _by_subject(rows: Sequence[Record]) -> dict[uuid.UUID, list[StoredTerm]]:
    found: dict[uuid.UUID, list[StoredTerm]] = {}
    for row in rows:
        term = TermInput(**{each.name: row[each.name] for each in fields(TermInput)})
        subject: uuid.UUID = row["subject"]
        stored = StoredTerm(id=row["id"], subject=subject, term=term)
        found.setdefault(subject, []).append(stored)
    return found


ADD_GRANTS_SQL = """
INSERT INTO rights_grant (id, asset, collection, licence, document, include, exclude, channels,
                          usages, valid_from, valid_until)
SELECT r.id, CASE $1 WHEN 'asset' THEN subject END, CASE $1 WHEN 'collection' THEN subject END,
       CASE $1 WHEN 'licence' THEN subject END, l.id, include, exclude, channels, usages,
       valid_from, valid_until
FROM jsonb_to_recordset($2) AS r(
    id uuid, subject uuid, licence text, include text[], exclude text[], channels text[],
    usages text[], valid_from timestamptz, valid_until timestamptz)
LEFT JOIN licence AS l ON l.public_id = r.licence
"""
ADD_RESTRICTIONS_SQL = """
INSERT INTO rights_restriction (id, asset, collection, licence, include, exclude, channels,
                                usages, valid_from, valid_until, note)
SELECT id, CASE $1 WHEN 'asset' THEN subject END, CASE $1 WHEN 'collection' THEN subject END,
       CASE $1 WHEN 'licence' THEN subject END, include, exclude, channels, usages,
       valid_from, valid_until, note
FROM jsonb_to_recordset($2) AS r(
    id uuid, subject uuid, include text[], exclude text[], channels text[], usages text[],
    valid_from timestamptz, valid_until timestamptz, note text)
"""


async def write_terms(
    conn: Connection, kind: SubjectKind, changes: Mapping[uuid.UUID, TermsChange]
) -> None:
    """End and add the grants and restrictions of subjects of one kind."""
    every = changes.values()
    if ending := [identity for each in every for identity in each.grants.ending]:
        await end_grants(conn, ending)
    if ending := [identity for each in every for identity in each.restrictions.ending]:
        await end_restrictions(conn, ending)
    if rows := [_row(who, term) for who, each in changes.items() for term in each.grants.added]:
        await conn.execute(ADD_GRANTS_SQL, kind, rows)
    if rows := [
        _row(who, term) for who, each in changes.items() for term in each.restrictions.added
    ]:
        await conn.execute(ADD_RESTRICTIONS_SQL, kind, rows)


def _row(subject: uuid.UUID, term: TermInput) -> dict[str, object]:
    return {
        "id": str(new_id()),
        "subject": str(subject),
        "include": list(term.include),
        "exclude": list(term.exclude),
        "channels": list(term.channels),
        "usages": list(term.usages),
        "valid_from": term.valid_from,
        "valid_until": term.valid_until,
        "licence": term.licence,
        "note": term.note,
    }
