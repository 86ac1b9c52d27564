"""`vitrine purge`: how the purges of each CDN stand."""

import sys
from collections.abc import Sequence
from datetime import datetime

import orjson
from rich.console import Console
from rich.table import Table

from catalog.db import open_pool
from catalog.purges.driver_store import DriverStatus, statuses
from vitrine.database import on_database
from vitrine.settings import Settings


def print_purge_status(*, json: bool = False) -> None:
    """Print, for each driver, whether its CDN is asked, what is due, and what went wrong last.

    Args:
        json: print a JSON list in place of the table.
    """
    found = on_database(_statuses)
    if json:
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
    elif not found:
        sys.stdout.write("There is no CDN to purge: VITRINE_PURGE_DRIVERS names none.\n")
    else:
        Console(soft_wrap=True, highlight=False).print(_table(found))


async def _statuses(settings: Settings, url: str) -> list[DriverStatus]:
    names = settings.drivers
    async with open_pool(url, application="vitrine purge") as pool, pool.acquire() as conn:
        return await statuses(conn, names)


def _table(found: Sequence[DriverStatus]) -> Table:
    table = Table("driver", "circuit", "queue", "last error", show_lines=True)
    for each in found:
        table.add_row(each.driver, _circuit(each), _queue(each), each.last_error or "")
    return table


def _circuit(status: DriverStatus) -> str:
    if status.circuit is None:
        return "held by no purger yet"
    return _lines(
        status.circuit.value.replace("_", " "),
        _when("since", status.since),
        f"{status.failures:,} failures in a row" if status.failures else None,
        _when("next try", status.next_try_at),
    )


def _queue(status: DriverStatus) -> str:
    return _lines(
        f"{status.due:,} due",
        f"{status.overdue_s:,.0f} s overdue" if status.due else None,
        _when("confirmed", status.last_confirmed_at),
    )


def _lines(*lines: str | None) -> str:
    return "\n".join(line for line in lines if line)


def _when(what: str, instant: datetime | None) -> str | None:
    return f"{what} {instant:%Y-%m-%d %H:%M:%S}" if instant else None
