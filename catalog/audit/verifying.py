"""Holds the audit against its seals, and those against what was kept of them elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.audit import seal_store as store
from catalog.audit.restores import StatedRestore
from catalog.audit.sealing import sealing_keys
from catalog.audit.seals import BEFORE_ALL, MARK_BYTES, Head, Seal, SealingKey, is_made_by, mark_of
from catalog.db import Connection
from catalog.sealing import MasterKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHead:
    """A head as something outside the database holds it.

    Attributes:
        where: for people to read.
    """

    where: str
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of the audit.

    Attributes:
        rows, seals: how many hold.
        unsealed: rows that no seal vouches for yet.
        fault: the first thing that is not as it was sealed; None: nothing is.
        row: id of the first row at fault; None: it is a seal, or nothing is.
        lost: what was kept elsewhere of seals that the database has not, and no restore explains;
            only where all that it has holds.
        restores: that were stated.
    """

    rows: int
    seals: int
    unsealed: int
    fault: str | None = None
    row: int | None = None
    lost: tuple[KeptHead, ...] = ()
    restores: tuple[StatedRestore, ...] = ()


async def verify_audit(
    conn: Connection, master_keys: MasterKeys, kept: Sequence[KeptHead]
) -> Verdict:
    """Verify all seals and rows, in one snapshot.

    Args:
        conn: to the database.
        master_keys: that open the keys of the seals.
        kept: heads that were kept elsewhere.

    Raises:
        SettingsError: a master key that opens a key of the seals is missing.
    """
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        keys = await sealing_keys(conn, master_keys)
        return await _verify(conn, keys, kept)


async def _verify(
    conn: Connection, keys: Mapping[str, SealingKey], kept: Sequence[KeptHead]
) -> Verdict:
    rows = 0
    former: Seal | None = None
    macs: dict[int, str] = {}
    fault: tuple[str, int | None] | None = None
    while fault is None:
        seal = await store.seal_from(conn, former.number + 1 if former else 1)
        if seal is None:
            break
        fault = _fault_of_seal(seal, former, keys)
        if fault is None:
            after = former.ids[-1] if former else BEFORE_ALL
            found = await store.rows_between(conn, after, seal.ids[-1])
            fault = fault_of_rows(seal, found, keys[seal.key])
        if fault is None:
            macs[seal.number] = seal.mac.hex()
            rows += len(seal.ids)
            former = seal
    last = former.ids[-1] if former else BEFORE_ALL
    unsealed, _ = await store.age_after(conn, last)
    restores = await store.stated_restores(conn, last)
    lost = () if fault else _lost(macs, kept, restores)
    if lost:
        fault = _fault_of_kept(macs, lost[0])
    return Verdict(
        rows=rows,
        seals=len(macs),
        unsealed=unsealed if fault is None or lost else 0,
        fault=fault and fault[0],
        row=fault and fault[1],
        lost=lost,
        restores=tuple(restores),
    )


def _fault_of_seal(
    seal: Seal, former: Seal | None, keys: Mapping[str, SealingKey]
) -> tuple[str, int | None] | None:
    expected = former.number + 1 if former else 1
    if seal.number != expected:
        return f"seal {expected} was removed", None
    if seal.key not in keys:
        return f"the key {seal.key} of seal {seal.number} was removed, or given up", None
    before = former.mac if former else b""
    if seal.before != before or not is_made_by(seal, keys[seal.key]):
        return f"seal {seal.number} was changed", None
    return None


def fault_of_rows(
    seal: Seal, found: Sequence[tuple[int, str]], key: SealingKey
) -> tuple[str, int] | None:
    """Say which row is the first that is not as it was sealed; None: all are.

    Args:
        seal: that vouches for them.
        found: id and text of the rows from the seal before to the last of this one, ascending.
        key: of the seal.
    """
    sealed = {
        row: seal.marks[place * MARK_BYTES : (place + 1) * MARK_BYTES]
        for place, row in enumerate(seal.ids)
    }
    marks = {row: mark_of(text, key) for row, text in found}
    if marks == sealed:
        return None
    row = min(each for each in sealed.keys() | marks if sealed.get(each) != marks.get(each))
    was_at = {mark: each for each, mark in sealed.items()}
    is_at = {mark: each for each, mark in marks.items()}
    if row not in sealed:
        origin = was_at.get(marks[row])
        added = f"row {row} was added after the rows around it were sealed"
        return (added if origin is None else f"row {origin} was moved to {row}"), row
    if sealed[row] in is_at:
        return f"row {row} was moved to {is_at[sealed[row]]}", row
    return f"row {row} was {'changed' if row in marks else 'removed'}", row


def _lost(
    macs: Mapping[int, str], kept: Sequence[KeptHead], restores: Sequence[StatedRestore]
) -> tuple[KeptHead, ...]:
    """Return the heads that the database has not and no restore explains, by ascending number."""
    explained = {head for restore in restores for head in restore.heads}
    return tuple(
        each
        for each in sorted(kept, key=lambda each: each.head.seal)
        if macs.get(each.head.seal) != each.head.mac
        and (each.head.seal, each.head.mac) not in explained
    )


def _fault_of_kept(macs: Mapping[int, str], lost: KeptHead) -> tuple[str, int | None]:
    head, last = lost.head, max(macs, default=0)
    if head.seal <= last:
        return f"seal {head.seal} is another than {lost.where} holds", None
    told = f"{lost.where} holds seal {head.seal} of the rows {head.first} to {head.last}"
    cut = f"the end was cut off: {told}, and the last seal of the database is {last}"
    return cut, head.first
