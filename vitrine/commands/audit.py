"""`vitrine audit`: whether the audit is as it was written."""

import sys
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
from cyclopts import Parameter

from catalog.audit.reading_store import AuditFilter, all_entries
from catalog.audit.sealing import kept_head
from catalog.audit.seals import Head, read_head
from catalog.audit.verifying import KeptHead, Verdict, verify_audit
from catalog.db import open_pool
from catalog.errors import InvalidInputError
from catalog.storage.model import ObjectStore
from serving.stores import open_store
from vitrine.database import on_database
from vitrine.settings import Settings

_FAILED = 1
_SEALED = "audit_sealed"
_NO_HEAD = "the object store holds no head: it was removed, or no relay could write it yet"


def verify_audit_rows(*, log: Annotated[tuple[Path, ...], Parameter(negative=())] = ()) -> None:
    """Hold every row against its seal, and the seals against the object store and the logs.

    Exit status 1: something is not as it was sealed; the first such row is named.

    Args:
        log: of a relay, as it wrote it in JSON; by default that of `vitrine up` in the home.
    """

    async def verify(settings: Settings, url: str) -> Verdict:
        files = log or _own_log(settings.home)
        kept = [each for path in files for each in _heads_in(path)]
        async with open_store(settings) as objects:
            head, lost = await _head_in(objects)
        if head is not None:
            kept.append(KeptHead(where="the object store", head=head))
        async with open_pool(url, application="vitrine audit") as pool, pool.acquire() as conn:
            verdict = await verify_audit(conn, settings.master_keys(), kept)
        if head is None and verdict.fault is None and (verdict.seals or lost != _NO_HEAD):
            return replace(verdict, fault=lost)
        return verdict

    verdict = on_database(verify, relies_on=("master_key", "store_url"))
    sys.stdout.write(
        f"{verdict.rows:,} rows hold under {verdict.seals:,} seals; "
        f"{verdict.unsealed:,} are not sealed yet.\n"
    )
    if verdict.fault is not None:
        sys.stderr.write(f"{verdict.fault}.\n")
        sys.exit(_FAILED)


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
