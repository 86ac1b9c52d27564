"""Grants and restrictions as an import states them, and how they meet those that are stored."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from catalog.errors import Faults, InvalidInputError
from catalog.ids import new_id
from catalog.members import Edit, Stated
from catalog.rights.model import TermInput, TermKind
from catalog.rights.stated_instants import NOW, StatedInstant
from catalog.rights.statements import checked
from catalog.rights.store import KnownCodes


class UnknownTermError(InvalidInputError):
    """A grant or restriction is to be removed that there is not, and never was."""

    code = "UNKNOWN_TERM"


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
    valid_from: StatedInstant = NOW
    valid_until: StatedInstant | None = None
    licence: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTerm:
    """A row, of whatever holder; names its licence by public id."""

    id: uuid.UUID
    term: TermInput


#: Of both kinds and several holders.
TermsByHolder: TypeAlias = Mapping[tuple[TermKind, uuid.UUID], Sequence[StoredTerm]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderRecord:
    """What a record says of the terms of what it describes; None keeps what is stored."""

    grants: Stated[TermRecord] = None
    restrictions: Stated[TermRecord] = None

    def terms(self, kind: TermKind) -> Stated[TermRecord]:
        """Return what it says of the terms of one kind."""
        return self.grants if kind is TermKind.GRANTS else self.restrictions


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDifference:
    """What makes the stored terms of one kind and holder those wanted."""

    ending: Sequence[uuid.UUID] = ()
    added: Sequence[TermInput] = ()

    def __bool__(self) -> bool:
        return bool(self.ending or self.added)


#: What changes in the terms of one holder, by kind; empty: nothing.
TermsChange: TypeAlias = Mapping[TermKind, TermsDifference]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTerms:
    """What people decided about the terms of holders, by stating the full new set.

    Attributes:
        added: rows.
        ended: what they took away.
    """

    added: frozenset[uuid.UUID]
    ended: TermsByHolder


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTerm:
    """A term as a record states it, and what it comes to now."""

    record: TermRecord
    term: TermInput

    def meets(self, stored: StoredTerm) -> bool:
        """Return whether a stored term is what the record asks for."""
        record, wanted, term = self.record, self.term, stored.term
        until = record.valid_until
        is_relative_end = until is not None and until.offset is not None
        return (
            all(
                set(getattr(term, name)) == set(getattr(wanted, name))
                for name in ("include", "exclude", "channels", "usages")
            )
            and (term.licence, term.note) == (wanted.licence, wanted.note)
            and (record.valid_from.offset is not None or term.valid_from == wanted.valid_from)
            and (
                term.valid_until is not None
                if is_relative_end
                else term.valid_until == wanted.valid_until
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTerms:
    """What a record says of the grants or the restrictions of a holder.

    Attributes:
        wanted: which there are to be.
        unwanted: which are to end; None: all that are not wanted.
    """

    wanted: Sequence[ResolvedTerm]
    unwanted: Sequence[ResolvedTerm] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermBook:
    """What the records of a batch are compared with.

    Attributes:
        now: the database's clock, which relative instants start from.
        known: what a term may name.
        zones: the time zone of each licence, by code; a term without a licence is in UTC.
        stored: what is not ended.
        ended: what was ended, where terms are removed.
        by_hand: what people decided, which no import undoes.
    """

    now: datetime
    known: KnownCodes
    zones: Mapping[str, str]
    stored: TermsByHolder
    ended: TermsByHolder
    by_hand: ManualTerms

    def compare(
        self,
        holder: uuid.UUID,
        record: HolderRecord,
        *,
        before: TermsChange | None = None,
        licence: str | None = None,
    ) -> TermsChange:
        """Find what a record changes in the terms of a holder.

        Args:
            holder: may be new.
            record: what is wanted.
            before: what earlier records of the batch change in them; comes out with it.
            licence: whose time zone holds for terms that name none.

        Raises:
            InvalidInputError: a term names what does not exist, or ends before it begins.
            UnknownTermError: a term is removed that there is not, and never was.
            SeveralFaultsError: more than one of these.
        """
        faults = Faults()
        changes = dict(before or {})
        for kind in TermKind:
            with faults:
                stated = self._resolve_all(record.terms(kind), licence, kind.value)
                if stated is not None:
                    earlier = changes.get(kind, TermsDifference())
                    changes[kind] = self._compare(kind, holder, stated, earlier)
        faults.refuse_any()
        return {kind: each for kind, each in changes.items() if each}

    def before_and_after(
        self, holder: uuid.UUID, change: TermsChange
    ) -> tuple[dict[str, list[TermInput]], dict[str, list[TermInput]]]:
        """Return the terms that a change is about, by `grants` and `restrictions`."""
        before, after = dict[str, list[TermInput]](), dict[str, list[TermInput]]()
        for kind, turned in change.items():
            stored = self.stored.get((kind, holder), ())
            before[kind.value] = [each.term for each in stored]
            kept = [each.term for each in stored if each.id not in turned.ending]
            after[kind.value] = [*kept, *turned.added]
        return before, after

    def _compare(
        self, kind: TermKind, holder: uuid.UUID, stated: StatedTerms, earlier: TermsDifference
    ) -> TermsDifference:
        """A relative instant meets whatever is stored: it was resolved when the row was.

        What has expired already stays: it is what says LICENCE_EXPIRED.
        """
        stored = self.stored.get((kind, holder), ())
        coming = [StoredTerm(id=new_id(), term=each) for each in earlier.added]
        _check_removed(stated, [*stored, *coming, *self.ended.get((kind, holder), ())], kind)
        ended_by_hand = self.by_hand.ended.get((kind, holder), ())
        left, added = [*stored, *coming], list[TermInput]()
        for wanted in stated.wanted:
            match = next((each for each in left if wanted.meets(each)), None)
            if match is not None:
                left.remove(match)
            elif not any(wanted.meets(ended) for ended in ended_by_hand):
                added.append(wanted.term)
        if stated.unwanted is not None:
            left = [
                each
                for each in left
                if each.id in earlier.ending or any(gone.meets(each) for gone in stated.unwanted)
            ]
        ending = [
            each.id
            for each in left
            if each not in coming
            and each.id not in self.by_hand.added
            and not _has_expired(each.term, self.now)
        ]
        still_coming = [each.term for each in coming if each not in left]
        return TermsDifference(ending=ending, added=[*still_coming, *added])

    def _resolve_all(
        self, stated: Stated[TermRecord], licence: str | None, name: str
    ) -> StatedTerms | None:
        if stated is None:
            return None
        if not isinstance(stated, Edit):
            return StatedTerms(wanted=self._checked(stated, licence, name))
        if any(each in stated.remove for each in stated.add):
            raise InvalidInputError("a term is added and removed: decide for one", field=name)
        return StatedTerms(
            wanted=self._checked(stated.add, licence, f"{name}.add"),
            unwanted=self._checked(stated.remove, licence, f"{name}.remove"),
        )

    def _checked(
        self, records: Sequence[TermRecord], licence: str | None, name: str
    ) -> Sequence[ResolvedTerm]:
        terms = checked([self._resolve(each, licence) for each in records], self.known, name)
        return [
            ResolvedTerm(record=record, term=term)
            for record, term in zip(records, terms, strict=True)
        ]

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


def _check_removed(stated: StatedTerms, ever: Sequence[StoredTerm], kind: TermKind) -> None:
    """Refuse the removal of terms that there are not; what has ended already may be named again.

    Args:
        stated: what a record says.
        ever: all terms of the holder, those that were ended among them.
        kind: of the terms.

    Raises:
        UnknownTermError: there is no such term, and never was.
        SeveralFaultsError: of several.
    """
    faults = Faults()
    for place, gone in enumerate(stated.unwanted or ()):
        if not any(gone.meets(each) for each in ever):
            faults.append(
                UnknownTermError(
                    f"there is no {kind.noun} {_in_words(gone)}: state what is removed as it is "
                    "stored",
                    field=f"{kind}.remove[{place}]",
                )
            )
    faults.refuse_any()


def _in_words(stated: ResolvedTerm) -> str:
    """Write a term for a person who looks for it."""
    term, licence = stated.term, stated.record.licence
    parts = ["for " + (", ".join(term.include) or "no country")]
    if term.exclude:
        parts.append("without " + ", ".join(term.exclude))
    parts.append("on " + (", ".join(term.channels) or "no channel"))
    parts.append("as " + (", ".join(term.usages) or "no usage"))
    parts.append(f"from {term.valid_from.isoformat()}")
    if term.valid_until is not None:
        parts.append(f"until {term.valid_until.isoformat()}")
    if licence is not None:
        parts.append(f"by the licence {licence!r}")
    if term.note is not None:
        parts.append(f"with the note {term.note!r}")
    return " ".join(parts)


def _has_expired(term: TermInput, now: datetime) -> bool:
    return term.valid_until is not None and term.valid_until <= now
