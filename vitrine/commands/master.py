"""`vitrine key master`: how another master key comes to seal, while everything runs."""

import sys
from collections import Counter

from rich.console import Console
from rich.table import Table

from catalog.changes import Changes
from catalog.errors import InvalidInputError
from catalog.principal import COMMAND_LINE
from catalog.resealing.commands import check_login, find_closed, reseal
from catalog.sealing import NAME_BYTES, MasterKeys, Sealed, name_of
from vitrine import master_keys
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
            now = await standing(conn, keys)
        return _table(now), now

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


def give_up(*, yes: bool = False) -> None:
    """Give up what no master key here opens, since the one that opens it is lost.

    Signing keys are revoked and one-time codes removed; nothing of it comes back. The key that is
    set here seals from now on. Exit status 2: it only says what would be given up.

    Args:
        yes: do it.
    """

    async def work(settings: Settings, url: str) -> Counter[Sealed]:
        keys = settings.master_keys()
        async with open_changes(settings, url) as changes:
            async with changes.pool.acquire() as conn, conn.transaction():
                await check_login(conn)
                closed = Counter(kind for kind, _ in await find_closed(conn, keys))
            if not closed:
                return closed
            if not yes:
                raise InvalidInputError(
                    f"with {keys.newest.name} alone this would be given up for ever: "
                    f"{_counts(closed)}. Look once more for the key that is missing; to do without "
                    "it, add --yes"
                )
            async with changes.begin(COMMAND_LINE) as change:
                return await master_keys.give_up(change, keys)

    given_up = on_database(work)
    if not given_up:
        _out.print("Nothing to give up: the keys here open everything.")
        return
    _out.print(
        f"Given up: {_counts(given_up)}. Restart every process with this key. URLs that were "
        "signed before answer 401; people set up one-time codes anew, by a link of `vitrine user "
        "login-link`; what the audit was sealed with until now cannot be verified."
    )


async def _rotate(settings: Settings, changes: Changes) -> bool:
    now = await _standing(changes, settings.master_keys())
    if now.is_over and not has_former_in_file(settings):
        if now.keys.place is not None:
            begin_in_file(settings)
            now = await _standing(changes, settings.master_keys())
        elif now.is_sealed_by_one:
            _out.print(f"{_summary(now)}. {_HOW_TO_BEGIN}.")
            return not now.missing
    keys, newest = now.keys, now.keys.newest
    if now.seals != newest:
        async with changes.begin(COMMAND_LINE) as change:
            await state_newest(change, settings, now)
        _out.print(f"{newest.name} seals from now on, in place of {now.seals.name}.")
        now = await _standing(changes, keys)
    left = await _reseal(changes, now)
    if left:
        _advice.print(
            f"No master key here opens {', '.join(left)}: set the one that does in "
            "VITRINE_FORMER_MASTER_KEYS, and run this again. Should it be lost, there is "
            "`vitrine key master give-up`."
        )
        return False
    _out.print(f"All is sealed with {newest.name}. {_end(settings, keys)}")
    return True


async def _standing(changes: Changes, keys: MasterKeys) -> Standing:
    async with changes.pool.acquire() as conn:
        await check_login(conn)
        return await standing(conn, keys)


async def _reseal(changes: Changes, now: Standing) -> list[str]:
    """Seal anew, say how much, and return what no key here opens."""
    left: list[str] = []
    done: Counter[Sealed] = Counter()
    total = now.to_seal
    async for each in reseal(changes, now.keys, by=COMMAND_LINE):
        done[each.kind] += each.count
        left += each.left
        _out.print(f"{_HEADS[each.kind]}: {done[each.kind]:,} of {total[each.kind]:,} sealed anew")
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


def _table(now: Standing) -> Table:
    table = Table("master key", "here", "seals", *_HEADS.values())
    own = {each.fingerprint: each for each in now.keys}
    short = {each[:NAME_BYTES]: each for each in own}
    names: list[bytes | None] = [*short, *(each for each in now.counted if each not in short)]
    for name in names:
        key = None if name is None else own.get(short.get(name, b""))
        here = "no" if key is None else "newest" if key == now.keys.newest else "former"
        counts = now.counted.get(name, Counter())
        table.add_row(
            "(from before keys had names)" if name is None else name_of(name),
            "" if name is None else here,
            "yes" if key == now.seals else "",
            *(f"{counts[kind]:,}" for kind in _HEADS),
        )
    return table


def _next(settings: Settings, now: Standing) -> str:
    if now.seals != now.keys.newest:
        who = f"these lack it: {', '.join(now.lacking)}" if now.lacking else "all have it"
        return (
            f"{now.keys.newest.name} is here and does not seal yet: run `vitrine key master rotate`"
            f" once every process that runs has it; {who}"
        )
    if not now.is_over or has_former_in_file(settings):
        return "A rotation is not over: run `vitrine key master rotate`"
    begin = _HOW_TO_BEGIN if now.keys.place is None else _HOW_TO_BEGIN_IN_FILE
    return f"{_summary(now)}. {begin}"


def _summary(now: Standing) -> str:
    if not now.missing:
        return f"All is sealed with {now.seals.name}"
    return (
        f"What opens is sealed with {now.seals.name}. {', '.join(now.missing)} seals something and "
        "is not here: set it in VITRINE_FORMER_MASTER_KEYS, and run `vitrine key master rotate`"
    )


def _counts(counted: Counter[Sealed]) -> str:
    return ", ".join(f"{count:,} {_HEADS[kind]}" for kind, count in counted.items())
