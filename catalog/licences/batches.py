"""Batch upserts of what rights rest on: territory sets, licences and collections, with history."""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar
from zoneinfo import available_timezones

from catalog.audit.differences import together
from catalog.batches import BatchResult, judge
from catalog.changes import Change
from catalog.errors import Faults, InvalidInputError
from catalog.events.model import Event
from catalog.ids import new_id, new_public_id
from catalog.licences import store
from catalog.licences.store import StoredCollection, StoredLicence, StoredTerritorySet
from catalog.rights.holder_kinds import (
    COLLECTION,
    LICENCE,
    raise_epochs_of_members,
    raise_epochs_resting_on,
)
from catalog.rights.holders import TermHolder
from catalog.rights.model import TermKind
from catalog.rights.statements import is_link
from catalog.rights.store import raise_epochs
from catalog.rights.term_store import open_term_book, write_terms
from catalog.rights.terms import HolderRecord, TermBook, TermsChange, TermsDifference
from catalog.rights.territory import check_countries
from catalog.subjects import Subject, asset_subject, territory_set_subject

Row = TypeVar("Row")

_code = attrgetter("code")


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritorySetRecord:
    """An upsert of a set of countries by its code; None keeps what is stored."""

    code: str
    name: str | None = None
    countries: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRecord(HolderRecord):
    """An upsert of a licence by its code; None keeps what is stored, an empty text clears it.

    Attributes:
        document: a reference to the contract, for people.
        time_zone: IANA name; the zone that dates of its terms are meant in.
        web_statement: URL of the licence's text.
    """

    code: str
    licensor: str | None = None
    document: str | None = None
    time_zone: str | None = None
    credit: str | None = None
    web_statement: str | None = None
    licensor_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRecord(HolderRecord):
    """An upsert of a collection by its code; None keeps what is stored."""

    code: str
    name: str | None = None


async def put_territory_sets(change: Change, records: Sequence[TerritorySetRecord]) -> BatchResult:
    """Create and change territory sets; a change of members raises every epoch that rests on it."""
    conn = change.conn
    await store.lock(conn)
    stored = await store.find_territory_sets(conn, [record.code for record in records])
    judged = judge(records, dict(stored), key=_code, merge=_territory_set)
    changed = {**judged.created, **judged.updated}
    await store.put_territory_sets(conn, [(code, each.name) for code, each in changed.items()])
    members = [(code, c) for code in judged.updated for c in stored[code].countries]
    wanted = [(code, c) for code, each in changed.items() for c in each.countries]
    gone, added = set(members) - set(wanted), set(wanted) - set(members)
    await store.change_members(conn, sorted(gone), sorted(added))
    touched = [
        code for code, each in judged.updated.items() if each.countries != stored[code].countries
    ]
    resting = await store.assets_in_sets(conn, touched)
    assets = await _raise_epochs(change, resting)
    await change.record(
        *(
            Event(
                type="rights.changed",
                subject=f"set/{code}",
                version=1,
                # no picture is tagged with a set: its assets are what edges can find
                subjects=(territory_set_subject(code), *assets.get(code, ())),
                data={"set": code},
                before=stored[code],
                after=changed[code],
            )
            for code in touched
        ),
        *(
            Event(
                type=f"territory_set.{'updated' if code in stored else 'created'}",
                subject=f"set/{code}",
                version=1,
                data={"set": code},
                before=stored.get(code),
                after=each,
            )
            for code, each in changed.items()
            if code not in touched
        ),
    )
    return judged.applied


def _territory_set(
    record: TerritorySetRecord, before: StoredTerritorySet | None
) -> StoredTerritorySet:
    if record.countries is not None:
        check_countries(record.countries, field="countries")
        countries = frozenset(record.countries)
    elif before is not None:
        countries = before.countries
    else:
        raise InvalidInputError("a new territory set needs its countries", field="countries")
    name = record.name or (before.name if before else record.code)
    return StoredTerritorySet(name=name, countries=countries)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHolder(Generic[Row]):
    """A licence or a collection as a record wants it.

    Attributes:
        terms: what changes in them.
    """

    row: Row
    terms: TermsChange = field(default_factory=dict[TermKind, TermsDifference])


async def put_licences(change: Change, records: Sequence[LicenceRecord]) -> BatchResult:
    """Create and change licences and their terms.

    A change of terms, or of the record that is written into renditions, raises the epoch of every
    asset that rests on the licence.
    """
    conn = change.conn
    await store.lock(conn)
    stored = await store.find_licences(conn, [record.code for record in records])
    zones = {code: each.time_zone for code, each in stored.items()}
    zones |= {r.code: r.time_zone for r in records if r.time_zone and r.time_zone in _zones()}
    ids = [each.id for each in stored.values()]
    book = await open_term_book(conn, ids, records, zones=zones)

    def merge(
        record: LicenceRecord, before: StatedHolder[StoredLicence] | None
    ) -> StatedHolder[StoredLicence]:
        wanted = _licence(record, before and before.row)
        terms: TermsChange = {}
        faults = Faults()
        with faults:
            _check_licence(record, is_new=before is None)
        with faults:
            earlier = before and before.terms
            terms = book.compare(wanted.id, record, before=earlier, licence=record.code)
        faults.refuse_any()
        return StatedHolder(row=wanted, terms=terms)

    judged = judge(records, _without_changes(stored), key=_code, merge=merge)
    updated = [replace(w.row, revision=w.row.revision + 1) for w in judged.updated.values()]
    written = [*(each.row for each in judged.created.values()), *updated]
    await store.put_licences(conn, written)
    await write_terms(conn, LICENCE, {each.row.id: each.terms for each in judged.changed})
    turned = {
        each.row.id
        for code, each in judged.updated.items()
        if each.terms or each.row.record != stored[code].record
    }
    if turned:
        await raise_epochs_resting_on(conn, list(turned))
    terms = {each.row.id: each.terms for each in judged.changed}
    events = [
        replace(
            _licence_event(each, is_new=each.code not in stored, turned=turned),
            **_differing(stored.get(each.code), each, book, terms[each.id]),
        )
        for each in written
    ]
    await change.record(*events)
    return judged.applied


