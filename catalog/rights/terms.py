"""Grants and restrictions as an import states them, and how they meet those that are stored."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from catalog.rights.model import TermInput
from catalog.rights.moments import NOW, Moment
from catalog.rights.statements import checked
from catalog.rights.store import KnownCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """Countries, territory sets or `WORLD`: those included without those excluded."""

    include: Sequence[str]
    exclude: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRecord:
    """A grant or a restriction of an import.

    Attributes:
        channels, usages: codes, or `*` for all; an empty list grants nothing.
        valid_until: None: it never ends.
        licence: code of the licence that says so; grants only.
        note: restrictions only.
    """

    territory: Territory
    channels: Sequence[str]
    usages: Sequence[str]
    valid_from: Moment = NOW
    valid_until: Moment | None = None
    licence: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTerm:
    """A row that has not been ended, of whatever subject; names its licence by public id."""

    id: uuid.UUID
    subject: uuid.UUID
    term: TermInput


class HasTerms(Protocol):
    """A record that may state terms; None keeps what is stored."""

    @property
    def grants(self) -> Sequence[TermRecord] | None: ...  # noqa: D102 - the class says it

    @property
    def restrictions(self) -> Sequence[TermRecord] | None: ...  # noqa: D102 - the class says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What makes the stored terms of one subject those wanted."""

    ending: Sequence[uuid.UUID] = ()
    added: Sequence[TermInput] = ()

    def __bool__(self) -> bool:
        return bool(self.ending or self.added)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """What changes in the grants and restrictions of one subject."""

    grants: Difference = Difference()
    restrictions: Difference = Difference()

    def __bool__(self) -> bool:
        return bool(self.grants or self.restrictions)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermBook:
    """What the records of a batch are compared with.

    Attributes:
        now: the database's clock, which relative instants start from.
        known: what a term may name.
        zones: the time zone of each licence, by code; a term without a licence is in UTC.
        grants, restrictions: what is stored and not ended, by subject.
    """

    now: datetime
    known: KnownCodes
    zones: Mapping[str, str]
    grants: Mapping[uuid.UUID, Sequence[StoredTerm]]
    restrictions: Mapping[uuid.UUID, Sequence[StoredTerm]]

    def compare(
        self, subject: uuid.UUID, record: HasTerms, *, licence: str | None = None
    ) -> TermsChange:
        """Find what a record changes in the terms of a subject.

        Args:
            subject: may be new.
            record: what is wanted.
            licence: whose time zone holds for terms that name none.

        Raises:
            InvalidInputError: a term names what does not exist, or ends before it begins.
        """
        return TermsChange(
            grants=self._compare(
                self.grants.get(subject, ()), record.grants, name="grants", licence=licence
            ),
            restrictions=self._compare(
                self.restrictions.get(subject, ()),
                record.restrictions,
                name="restrictions",
                licence=licence,
            ),
        )

    def _compare(
        self,
        stored: Sequence[StoredTerm],
        wanted: Sequence[TermRecord] | None,
        *,
        name: str,
        licence: str | None,
    ) -> Difference:
        """A relative instant meets whatever is stored: it was resolved when the row was.

        What has expired already stays: it is what says LICENCE_EXPIRED.
        """
        if wanted is None:
            return Difference()
        left, added = list(stored), list[TermInput]()
        terms = checked([self._resolve(each, licence) for each in wanted], self.known, name)
        for record, term in zip(wanted, terms, strict=True):
            match = next((each for each in left if is_met(record, term, each.term)), None)
            if match is None:
                added.append(term)
            else:
                left.remove(match)
        ending = [each.id for each in left if not _has_expired(each.term, self.now)]
        return Difference(ending=ending, added=added)

    def _resolve(self, record: TermRecord, licence: str | None) -> TermInput:
        zone = ZoneInfo(self.zones.get(record.licence or licence or "", "UTC"))
        until = record.valid_until
        return TermInput(
            include=tuple(record.territory.include),
            exclude=tuple(record.territory.exclude),
            channels=tuple(record.channels),
            usages=tuple(record.usages),
            valid_from=record.valid_from.as_start(self.now, zone),
            valid_until=None if until is None else until.as_end(self.now, zone),
            licence=record.licence,
            note=record.note,
        )


def _has_expired(term: TermInput, now: datetime) -> bool:
    return term.valid_until is not None and term.valid_until <= now


def is_met(record: TermRecord, wanted: TermInput, stored: TermInput) -> bool:
    """Return whether a stored term is what a record asks for."""
    until = record.valid_until
    is_relative_end = until is not None and until.offset is not None
    return (
        all(
            set(getattr(stored, name)) == set(getattr(wanted, name))
            for name in ("include", "exclude", "channels", "usages")
        )
        and (stored.licence, stored.note) == (wanted.licence, wanted.note)
        and (record.valid_from.offset is not None or stored.valid_from == wanted.valid_from)
        and (
            stored.valid_until is not None
            if is_relative_end
            else stored.valid_until == wanted.valid_until
        )
    )
