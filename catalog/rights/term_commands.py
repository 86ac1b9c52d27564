"""Changes of one holder's terms by a person: all its assets turn in one transaction."""

from collections.abc import Sequence
from dataclasses import replace

from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import InvalidInputError, NotFoundError
from catalog.events.model import RecordedEvent
from catalog.rights.holders import HolderKind, TermHolder
from catalog.rights.model import TermInput, TermKind
from catalog.rights.statements import check_revision, checked, difference
from catalog.rights.store import known_codes
from catalog.rights.term_store import add_terms, end_terms, terms_of


async def set_terms(
    change: Change,
    kind: HolderKind,
    key: str,
    terms: TermKind,
    wanted: Sequence[TermInput],
    *,
    expected_revision: int | None = None,
) -> RecordedEvent | None:
    """Make these the grants, or the restrictions, of a holder; what is missing ends now.

    Args:
        change: the open transaction.
        kind: the holder's.
        key: its public id or code.
        terms: which of its terms.
        wanted: the full new set.
        expected_revision: of a holder whose kind counts revisions; None: whatever it is.

    Returns:
        The event, one however many assets the holder has; None where nothing changed.

    Raises:
        NotFoundError: there is no such holder.
        ConflictError: its revision is another than expected.
        InvalidInputError: a term names what does not exist or, being a licence's, another licence,
            or ends before it begins.
    """
    holder = await kind.lock(change.conn, key)
    if holder is None:
        raise NotFoundError(f"there is no {kind.name} {key}", field=kind.argument)
    check_revision(kind.name, holder.revision, expected_revision)
    replaced = await _replace(change.conn, holder, terms, wanted)
    if replaced is None:
        return None
    before, after = ({terms.value: each} for each in replaced)
    event = await kind.turn(change.conn, holder, {terms.value: len(wanted)})
    return (await change.record(replace(event, before=before, after=after)))[0]


async def write_terms(
    conn: Connection, kind: HolderKind, key: str, terms: TermKind, wanted: Sequence[TermInput]
) -> TermHolder:
    """Write the terms of a holder as `set_terms` does, and record nothing.

    Nobody obeys them: for a transaction that is rolled back once it has been looked at.

    Raises:
        NotFoundError: there is no such holder.
        InvalidInputError: as `set_terms`.
    """
    holder = await kind.lock(conn, key)
    if holder is None:
        raise NotFoundError(f"there is no {kind.name} {key}", field=kind.argument)
    await _replace(conn, holder, terms, wanted)
    return holder


async def _replace(
    conn: Connection, holder: TermHolder, terms: TermKind, wanted: Sequence[TermInput]
) -> tuple[list[TermInput], list[TermInput]] | None:
    """Write what is new and end what is missing; return all before and after, None: no change."""
    known = await known_codes(conn, [term.licence for term in wanted if term.licence is not None])
    stated = checked(wanted, known, terms.value)
    if holder.kind.is_document:
        _refuse_others(holder, stated)
    stored = (await terms_of(conn, [holder.id])).get((terms, holder.id), ())
    before = [each.term for each in stored]
    missing, added = difference(before, stated)
    ended = await end_terms(conn, terms, [stored[place].id for place in missing])
    await add_terms(conn, terms, holder.kind, {holder.id: added})
    return (before, stated) if ended or added else None


def _refuse_others(licence: TermHolder, stated: Sequence[TermInput]) -> None:
    for place, term in enumerate(stated):
        if term.licence not in {None, licence.name}:
            raise InvalidInputError(
                f"a grant of the licence {licence.name} rests on that licence, and on no other "
                f"such as {term.licence}: leave `licence` out",
                field=f"grants[{place}].licence",
            )
