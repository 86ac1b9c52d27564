"""Batch upserts of what rights rest on: territory sets, licences and collections, with history."""

import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import available_timezones

from catalog.batches import Applied, Rejection
from catalog.changes import Change
from catalog.errors import Faults, InvalidInputError
from catalog.events.model import Event
from catalog.ids import new_id, new_public_id
from catalog.licences import store
from catalog.licences.store import StoredCollection, StoredLicence
from catalog.members import Stated
from catalog.rights.statements import is_link
from catalog.rights.store import raise_epochs
from catalog.rights.term_store import open_term_book, write_terms
from catalog.rights.terms import TermRecord, TermsChange
from catalog.rights.territory import check_countries
from catalog.subjects import (
    Subject,
    asset_subject,
    collection_subject,
    licence_subject,
    territory_set_subject,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritorySetRecord:
    """An upsert of a set of countries by its code; None keeps what is stored."""

    code: str
    name: str | None = None
    countries: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceRecord:
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
    grants: Stated[TermRecord] = None
    restrictions: Stated[TermRecord] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionRecord:
    """An upsert of a collection by its code; None keeps what is stored."""

    code: str
    name: str | None = None
    grants: Stated[TermRecord] = None
    restrictions: Stated[TermRecord] = None


async def put_territory_sets(change: Change, records: Sequence[TerritorySetRecord]) -> Applied:
    """Create and change territory sets; a change of members raises every epoch that rests on it."""
    await store.lock(change.conn)
    stored = await store.find_territory_sets(change.conn, [record.code for record in records])
    named: dict[str, str] = {}
    gone: list[tuple[str, str]] = []
    added: list[tuple[str, str]] = []
    rejections: list[Rejection] = []
    touched: dict[str, None] = {}
    for index, record in enumerate(records):
        before = stored.get(record.code)
        try:
            _check_countries(record, is_new=before is None)
        except InvalidInputError as error:
            rejections.append(Rejection.of(index, error))
            continue
        members = before.countries if before else frozenset[str]()
        wanted = members if record.countries is None else frozenset(record.countries)
        name = record.name or (before.name if before else record.code)
        if before is None or before.name != name:
            named[record.code] = name
        gone += [(record.code, country) for country in sorted(members - wanted)]
        added += [(record.code, country) for country in sorted(wanted - members)]
        if members != wanted and before is not None:
            touched[record.code] = None
    await store.put_territory_sets(change.conn, list(named.items()))
    await store.change_members(change.conn, gone, added)
    resting = await store.assets_in_sets(change.conn, list(touched))
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
            )
            for code in touched
        )
    )
    updated = {code for code in (*named, *touched) if code in stored}
    created = set(named) - set(stored)
    return _applied(records, created=created, updated=updated, rejections=rejections)


def _check_countries(record: TerritorySetRecord, *, is_new: bool) -> None:
    if record.countries is None:
        if is_new:
            raise InvalidInputError("a new territory set needs its countries", field="countries")
        return
    check_countries(record.countries, field="countries")


async def put_licences(change: Change, records: Sequence[LicenceRecord]) -> Applied:
    """Create and change licences and their terms.

    A change of terms, or of the record that is written into renditions, raises the epoch of every
    asset that rests on the licence.
    """
    conn = change.conn
    await store.lock(conn)
    stored = await store.find_licences(conn, [record.code for record in records])
    zones = {code: each.time_zone for code, each in stored.items()}
    zones |= {r.code: r.time_zone for r in records if r.time_zone and r.time_zone in _zones()}
    book = await open_term_book(conn, [each.id for each in stored.values()], records, zones=zones)
    written: list[StoredLicence] = []
    terms: dict[uuid.UUID, TermsChange] = {}
    rejections: list[Rejection] = []
    for index, record in enumerate(records):
        before = stored.get(record.code)
        after, changed_terms = _licence(record, before), TermsChange()
        faults = Faults()
        with faults:
            _check_licence(record, is_new=before is None)
        with faults:
            changed_terms = book.compare(after.id, record, licence=record.code)
        if faults:
            rejections.append(Rejection.of(index, faults.as_one()))
            continue
        if before is None or after != before or changed_terms:
            written.append(replace(after, revision=before.revision + 1 if before else 1))
            terms[after.id] = changed_terms
    await store.put_licences(conn, written)
    await write_terms(conn, "licence", terms)
    await _record_licences(change, written, stored, terms)
    codes = {each.code for each in written}
    return _applied(
        records,
        created=codes - set(stored),
        updated=codes & set(stored),
        rejections=rejections,
    )


