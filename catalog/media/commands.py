"""Batch upserts of assets: rows, versions, states, values, memberships, terms, epochs, events."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from catalog.audit.differences import together
from catalog.batches import BatchResult, Rejection, check_known
from catalog.changes import Change
from catalog.db import Connection
from catalog.errors import Faults
from catalog.events.model import Event
from catalog.ids import new_id
from catalog.media import store
from catalog.media.model import AssetRecord, AssetReferences, IngestedFile, StoredAsset
from catalog.media.rules import (
    DENIED_KEYS,
    AssetUpdate,
    change_of,
    keeps_approval,
    refuse_prices,
)
from catalog.media.store import Memberships
from catalog.members import named_in
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import Status
from catalog.rights.store import end_approvals, raise_epochs
from catalog.rights.term_store import open_term_book, write_terms
from catalog.rights.terms import TermBook, TermsChange
from catalog.subjects import asset_subject, asset_texts_subject

_APPROVAL_REVOKED = "asset.approval_revoked"


async def put_assets(
    change: Change,
    records: Sequence[AssetRecord],
    ingested: Mapping[str, IngestedFile],
    *,
    denied_keys: Sequence[str] = DENIED_KEYS,
) -> BatchResult:
    """Create and change assets, at most one record a code.

    The same bytes make no new version; other bytes do. A change of bytes, rights, status or focal
    point raises the epoch; one of texts does not.

    Args:
        change: the open transaction.
        records: the batch.
        ingested: what the files of the records hold, by asset code.
        denied_keys: patterns of keys that may not be among the values.
    """
    conn = change.conn
    stored = await store.lock_assets(conn, [record.code for record in records])
    known = await _find_known(conn, records)
    book = await open_term_book(conn, [each.id for each in stored.values()], records, zones={})
    changes: list[AssetUpdate] = []
    kept_approvals = 0
    rejections: list[Rejection] = []
    for index, record in enumerate(records):
        before = stored.get(record.code)
        faults = Faults()
        with faults:
            refuse_prices(record.values or {}, denied_keys)
        for noun, names, there in (
            ("licence", record.licences, known.licences),
            ("collection", record.collections, known.collections),
        ):
            with faults:
                check_known(named_in(names), there, noun=noun, field=f"{noun}s")
        found: AssetUpdate | None = None
        terms: TermsChange = {}
        with faults:
            terms = book.compare(before.id if before else new_id(), record)
        with faults:
            found = change_of(record, before, ingested.get(record.code), known)
        if found is None or faults:
            rejections.append(Rejection.of(index, faults.as_one()))
            continue
        changes.append(replace(found, terms=terms))
        kept_approvals += keeps_approval(record, before)
    changed = [each for each in changes if each.is_change]
    if changed:
        await _write(change, changed, known, book)
    created = sum(each.before is None for each in changed)
    return BatchResult(
        created=created,
        updated=len(changed) - created,
        unchanged=len(changes) - len(changed),
        kept_approvals=kept_approvals,
        rejections=tuple(rejections),
    )


async def complete_versions(
    change: Change, sha256: str, *, notice: str, placeholder: str | None
) -> None:
    """Add to the versions of a file what ingest reads of it since they were taken in.

    Args:
        change: the open transaction.
        sha256: of the file.
        notice: of copyright; empty: it has none.
        placeholder: None: what there is stays.
    """
    shown = await store.complete_versions(
        change.conn, sha256, notice=notice, placeholder=placeholder
    )
    subject_of = asset_subject if notice else asset_texts_subject  # no picture has the placeholder
    events = [
        Event(
            type="asset.updated",
            subject=f"asset/{public_id}",
            version=epoch,
            subjects=(subject_of(public_id),),
            data={"asset": public_id, "epoch": epoch},
        )
        for public_id, epoch in shown
    ]
    await change.record(*events)


async def _find_known(conn: Connection, records: Sequence[AssetRecord]) -> AssetReferences:
    return await store.find_known(
        conn,
        licences=[code for record in records for code in named_in(record.licences)],
        collections=[code for record in records for code in named_in(record.collections)],
    )


async def _write(
    change: Change, changes: Sequence[AssetUpdate], known: AssetReferences, book: TermBook
) -> None:
    conn = change.conn
    rows = [_revised(each) for each in changes]
    await store.put_assets(conn, rows, [each.after.id for each in changes if each.before is None])
    await store.add_versions(
        conn,
        [(each.after.id, each.after.version, each.version) for each in changes if each.version],
    )
    states = [each.after for each in changes if each.changes_state]
    await store.change_states(conn, states, [new_id() for _ in states])
    await end_approvals(
        conn, [each.after.id for each in changes if each.revokes_approval], change.actor.id
    )
    await store.replace_values(
        conn,
        [
            each.after
            for each in changes
            if (each.before.values if each.before else {}) != each.after.values
        ],
    )
    await store.change_licences(
        conn, _memberships(changes, known.licences, of=lambda asset: asset.licences)
    )
    await store.change_collections(
        conn, _memberships(changes, known.collections, of=lambda asset: asset.collections)
    )
    await write_terms(conn, ASSET, {each.after.id: each.terms for each in changes if each.terms})
    raised = await raise_epochs(conn, [each.after.id for each in changes if each.raises_epoch])
    epochs = {each.asset: each.epoch for each in raised}
    events = [event for each in changes for event in _events(each, epochs, book)]
    await change.record(*events)


def _revised(change: AssetUpdate) -> StoredAsset:
    # raising the epoch raises the revision too
    is_quiet = change.before is not None and not change.raises_epoch
    return replace(change.after, revision=change.after.revision + is_quiet)


def _memberships(
    changes: Sequence[AssetUpdate],
    known: Mapping[str, uuid.UUID],
    *,
    of: Callable[[StoredAsset], frozenset[str]],
) -> Memberships:
    ended: list[tuple[uuid.UUID, str]] = []
    added: list[tuple[uuid.UUID, uuid.UUID]] = []
    for each in changes:
        before = of(each.before) if each.before else frozenset[str]()
        ended += [(each.after.id, code) for code in sorted(before - of(each.after))]
        added += [(each.after.id, known[code]) for code in sorted(of(each.after) - before)]
    return Memberships(ended=ended, added=added)


def _events(change: AssetUpdate, epochs: Mapping[uuid.UUID, int], book: TermBook) -> list[Event]:
    after = change.after
    epoch = epochs.get(after.id, after.epoch)
    data: dict[str, dict[str, object]] = {}
    if change.before is None:
        data["asset.ingested"] = {"code": after.code, "version": after.version}
    else:
        if change.version is not None:
            data["asset.version_created"] = {"version": after.version}
        if change.changes_state:
            withdrawn = (
                after.status is Status.WITHDRAWN and change.before.status is not after.status
            )
            name = "asset.withdrawn" if withdrawn else "asset.status_changed"
            data[name] = {"status": after.status, "legal_demand": after.legal_demand}
        if change.revokes_approval and after.status is not Status.DRAFT:
            data[_APPROVAL_REVOKED] = {}
        if change.changes_rights:
            data["rights.changed"] = {}
        if change.changes_record:
            data["asset.updated"] = {}
    # texts alone are in no answer of a gateway
    is_delivered = change.before is None or change.raises_epoch
    subject_of = asset_subject if is_delivered else asset_texts_subject
    subject = subject_of(after.public_id)
    earlier, later = book.before_and_after(after.id, change.terms)
    before = None if change.before is None else together(change.before, earlier)
    told = (before, together(after, later))  # once, however many events tell of it
    return [
        Event(
            type=name,
            subject=f"asset/{after.public_id}",
            version=epoch,
            # who approved it is in no answer at all
            subjects=() if name == _APPROVAL_REVOKED else (subject,),
            data={"asset": after.public_id, "epoch": epoch, **more},
            before=told[0] if place == 0 else None,
            after=told[1] if place == 0 else None,
        )
        for place, (name, more) in enumerate(data.items())
    ]
