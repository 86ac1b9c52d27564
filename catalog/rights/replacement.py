"""The full new set of a subject's grants or restrictions, as a person states it."""

import uuid
from collections.abc import Sequence

from catalog.db import Connection
from catalog.rights import term_store
from catalog.rights.model import TermInput
from catalog.rights.statements import checked, difference
from catalog.rights.store import end_grants, end_restrictions, known_codes
from catalog.rights.term_store import SubjectKind


async def replace_grants(
    conn: Connection, kind: SubjectKind, subject: uuid.UUID, wanted: Sequence[TermInput]
) -> bool:
    """Make these the grants of a subject that is locked; what is missing ends now.

    Returns:
        Whether anything changed.

    Raises:
        InvalidInputError: a grant names what does not exist, or ends before it begins.
    """
    known = await known_codes(conn, [term.licence for term in wanted if term.licence is not None])
    stored = (await term_store.grants_of(conn, [subject])).get(subject, [])
    missing, added = difference([each.term for each in stored], checked(wanted, known, "grants"))
    ended = await end_grants(conn, [stored[place].id for place in missing])
    await term_store.add_grants(conn, kind, {subject: added})
    return bool(ended or added)


async def replace_restrictions(
    conn: Connection, kind: SubjectKind, subject: uuid.UUID, wanted: Sequence[TermInput]
) -> bool:
    """Make these the restrictions of a subject that is locked; what is missing ends now.

    Returns:
        Whether anything changed.

    Raises:
        InvalidInputError: a restriction names what does not exist, or ends before it begins.
    """
    known = await known_codes(conn, ())
    stored = (await term_store.restrictions_of(conn, [subject])).get(subject, [])
    missing, added = difference(
        [each.term for each in stored], checked(wanted, known, "restrictions")
    )
    await end_restrictions(conn, [stored[place].id for place in missing])
    await term_store.add_restrictions(conn, kind, {subject: added})
    return bool(missing or added)
