"""Grants and restrictions as people state them: what they must satisfy, how two sets differ."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from catalog.clock import is_never
from catalog.errors import (
    ConflictError,
    Faults,
    InvalidInputError,
    UnknownNameError,
    VitrineError,
)
from catalog.rights.model import ALL, TermInput
from catalog.rights.store import KnownCodes
from catalog.rights.territory import WORLD, is_country

#: Instants beyond are nobody's licence; the first and last of Python are infinite in PostgreSQL.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def is_link(url: str) -> bool:
    """Return whether this is an absolute http or https URL that fits into a header (RFC 3986)."""
    if not url.isascii() or not url.isprintable() or any(mark in url for mark in ' <>"'):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def check_revision(noun: str, stored: int, expected: int | None) -> None:
    """Check that nobody changed it meanwhile; None: whatever it is.

    Raises:
        ConflictError: its revision is another than expected.
    """
    if expected is not None and expected != stored:
        raise ConflictError(
            f"the {noun} is at revision {stored}, not {expected}: read it again",
            field="expectedRevision",
        )


def checked(terms: Sequence[TermInput], known: KnownCodes, name: str) -> list[TermInput]:
    """Return the terms with licences as public ids.

    Args:
        terms: as stated.
        known: what they may name.
        name: of the input, for the error: `grants` or `restrictions`.

    Raises:
        InvalidInputError: a term names what does not exist, or ends before it begins.
        SeveralFaultsError: more than one of these, in one term or in several.
    """
    faults = Faults()
    written: list[TermInput] = []
    for place, term in enumerate(terms):
        with faults:
            written.append(_checked(term, known, f"{name}[{place}]"))
    faults.refuse_any()
    return written


def _checked(term: TermInput, known: KnownCodes, field: str) -> TermInput:
    if term.valid_until is not None and is_never(term.valid_until):
        term = replace(term, valid_until=None)
    faults = Faults()
    for part, codes in (("include", term.include), ("exclude", term.exclude)):
        faults += _not_countries(codes, known.sets, f"{field}.territory.{part}")
    faults += _unknown_codes(term.channels, known.channels, "channel", f"{field}.channels")
    faults += _unknown_codes(term.usages, known.usages, "usage", f"{field}.usages")
    with faults:
        _check_window(term, field)
    if term.licence is not None and term.licence not in known.licences:
        unknown = f"there is no licence {term.licence}"
        named = (("licence", term.licence),)
        faults.append(UnknownNameError(unknown, field=f"{field}.licence", named=named))
    faults.refuse_any()
    return term if term.licence is None else replace(term, licence=known.licences[term.licence])


def _not_countries(
    codes: Sequence[str], sets: Container[str], field: str
) -> Iterator[VitrineError]:
    for code in dict.fromkeys(codes):
        if code != WORLD and not is_country(code) and code not in sets:
            yield UnknownNameError(
                f"{code} is no ISO 3166-1 country, no territory set and not WORLD",
                field=field,
                named=(("territory_set", code),),
            )


def _unknown_codes(
    codes: Sequence[str], known: Container[str], noun: str, field: str
) -> Iterator[VitrineError]:
    for code in dict.fromkeys(codes):
        if code != ALL and code not in known:
            yield UnknownNameError(
                f"there is no {noun} {code}; write {ALL!r} for all of them",
                field=field,
                named=((noun, code),),
            )


def _check_window(term: TermInput, field: str) -> None:
    for name, instant in (("validFrom", term.valid_from), ("validUntil", term.valid_until)):
        if instant is not None and not EARLIEST <= instant <= LATEST:
            raise InvalidInputError(
                "it must lie between the years 1900 and 9000; leave the end out for never",
                field=f"{field}.{name}",
            )
    if term.valid_until is not None and term.valid_until <= term.valid_from:
        raise InvalidInputError("it must end after it begins", field=f"{field}.validUntil")


def difference(
    stored: Sequence[TermInput], wanted: Sequence[TermInput]
) -> tuple[list[int], list[TermInput]]:
    """Compare two sets of terms.

    Returns:
        The places of the stored ones that are not wanted, and the wanted ones not yet stored.
    """
    added = list(wanted)
    missing: list[int] = []
    for place, term in enumerate(stored):
        if term in added:
            added.remove(term)
        else:
            missing.append(place)
    return missing, added
