"""`vitrine audit`: whether the audit is as it was written, and restores that cut its end off."""

import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter

from catalog.audit import seal_store
from catalog.audit.reading_store import AuditFilter, all_entries
from catalog.audit.restores import restore_events
from catalog.audit.sealing import kept_head, put_head, seal_audit
from catalog.audit.seals import Head, read_head
from catalog.audit.verifying import KeptHead, Verdict, verify_audit
from catalog.changes import Changes
from catalog.db import Pool, open_pool
from catalog.errors import ConflictError, InvalidInputError
from catalog.principal import COMMAND_LINE, OWN_SERVICES
from catalog.storage.model import ObjectStore
from serving.stores import open_store
from vitrine.database import on_database, open_changes
from vitrine.settings import Settings

_FAILED = 1
_WITHIN_S = 30.0
_SEALED = "audit_sealed"
_IF_RESTORED = (
    "If the database was restored from a backup, state that: `vitrine audit accept-restore`"
)
_NEEDED = ("master_key", "store_url")
_NO_HEAD = "the object store holds no head: it was removed, or no relay could write it yet"


def verify_audit_rows(*, log: Annotated[tuple[Path, ...], Parameter(negative=())] = ()) -> None:
    """Hold every row against its seal, and the seals against the object store and the logs.

    Exit status 1: something is not as it was sealed; the first such row is named.

    Args:
        log: of a relay, as it wrote it in JSON; by default that of `vitrine up` in the home.
    """

    async def verify(settings: Settings, url: str) -> Verdict:
        async with (
            open_store(settings) as objects,
            open_pool(url, application="vitrine audit") as pool,
        ):
            return await _verify(settings, pool, objects, log)

    _report(on_database(verify, relies_on=_NEEDED))


def accept_restore(
    *, reason: str, log: Annotated[tuple[Path, ...], Parameter(negative=())] = ()
) -> None:
    """State that the database was restored, and so lost the end of the audit that others kept.

    From then on `verify` names it as a stated restore, and no longer as a fault. It is on record
    itself, and sealed. Refused where anything else is at fault. Exit status 1: not done.

    Args:
        reason: why there was a restore, for whoever reads the audit.
        log: of a relay from before the restore, as for `verify`.
    """

    async def accept(settings: Settings, url: str) -> Verdict:
        async with open_store(settings) as objects, open_changes(settings, url) as changes:
            verdict = await _verify(settings, changes.pool, objects, log)
            if verdict.lost:
                await _check_is_restore(changes.pool)
                await _state(settings, changes, reason, verdict.lost)
                verdict = await _verify(settings, changes.pool, objects, log)
                if verdict.lost:
                    raise ConflictError(
                        "the restore is stated and not sealed yet: a transaction is open that may "
                        "write to the audit; run this again once it has ended"
                    )
            if verdict.fault is not None:
                raise ConflictError(f"{verdict.fault}: no restore does that; nothing was stated")
            await put_head(changes.pool, objects)
            return verdict

    verdict = on_database(accept, relies_on=_NEEDED)
    if not verdict.restores:
        sys.stdout.write("Nothing was lost by a restore, so none was stated.\n")
    _report(verdict)


def export_audit(
    *,
    subject: str | None = None,
    principal: uuid.UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Print the audit as JSON Lines, the oldest row first.

    Args:
        subject: only of this, such as `product/LAMP-R`.
        principal: only what they did; an id.
        since: from this instant on.
        until: before this instant.
    """
    wanted = AuditFilter(subject=subject, actor=principal, since=_utc(since), until=_utc(until))

    async def export(_: Settings, url: str) -> None:
        async with open_pool(url, application="vitrine audit") as pool, pool.acquire() as conn:
            async for entry in all_entries(conn, wanted):
                sys.stdout.write(orjson.dumps(entry, default=str).decode() + "\n")

    on_database(export)


async def _check_is_restore(pool: Pool) -> None:
    """Refuse to call a restore what took rows of the audit alone.

    Raises:
        ConflictError: a backup has events and their rows alike, and here events are left.
    """
    async with pool.acquire() as conn:
        count = await seal_store.events_without_row(conn)
    if count:
        raise ConflictError(
            f"{count:,} events are in the event log and their rows are not in the audit: no "
            "restore does that; nothing was stated"
        )


async def _state(
    settings: Settings, changes: Changes, reason: str, lost: Sequence[KeptHead]
) -> None:
    """Record a restore, and seal what there is up to it."""
    async with changes.begin(COMMAND_LINE) as change:
        await change.record(*restore_events(reason, [each.head for each in lost]))
    async for _ in seal_audit(changes.pool, settings.master_keys(), within_s=_WITHIN_S):
        pass


async def _verify(
    settings: Settings, pool: Pool, objects: ObjectStore, log: Sequence[Path]
) -> Verdict:
    kept = [each for path in log or _own_log(settings.home) for each in _heads_in(path)]
    head, lost = await _head_in(objects)
    if head is not None:
        kept.append(KeptHead(where="the object store", head=head))
    async with pool.acquire() as conn:
        verdict = await verify_audit(conn, settings.master_keys(), kept)
    if head is None and verdict.fault is None and (verdict.seals or lost != _NO_HEAD):
        return replace(verdict, fault=lost)
    return verdict


def _report(verdict: Verdict) -> None:
    """Say how it is, and end with the exit status of a fault."""
    sys.stdout.write(
        f"{verdict.rows:,} rows hold under {verdict.seals:,} seals; "
        f"{verdict.unsealed:,} are not sealed yet.\n"
    )
    for each in verdict.restores:
        seals = sorted({number for number, _ in each.heads})
        by = OWN_SERVICES[each.by].name if each.by in OWN_SERVICES else each.by
        sys.stdout.write(
            f"Row {each.row} of {each.time:%Y-%m-%d %H:%M} UTC, by {by}, states a restore: "
            f"{each.reason} (lost: {len(each.heads):,} seals, {seals[0]} to {seals[-1]}).\n"
        )
    if verdict.fault is not None:
        sys.stderr.write(f"{verdict.fault}.\n")
        if verdict.lost:
            sys.stderr.write(f"{_IF_RESTORED}.\n")
        sys.exit(_FAILED)


def _utc(instant: datetime | None) -> datetime | None:
    """Take an instant without a zone as UTC."""
    return instant if instant is None or instant.tzinfo else instant.replace(tzinfo=UTC)


async def _head_in(objects: ObjectStore) -> tuple[Head | None, str]:
    """Return the head that the object store holds, and what is at fault where it holds none."""
    try:
        return await kept_head(objects), _NO_HEAD
    except InvalidInputError as error:
        return None, error.message


def _own_log(home: Path) -> Sequence[Path]:
    path = home / "logs" / "relay.log"
    return [each for each in (path.with_name("relay.log.1"), path) if each.is_file()]


def _heads_in(path: Path) -> list[KeptHead]:
    """Return the heads that a log tells of.

    Raises:
        InvalidInputError: it cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}", field="log") from error
    return [
        KeptHead(where=f"{path}", head=head)
        for line in lines
        if _SEALED.encode() in line and (head := read_head(line)) is not None
    ]
