"""The SQL of grants and restrictions in bulk, of subjects of every kind."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Literal, TypeAlias

from catalog.db import Connection, Record
from catalog.events.store import database_now
from catalog.ids import new_id
from catalog.members import named_in, removed_in
from catalog.rights.model import TermInput
from catalog.rights.store import end_grants, end_restrictions, known_codes
from catalog.rights.terms import ByHand, HasTerms, StoredTerm, TermBook, TermsChange

Terms: TypeAlias = dict[uuid.UUID, list[StoredTerm]]

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


ENDED_GRANTS_OF_ANY_SQL = GRANTS_OF_ANY_SQL.replace("ended_at IS NULL", "ended_at IS NOT NULL")
ENDED_RESTRICTIONS_OF_ANY_SQL = RESTRICTIONS_OF_ANY_SQL.replace(
    "ended_at IS NULL", "ended_at IS NOT NULL"
)


async def grants_of(conn: Connection, subjects: Sequence[uuid.UUID]) -> Terms:
    """Return the grants of subjects of any kind that have not been ended, by subject."""
    return _by_subject(await conn.fetch(GRANTS_OF_ANY_SQL, list(subjects)))


async def restrictions_of(conn: Connection, subjects: Sequence[uuid.UUID]) -> Terms:
    """Return the restrictions of subjects of any kind that have not been ended, by subject."""
    return _by_subject(await conn.fetch(RESTRICTIONS_OF_ANY_SQL, list(subjects)))


async def ended_grants_of(conn: Connection, subjects: Sequence[uuid.UUID]) -> Terms:
    """Return the grants of subjects of any kind that were ended, by subject."""
    return _by_subject(await conn.fetch(ENDED_GRANTS_OF_ANY_SQL, list(subjects)))


async def ended_restrictions_of(conn: Connection, subjects: Sequence[uuid.UUID]) -> Terms:
    """Return the restrictions of subjects of any kind that were ended, by subject."""
    return _by_subject(await conn.fetch(ENDED_RESTRICTIONS_OF_ANY_SQL, list(subjects)))


# Who set a term is told by the first event of its subject since: the one of the same transaction.
GRANTS_BY_HAND_SQL = """
WITH touched AS (
    SELECT s.id, s.subject FROM (
        SELECT id, 'asset/' || public_id AS subject FROM asset WHERE id = ANY ($1)
        UNION ALL
        SELECT id, 'collection/' || code FROM collection WHERE id = ANY ($1)
        UNION ALL
        SELECT id, 'licence/' || public_id FROM licence WHERE id = ANY ($1)) AS s
    WHERE EXISTS (SELECT FROM event AS e WHERE e.subject = s.subject
                  AND e.type = 'rights.changed' AND e.data ? 'grants')
)
SELECT g.id, touched.id AS subject, g.include, g.exclude, g.channels, g.usages, g.valid_from,
       g.valid_until, l.public_id AS licence, NULL AS note, g.ended_at IS NOT NULL AS has_ended
FROM touched
JOIN rights_grant AS g ON g.asset = touched.id OR g.collection = touched.id
    OR g.licence = touched.id
CROSS JOIN LATERAL (
    SELECT data FROM event WHERE subject = touched.subject
      AND time >= coalesce(g.ended_at, g.recorded_at) ORDER BY seq LIMIT 1) AS cause
LEFT JOIN licence AS l ON l.id = g.document
WHERE cause.data ? 'grants'
"""
RESTRICTIONS_BY_HAND_SQL = """
WITH touched AS (
    SELECT s.id, s.subject FROM (
        SELECT id, 'asset/' || public_id AS subject FROM asset WHERE id = ANY ($1)
        UNION ALL
        SELECT id, 'collection/' || code FROM collection WHERE id = ANY ($1)
        UNION ALL
        SELECT id, 'licence/' || public_id FROM licence WHERE id = ANY ($1)) AS s
    WHERE EXISTS (SELECT FROM event AS e WHERE e.subject = s.subject
                  AND e.type = 'rights.changed' AND e.data ? 'restrictions')
)
SELECT r.id, touched.id AS subject, r.include, r.exclude, r.channels, r.usages, r.valid_from,
       r.valid_until, NULL AS licence, r.note, r.ended_at IS NOT NULL AS has_ended
FROM touched
JOIN rights_restriction AS r ON r.asset = touched.id OR r.collection = touched.id
    OR r.licence = touched.id
CROSS JOIN LATERAL (
    SELECT data FROM event WHERE subject = touched.subject
      AND time >= coalesce(r.ended_at, r.recorded_at) ORDER BY seq LIMIT 1) AS cause
WHERE cause.data ? 'restrictions'
"""


async def decided_by_hand(conn: Connection, subjects: Sequence[uuid.UUID]) -> ByHand:
    """Return what people added to the terms of subjects of any kind and took away from them."""
    grants = await conn.fetch(GRANTS_BY_HAND_SQL, list(subjects))
    restrictions = await conn.fetch(RESTRICTIONS_BY_HAND_SQL, list(subjects))
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
        for term in (*named_in(record.grants), *named_in(record.restrictions))
        if term.licence is not None
    }
    known = await known_codes(conn, sorted(named))
    takes_grants = any(removed_in(record.grants) for record in records)
    takes_restrictions = any(removed_in(record.restrictions) for record in records)
    return TermBook(
        now=await database_now(conn),
        known=known,
        zones={**await zones_of(conn, sorted(named)), **zones},
        grants=await grants_of(conn, subjects),
        restrictions=await restrictions_of(conn, subjects),
        ended_grants=await ended_grants_of(conn, subjects) if takes_grants else {},
        ended_restrictions=(
            await ended_restrictions_of(conn, subjects) if takes_restrictions else {}
        ),
        by_hand=await decided_by_hand(conn, subjects),
    )


def _by_subject(rows: Sequence[Record]) -> Terms:
    found: Terms = {}
    for row in rows:
        values = {each.name: row[each.name] for each in fields(TermInput)}
        values |= {
            name: tuple(values[name]) for name in ("include", "exclude", "channels", "usages")
        }
        subject: uuid.UUID = row["subject"]
        stored = StoredTerm(id=row["id"], subject=subject, term=TermInput(**values))
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
    await add_grants(conn, kind, {who: each.grants.added for who, each in changes.items()})
    await add_restrictions(
        conn, kind, {who: each.restrictions.added for who, each in changes.items()}
    )


async def add_grants(
    conn: Connection, kind: SubjectKind, added: Mapping[uuid.UUID, Sequence[TermInput]]
) -> None:
    """Record grants of subjects of one kind; their licences are named by public id."""
    if rows := [_row(who, term) for who, terms in added.items() for term in terms]:
        await conn.execute(ADD_GRANTS_SQL, kind, rows)


async def add_restrictions(
    conn: Connection, kind: SubjectKind, added: Mapping[uuid.UUID, Sequence[TermInput]]
) -> None:
    """Record restrictions of subjects of one kind."""
    if rows := [_row(who, term) for who, terms in added.items() for term in terms]:
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
