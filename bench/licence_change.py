"""`licence-change`: a licence that thousands of assets rest on changes, in one transaction."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from bench.homes import temporary_home
from bench.report import Figure, Report
from catalog.changes import Changes
from catalog.db import Connection, Pool, connect, open_pool
from catalog.events.store import EVENTS_CHANNEL
from catalog.licences.batches import LicenceRecord, put_licences
from catalog.principal import COMMAND_LINE
from catalog.purges.driver_store import use_drivers
from catalog.rights.holder_kinds import LICENCE
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from vitrine.embedded.postgres import run_postgres
from vitrine.migrate import migrate

_AIM_S = 0.5
_DRIVERS = ("first-cdn", "second-cdn")
_PASSES = 3
_WORLD = TermInput(
    include=("WORLD",), channels=("*",), usages=("*",), valid_from=datetime(2020, 1, 1, tzinfo=UTC)
)
_GERMANY = TermInput(
    include=("DE",), channels=("*",), usages=("*",), valid_from=datetime(2020, 1, 1, tzinfo=UTC)
)

ASSETS_SQL = """
WITH made AS (
    INSERT INTO asset (id, public_id, code, kind, slug)
    SELECT gen_random_uuid(), 'bench' || n, 'bench' || n, 'image', 'lamp'
    FROM generate_series(1, $1) AS n
    RETURNING id
), epochs AS (
    INSERT INTO asset_epoch (asset) SELECT id FROM made
)
INSERT INTO asset_state (id, asset, status) SELECT gen_random_uuid(), id, 'approved' FROM made
"""
MEMBERS_SQL = """
INSERT INTO asset_licence (asset, licence)
SELECT asset.id, licence.id FROM asset, licence ORDER BY asset.id LIMIT $1
"""
ANALYZE_SQL = "ANALYZE"
LICENCE_SQL = "SELECT public_id FROM licence"
COUNTS_SQL = """
SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM purge) AS purges,
       (SELECT sum(epoch)::bigint FROM asset_epoch) AS epochs
"""

app = App(help="Measure how long a change of one licence takes, for all that rests on it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one change took and made."""

    seconds: float
    events: int
    notifications: int
    purges: int
    epochs: int


@app.default
def measure(
    *,
    assets: int = 100_000,
    members: int = 10_000,
    rounds: int = 20,
    quick: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Change the grants of a licence and print seconds, events, notifications, purges, epochs.

    Args:
        assets: in the database.
        members: those of them that rest on the licence.
        rounds: changes that are measured, after two that are not.
        quick: 1,000 assets, 100 members, 3 rounds.
        json: print one JSON object.
    """
    if quick:
        assets, members, rounds = 1_000, 100, 3
    with temporary_home() as home, run_postgres(home) as postgres:
        measured = asyncio.run(_measure(postgres.url(), assets, members, rounds))
    units = {"seconds": "s"} | {each.name: each.name for each in fields(Round)[1:]}
    Report(
        name="licence-change",
        settings={
            "assets": assets,
            "members": members,
            "drivers": len(_DRIVERS),
            "rounds": rounds,
            "cores": os.cpu_count(),
        },
        figures={
            name: Figure(values=[getattr(each, name) for each in measured], unit=unit)
            for name, unit in units.items()
        },
        at_most={
            "seconds": _AIM_S,
            "events": 1,
            "notifications": 1,
            "purges": len(_DRIVERS) * _PASSES,
        },
    ).print(as_json=json)


async def _measure(url: str, assets: int, members: int, rounds: int) -> Sequence[Round]:
    await migrate(url)
    async with open_pool(url, application="vitrine-bench") as pool, _heard(url) as heard:
        async with pool.acquire() as conn:
            await use_drivers(conn, _DRIVERS)
        changes = Changes(pool=pool)
        licence = await _populate(changes, assets, members)
        measured = [
            await _change(changes, licence, [_WORLD if number % 2 else _GERMANY], heard)
            for number in range(rounds + 2)
        ]
    return measured[2:]


async def _populate(changes: Changes, assets: int, members: int) -> str:
    async with changes.begin(COMMAND_LINE) as change:
        await put_licences(change, [LicenceRecord(code="studio", licensor="Studio")])
    await changes.pool.execute(ASSETS_SQL, assets)
    await changes.pool.execute(MEMBERS_SQL, members)
    await changes.pool.execute(ANALYZE_SQL)
    return await changes.pool.fetchval(LICENCE_SQL)


async def _change(
    changes: Changes, licence: str, grants: Sequence[TermInput], heard: "_Heard"
) -> Round:
    before = await _counts(changes.pool)
    heard.count = 0
    began = time.perf_counter()
    async with changes.begin(COMMAND_LINE) as change:
        await set_terms(change, LICENCE, licence, TermKind.GRANTS, grants)
    seconds = time.perf_counter() - began
    await heard.conn.execute("SELECT 1")  # brings what was notified before
    after = await _counts(changes.pool)
    events, purges, epochs = (now - then for now, then in zip(after, before, strict=True))
    return Round(
        seconds=seconds,
        events=events,
        notifications=heard.count,
        purges=purges,
        epochs=epochs,
    )


async def _counts(pool: Pool) -> Sequence[int]:
    row = await pool.fetchrow(COUNTS_SQL)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return tuple(row)


@dataclass(slots=True, kw_only=True)
class _Heard:
    """How often readers of the feed were woken."""

    conn: Connection
    count: int = 0

    def one(self, *_: object) -> None:
        self.count += 1


@asynccontextmanager
async def _heard(url: str) -> AsyncGenerator[_Heard]:
    conn = await connect(url, application="vitrine-bench")
    heard = _Heard(conn=conn)
    try:
        await conn.add_listener(EVENTS_CHANNEL, heard.one)
        yield heard
    finally:
        await conn.close()


if __name__ == "__main__":
    app()