def _differing(
    before: StoredLicence | StoredCollection | None,
    after: StoredLicence | StoredCollection,
    book: TermBook,
    terms: TermsChange,
) -> dict[str, Any]:
    """Return what the audit tells of a licence or a collection: it and its terms."""
    earlier, later = book.before_and_after(after.id, terms)
    return {
        "before": None if before is None else together(before, earlier),
        "after": together(after, later),
    }


def _without_changes(stored: Mapping[str, Row]) -> dict[str, StatedHolder[Row]]:
    return {code: StatedHolder(row=each) for code, each in stored.items()}


def _licence_event(
    licence: StoredLicence, *, is_new: bool, turned: AbstractSet[uuid.UUID]
) -> Event:
    holder = TermHolder(kind=LICENCE, id=licence.id, name=licence.public_id)
    # all that rests on it is tagged with it, be it 10,000 assets
    event = holder.rights_changed({}, version=licence.revision)
    if licence.id in turned:
        return event
    return replace(event, type="licence.created" if is_new else "licence.updated", subjects=())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_licence(record: LicenceRecord, *, is_new: bool) -> None:
    faults = Faults()
    if record.time_zone is not None and record.time_zone not in _zones():
        unknown = f"there is no time zone {record.time_zone!r}"
        faults.append(InvalidInputError(unknown, field="time_zone"))
    for name in ("web_statement", "licensor_url"):
        if (url := getattr(record, name)) and not is_link(url):
            form = "write one absolute http or https URL in ASCII, without spaces"
            faults.append(InvalidInputError(form, field=name))
    if is_new and not record.licensor:
        faults.append(InvalidInputError("a new licence needs its licensor", field="licensor"))
    faults.refuse_any()


def _licence(record: LicenceRecord, before: StoredLicence | None) -> StoredLicence:
    """Return the licence that a record asks for, right or not."""
    if before is None:
        before = StoredLicence(
            id=new_id(),
            public_id=new_public_id(),
            code=record.code,
            licensor=record.licensor or "",
            document=None,
            time_zone=record.time_zone or "UTC",
            credit=None,
            web_statement=None,
            licensor_url=None,
            revision=1,
        )
    return replace(
        before,
        licensor=record.licensor or before.licensor,
        time_zone=record.time_zone or before.time_zone,
        document=_kept(record.document, before.document),
        credit=_kept(record.credit, before.credit),
        web_statement=_kept(record.web_statement, before.web_statement),
        licensor_url=_kept(record.licensor_url, before.licensor_url),
    )


def _kept(wanted: str | None, stored: str | None) -> str | None:
    """None keeps, an empty text clears."""
    return stored if wanted is None else wanted or None


async def put_collections(change: Change, records: Sequence[CollectionRecord]) -> BatchResult:
    """Create and change collections and their terms; raises the epoch of every asset in one."""
    conn = change.conn
    await store.lock(conn)
    stored = await store.find_collections(conn, [record.code for record in records])
    ids = [each.id for each in stored.values()]
    book = await open_term_book(conn, ids, records, zones={})

    def merge(
        record: CollectionRecord, before: StatedHolder[StoredCollection] | None
    ) -> StatedHolder[StoredCollection]:
        wanted = _collection(record, before and before.row)
        terms = book.compare(wanted.id, record, before=before and before.terms)
        return StatedHolder(row=wanted, terms=terms)

    judged = judge(records, _without_changes(stored), key=_code, merge=merge)
    written = [each.row for each in judged.changed if each.row != stored.get(each.row.code)]
    await store.put_collections(conn, written)
    await write_terms(conn, COLLECTION, {each.row.id: each.terms for each in judged.changed})
    turned = [each.row for each in judged.updated.values() if each.terms]
    members = await raise_epochs_of_members(conn, [each.id for each in turned])
    events: list[Event] = []
    for each in judged.changed:
        row, before = each.row, stored.get(each.row.code)
        holder = TermHolder(kind=COLLECTION, id=row.id, name=row.code)
        event = holder.rights_changed({}, members=members.get(row.id, ()))
        if before is None or not each.terms:  # nothing rests on it that has become untrue
            name = "updated" if before else "created"
            event = replace(event, type=f"collection.{name}", subjects=())
        events.append(replace(event, **_differing(before, row, book, each.terms)))
    await change.record(*events)
    return judged.applied


def _collection(record: CollectionRecord, before: StoredCollection | None) -> StoredCollection:
    """Return the collection that a record asks for."""
    if before is None:
        before = StoredCollection(id=new_id(), code=record.code, name=record.code)
    return replace(before, name=record.name or before.name)


async def _raise_epochs(
    change: Change, resting: Sequence[tuple[str, uuid.UUID]]
) -> dict[str, list[Subject]]:
    """Raise the epochs of assets, each once, and name those that rest on each set."""
    raised = await raise_epochs(change.conn, list({asset for _, asset in resting}))
    public_ids = {each.asset: each.public_id for each in raised}
    named: dict[str, list[Subject]] = {}
    for key, asset in resting:
        named.setdefault(key, []).append(asset_subject(public_ids[asset]))
    return named
