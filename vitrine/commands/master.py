"""`vitrine key master`: how another master key comes to seal, while everything runs."""

import sys
from collections import Counter

from rich.console import Console
from rich.table import Table

from catalog.changes import Changes
from catalog.principal import COMMAND_LINE
from catalog.resealing.commands import count_by_key, reseal
from catalog.sealing import MasterKeys, Sealed, name_of
from vitrine.database import on_database, open_changes
from vitrine.master_keys import (
    Standing,
    begin_in_file,
    end_in_file,
    has_former_in_file,
    held,
    standing,
    state_newest,
)
from vitrine.provision import new_master_key
from vitrine.settings import Settings, load_settings

_INCOMPLETE = 1
_SEALED = ("master_key",)
_HEADS = {
    Sealed.SIGNING_KEY: "signing keys",
    Sealed.ONE_TIME_CODES: "one-time codes",
    Sealed.AUDIT_KEY: "audit keys",
}
_HOW_TO_BEGIN = (
    "To rotate it: `vitrine key master new` prints a new one; set that as VITRINE_MASTER_KEY and "
    "the one there is as VITRINE_FORMER_MASTER_KEYS, restart every process with both, one by one, "
    "then run `vitrine key master rotate`"
)
_HOW_TO_BEGIN_IN_FILE = "To rotate it: `vitrine key master rotate`"
_out = Console(soft_wrap=True, highlight=False)
_advice = Console(stderr=True, soft_wrap=True, highlight=False)


def print_new_key() -> None:
    """Print a new master key. Nothing uses it until it is set; it is not stored."""
    _out.print(new_master_key())
    _advice.print(f"{_HOW_TO_BEGIN}.")


def print_status() -> None:
    """Print which master key seals what, and what comes next in a rotation."""

    async def load(settings: Settings, url: str) -> tuple[Table, Standing]:
        keys = settings.master_keys()
        async with open_changes(settings, url) as changes, changes.pool.acquire() as conn:
            now, counted = await standing(conn, keys), await count_by_key(conn)
        return _table(now, counted), now

    table, now = on_database(load, relies_on=_SEALED)
    _out.print(table)
    _out.print(f"{_next(load_settings(), now)}.")


def rotate() -> None:
    """Let the newest master key seal, and seal with it what former ones sealed.

    Processes go on meanwhile. It may be stopped at any time and run again: it goes on. Exit status
    1: something stays sealed with a key that is not here; it is named.
    """

    async def work(settings: Settings, url: str) -> bool:
        with held(settings):
            async with open_changes(settings, url) as changes:
                return await _rotate(settings, changes)

    if not on_database(work, relies_on=_SEALED):
        sys.exit(_INCOMPLETE)


async def _rotate(settings: Settings, changes: Changes) -> bool:
    now = await _standing(changes, settings.master_keys())
    if now.is_over and not has_former_in_file(settings):
        if now.keys.place is None:
            _out.print(f"All is sealed with {now.seals.name}. {_HOW_TO_BEGIN}.")
            return True
        begin_in_file(settings)
        now = await _standing(changes, settings.master_keys())
    keys, newest = now.keys, now.keys.newest
    if now.seals != newest:
        async with changes.begin(COMMAND_LINE) as change:
            await state_newest(change, settings, now)
        _out.print(f"{newest.name} seals from now on, in place of {now.seals.name}.")
    left = await _reseal(changes, keys)
    for each in left:
        _advice.print(f"{each}.")
    if left:
        return False
    _out.print(f"All is sealed with {newest.name}. {_end(settings, keys)}")
    return True


async def _standing(changes: Changes, keys: MasterKeys) -> Standing:
    async with changes.pool.acquire() as conn:
        return await standing(conn, keys)


async def _reseal(changes: Changes, keys: MasterKeys) -> list[str]:
    """Seal anew, say how much, and return what is sealed with a key that is not here."""
    left: list[str] = []
    done: Counter[Sealed] = Counter()
    async for each in reseal(changes, keys, by=COMMAND_LINE):
        done[each.kind] += each.count
        left += each.left
        _out.print(f"{done[each.kind]:,} {_HEADS[each.kind]} are sealed anew.")
    return left


def _end(settings: Settings, keys: MasterKeys) -> str:
    """Take the former keys away where they are in a file, and say what is left to do."""
    if keys.place is None:
        former = ", ".join(keys.names[1:])
        if not former:
            return ""
        return (
            f"Take {former} out of VITRINE_FORMER_MASTER_KEYS, restart every process, and keep it "
            "with the backups from before now: they open with it alone."
        )
    files = ", ".join(str(each) for each in end_in_file(settings))
    if not files:
        return ""
    return (
        f"The former key is in {files}: backups from before now open with it alone. Keep it with "
        "them, and remove it here."
    )


def _table(now: Standing, counted: dict[bytes | None, Counter[Sealed]]) -> Table:
    table = Table("master key", "here", "seals", *_HEADS.values())
    own = {each.fingerprint: each for each in now.keys}
    short = {each[:8]: each for each in own}
    names: list[bytes | None] = [*short, *(each for each in counted if each not in short)]
    for name in names:
        key = None if name is None else own.get(short.get(name, b""))
        here = "no" if key is None else "newest" if key == now.keys.newest else "former"
        counts = counted.get(name, Counter())
        table.add_row(
            "(from before keys had names)" if name is None else name_of(name),
            "" if name is None else here,
            "yes" if key == now.seals else "",
            *(f"{counts[kind]:,}" for kind in _HEADS),
        )
    return table


def _next(settings: Settings, now: Standing) -> str:
    if now.seals != now.keys.newest:
        return (
            f"{now.keys.newest.name} is here and does not seal yet: run `vitrine key master rotate`"
            " once every process has it"
        )
    if now.others or has_former_in_file(settings):
        return "A rotation is not over: run `vitrine key master rotate`"
    begin = _HOW_TO_BEGIN if now.keys.place is None else _HOW_TO_BEGIN_IN_FILE
    return f"All is sealed with {now.seals.name}. {begin}"