async def _record_licences(
    change: Change,
    written: Sequence[StoredLicence],
    stored: Mapping[str, StoredLicence],
    terms: Mapping[uuid.UUID, TermsChange],
) -> None:
    existing = [each for each in written if each.code in stored]
    new_records = {each.id for each in existing if each.record != stored[each.code].record}
    turned = new_records | {each.id for each in existing if terms[each.id]}
    if turned:
        await store.raise_epochs_resting_on(change.conn, list(turned))
    await change.record(
        *(
            Event(
                type=_event_type(each, stored, turned),
                subject=f"licence/{each.public_id}",
                version=each.revision,
                # all that rests on it is tagged with it, be it 10,000 assets
                subjects=(licence_subject(each.public_id),) if each.id in turned else (),
                data={"licence": each.public_id},
            )
            for each in written
        )
    )


def _event_type(
    licence: StoredLicence, stored: Mapping[str, StoredLicence], turned: AbstractSet[uuid.UUID]
) -> str:
    if licence.code not in stored:
        return "licence.created"
    return "rights.changed" if licence.id in turned else "licence.updated"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _check_licence(record: LicenceRecord, *, is_new: bool) -> None:
    faults = Faults()
    if record.time_zone is not None and record.time_zone not in _zones():
        unknown = f"there is no time zone {record.time_zone!r}"
        faults.append(InvalidInputError(unknown, field="time_zone"))
    for field in ("web_statement", "licensor_url"):
        if (url := getattr(record, field)) and not is_link(url):
            form = "write one absolute http or https URL in ASCII, without spaces"
            faults.append(InvalidInputError(form, field=field))
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


async def put_collections(change: Change, records: Sequence[CollectionRecord]) -> Applied:
    """Create and change collections and their terms; raises the epoch of every asset in one."""
    conn = change.conn
    await store.lock(conn)
    stored = await store.find_collections(conn, [record.code for record in records])
    ids = [each.id for each in stored.values()]
    book = await open_term_book(conn, ids, records, zones={})
    written: list[StoredCollection] = []
    terms: dict[uuid.UUID, TermsChange] = {}
    rejections: list[Rejection] = []
    for index, record in enumerate(records):
        before = stored.get(record.code)
        after = before or StoredCollection(id=new_id(), code=record.code, name=record.code)
        after = replace(after, name=record.name or after.name)
        try:
            changed_terms = book.compare(after.id, record)
        except InvalidInputError as error:
            rejections.append(Rejection.of(index, error))
            continue
        if after != before:
            written.append(after)
        if changed_terms:
            terms[after.id] = changed_terms
    await store.put_collections(conn, written)
    await write_terms(conn, "collection", terms)
    changed = [each for each in stored.values() if each.id in terms]
    created = [each for each in written if each.code not in stored]
    await _record_collections(change, created, changed)
    updated = {each.code for each in (*written, *changed) if each.code in stored}
    return _applied(
        records,
        created={each.code for each in created},
        updated=updated,
        rejections=rejections,
    )


async def _record_collections(
    change: Change, created: Sequence[StoredCollection], changed: Sequence[StoredCollection]
) -> None:
    members = await store.raise_epochs_of_members(change.conn, [each.id for each in changed])
    await change.record(
        *(
            Event(
                type="collection.created",
                subject=f"collection/{each.code}",
                version=1,
                data={"collection": each.code},
            )
            for each in created
        ),
        *(
            Event(
                type="rights.changed",
                subject=f"collection/{each.code}",
                version=1,
                subjects=(
                    collection_subject(each.code),
                    *map(asset_subject, members.get(each.id, ())),
                ),
                data={"collection": each.code},
            )
            for each in changed
        ),
    )


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


def _applied(
    records: Sequence[object],
    *,
    created: AbstractSet[str],
    updated: AbstractSet[str],
    rejections: Sequence[Rejection],
) -> Applied:
    return Applied(
        created=len(created),
        updated=len(updated),
        unchanged=len(records) - len(created) - len(updated) - len(rejections),
        rejections=tuple(rejections),
    )
