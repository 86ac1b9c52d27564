"""One measurement in a house that runs: the revocations, with the load beside them."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.shop import HOME_COUNTRY
from bench.time_to_dark.catalogue import Sizes, find_units
from bench.time_to_dark.house import WatchedHouse
from bench.time_to_dark.judge import LoadVerdict, judge_load
from bench.time_to_dark.load import LoadPlan, read_record
from bench.time_to_dark.places import Place, places_of
from bench.time_to_dark.proof import replay_answers
from bench.time_to_dark.run import Plan, Run, Seen
from catalog.db import Pool
from gateway.proof.replay import Tally
from vitrine.database import open_changes

_LOAD_STOP_S = 60.0
_PURGES_DONE_S = 10.0
_POLL_S = 0.1

PURGES_SQL = """
SELECT count(*) FILTER (WHERE attempts > 0) AS sent,
       count(*) FILTER (WHERE state = 'confirmed') AS confirmed,
       count(*) FILTER (WHERE state <> 'confirmed' AND not_before <= clock_timestamp()) AS due
FROM purge
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purges:
    """Rows of the queue: a tag, for one driver, in one pass."""

    sent: int
    confirmed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Everything that was seen.

    Attributes:
        load_s: how long the load ran.
        replayed: what the delivery logs of all gateways prove.
    """

    seen: Seen
    load: LoadVerdict
    load_s: float
    purges: Purges
    replayed: Tally


async def measure(
    house: WatchedHouse, sizes: Sizes, plan: Plan, *, load_hz: float, advance: Callable[[], None]
) -> Measurement:
    """Warm everything up, and revoke under load.

    Args:
        house: running, with all that it may lose.
        sizes: of its catalogue.
        plan: what is revoked.
        load_hz: requests a second of the load, all places together.
        advance: called after each revocation.
    """
    places = places_of(house, watched=plan.watched)
    plan_path, record_path = house.folder / "load-plan.json", house.folder / "load-record.json"

    def publish_paths(generation: int, paths: list[str]) -> None:
        LoadPlan(
            generation=generation,
            paths=paths,
            ports=[(place.kind, place.port) for place in places],
            rate_hz=load_hz,
            country=HOME_COUNTRY,
            seed=plan.seed,
        ).write(plan_path)

    async with open_changes(house.settings, house.database_url) as changes:
        async with changes.pool.acquire() as conn:
            units = await find_units(conn, sizes)
        run = Run(
            plan,
            changes=changes,
            master_keys=house.settings.master_keys(),
            places=places,
            units=units,
            publish_paths=publish_paths,
            advance=advance,
        )
        await run.prepare()
        house.lose_purger()
        began = time.monotonic()
        with _load(plan_path, record_path):
            await run.run()
            load_s = time.monotonic() - began
        purges = await _finished_purges(changes.pool)
        replayed = await replay_answers(house, changes.pool)
    return Measurement(
        seen=run.seen,
        load=_judge_load(record_path, run.seen, places),
        load_s=load_s,
        purges=purges,
        replayed=replayed,
    )


def _judge_load(record_path: Path, seen: Seen, places: Sequence[Place]) -> LoadVerdict:
    limits_s = {place.kind: place.limit_s for place in places}
    return judge_load(read_record(record_path), seen.darknesses, limits_s=limits_s)


@contextmanager
def _load(plan_path: Path, record_path: Path) -> Generator[None]:
    """Run the load until the end of the block; then its record is written.

    Raises:
        RuntimeError: it failed.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.time_to_dark.load", f"{plan_path}", f"{record_path}"],
        stdin=subprocess.PIPE,
    )
    try:
        yield
        process.communicate(timeout=_LOAD_STOP_S)  # closes its input
    finally:
        process.kill()
        process.wait()
    if process.returncode != 0:
        raise RuntimeError("the load failed")


async def _finished_purges(pool: Pool) -> Purges:
    """Wait until nothing is due; the last pass of the last changes is not."""
    deadline = time.monotonic() + _PURGES_DONE_S
    while True:
        row = await pool.fetchrow(PURGES_SQL)
        assert row is not None  # noqa: S101 - it counts
        if row["due"] == 0 or time.monotonic() > deadline:
            return Purges(sent=row["sent"], confirmed=row["confirmed"])
        await asyncio.sleep(_POLL_S)
