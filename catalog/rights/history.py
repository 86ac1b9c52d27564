"""What was on record about rights at any instant: pure.

Rights are never updated or deleted: a change ends the row and adds one. So the state as it was
recorded at an instant is the rows whose span contains it, and `decide` answers for any of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from catalog.rights.model import ALL, NEVER, Rights, Status, Term, Window
from catalog.rights.rules import boundaries_of
from catalog.rights.territory import granted_bits, restricted_bits


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceDocument:
    """The licence that says so.

    Attributes:
        licence: its public id.
        document: a reference to the contract, for people.
    """

    licence: str
    code: str
    licensor: str
    document: str | None
    web_statement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTerm:
    """A grant or a restriction, and while it held for one asset.

    Attributes:
        on_record: while the row stood, and the asset belonged to its licence or collection.
        include, exclude: countries, territory sets, or `WORLD`.
        channels, usages: codes, or `*` for all.
        valid: the instants for which it permits or forbids.
        through: what it was stated for: `asset`, `licence` or `collection`.
        document: of the licence that says so; None: none was named.
    """

    on_record: Window
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    channels: tuple[str, ...]
    usages: tuple[str, ...]
    valid: Window
    through: str
    document: LicenceDocument | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedState:
    """The approval of an asset from an instant on, until the next state."""

    recorded_at: datetime
    status: Status
    legal_demand: bool
    authority_url: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedMember:
    """A country in a territory set."""

    on_record: Window
    territory_set: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRights:
    """What stood on record about one asset at one instant.

    Attributes:
        state: None: it had not been ingested yet.
        rights: compiled for deciding; None: there is no state.
        grants, restrictions: each beside its compiled form.
    """

    state: RecordedState | None
    rights: Rights | None
    grants: Sequence[tuple[RecordedTerm, Term]]
    restrictions: Sequence[tuple[RecordedTerm, Term]]


@dataclass(frozen=True, kw_only=True)
class AssetHistory:
    """Everything that ever stood on record about one asset.

    Attributes:
        states: ascending by `recorded_at`.
        members: of every territory set that a term names.
    """

    asset: str
    states: Sequence[RecordedState]
    grants: Sequence[RecordedTerm]
    restrictions: Sequence[RecordedTerm]
    members: Sequence[RecordedMember]

    @cached_property
    def changes(self) -> Sequence[datetime]:
        """Return every instant at which something was recorded or ended, ascending."""
        spans = [each.on_record for each in chain(self.grants, self.restrictions, self.members)]
        instants = {instant for span in spans for instant in (span.start, span.end)}
        instants |= {state.recorded_at for state in self.states}
        return sorted(instants - {NEVER})

    def as_of(self, instant: datetime) -> RecordedRights:
        """Return what stood on record at an instant; equal between two changes."""
        place = bisect_right(self.changes, instant)
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = self._assemble(instant)
        return found

    @cached_property
    def _known(self) -> dict[int, RecordedRights]:
        return {}

    def _assemble(self, instant: datetime) -> RecordedRights:
        sets = _members_at(self.members, instant)
        grants = [
            (each, _compiled(each, granted_bits(*_countries(each, sets))))
            for each in self.grants
            if each.on_record.contains(instant)
        ]
        restrictions = [
            (each, _compiled(each, restricted_bits(*_countries(each, sets))))
            for each in self.restrictions
            if each.on_record.contains(instant)
        ]
        state = next((s for s in reversed(self.states) if s.recorded_at <= instant), None)
        terms = ([term for _, term in grants], [term for _, term in restrictions])
        rights = state and Rights(
            status=state.status,
            legal_demand=state.legal_demand,
            authority_url=state.authority_url,
            grants=tuple(terms[0]),
            restrictions=tuple(terms[1]),
            boundaries=boundaries_of(chain(*terms)),
        )
        return RecordedRights(state=state, rights=rights, grants=grants, restrictions=restrictions)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWindow:
    """A publication of an owner, or of a product below it, on one channel."""

    on_record: Window
    visible: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRule:
    """Whose country counted on a channel.

    Attributes:
        territory: bits of the territory that it declared; None: the viewer's country counted.
    """

    on_record: Window
    territory: int | None


def _members_at(
    members: Iterable[RecordedMember], instant: datetime
) -> Mapping[str, frozenset[str]]:
    sets: dict[str, set[str]] = {}
    for each in members:
        countries = sets.setdefault(each.territory_set, set())  # known, though it may be empty
        if each.on_record.contains(instant):
            countries.add(each.country)
    return {code: frozenset(countries) for code, countries in sets.items()}


def _countries(
    term: RecordedTerm, sets: Mapping[str, frozenset[str]]
) -> tuple[list[str], list[str]]:
    """Return the countries included and excluded, territory sets resolved."""
    return (_resolved(term.include, sets), _resolved(term.exclude, sets))


def _resolved(codes: Iterable[str], sets: Mapping[str, frozenset[str]]) -> list[str]:
    return [country for code in codes for country in sets.get(code, (code,))]


def _compiled(term: RecordedTerm, territory: int) -> Term:
    return Term(
        territory=territory,
        channels=None if ALL in term.channels else frozenset(term.channels),
        usages=None if ALL in term.usages else frozenset(term.usages),
        window=term.valid,
    )
