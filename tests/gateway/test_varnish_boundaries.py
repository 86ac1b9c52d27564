"""The last minute before a right ends, through real Varnishes: nothing outlives the boundary."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

import httpx2
import pytest

from catalog.clock import utc_now
from gateway.proof.answers import Coverage, log_files, read_answers
from gateway.proof.delivery_log import microseconds
from tests.gateway.varnish_rig import CDN, client, needs_varnish, status_of
from tests.gateway.varnish_tiers import CACHE_SECRET, Hop, Tiers, run_tiers, tier_settings
from tests.support.stage import WORLDWIDE, Stage
from vitrine.settings import Settings

pytestmark = needs_varnish

SETUPS: tuple[tuple[Hop, ...], ...] = (("edge",), ("cache",), ("edge", "outer"), ("edge", "cache"))
CLOCKS = timedelta(
    seconds=0.25
)  # how far the gateway's estimate of the database's clock may be off
every_setup = pytest.mark.parametrize("hops", SETUPS, ids="-".join)


@dataclass(frozen=True)
class Scene:
    """A picture whose right ends soon, its tiers, and its URL."""

    tiers: Tiers
    url: str
    ends_at: datetime

    async def left(self, seconds: float) -> None:
        """Wait until so much of the right is left."""
        await asyncio.sleep((self.ends_at - utc_now()).total_seconds() - seconds)

    async def is_fresh_until(self, answer: httpx2.Response, asked_at: datetime) -> datetime:
        """Return until when a browser may show an answer without asking again.

        As RFC 9111, section 4.2.3, has it: the age counts from the request.
        """
        lifetime = re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])
        age_s = int(answer.headers.get("Age", "0"))
        return asked_at + timedelta(seconds=int(lifetime[1]) - age_s if lifetime else 0)

    async def stays_within(self, *, expected: str) -> None:
        """Ask, and see that the browser's copy ends with the right."""
        asked_at = utc_now()
        answer = await self.tiers.get(self.url)
        assert (answer.status_code, status_of(answer)) == (200, expected)
        assert await self.is_fresh_until(answer, asked_at) <= self.ends_at + CLOCKS


@asynccontextmanager
async def scene(
    stage: Stage, settings: Settings, hops: tuple[Hop, ...], *, ends_in_s: float
) -> AsyncGenerator[Scene]:
    """Show a picture, already rendered, whose right ends after some seconds."""
    async with run_tiers(tier_settings(settings), hops) as tiers:
        ends_at = utc_now() + timedelta(seconds=ends_in_s)
        asset = await stage.asset(replace(WORLDWIDE, valid_until=ends_at))
        url = stage.url(asset)
        warm = await tiers.gateway.get(url, headers={"CF-IPCountry": "DE"})
        assert warm.status_code == 200
        yield Scene(tiers, url, ends_at)


@every_setup
@pytest.mark.parametrize("left_s", [45, 20])
async def test_a_browsers_copy_ends_with_the_right_on_a_miss_and_on_a_hit(
    stage: Stage, settings: Settings, hops: tuple[Hop, ...], left_s: int
) -> None:
    async with scene(stage, settings, hops, ends_in_s=left_s + 1.5) as shown:
        await shown.left(left_s + 0.05)  # hardly anything is lost to whole seconds
        await shown.stays_within(expected="fwd=miss")
        for later_s in (0.85, 2.5):  # a cache may still call the first an age of 0
            await shown.left(left_s - later_s)
            await shown.stays_within(expected="hit")


@every_setup
async def test_in_the_last_second_nothing_is_kept_and_after_it_nothing_is_shown(
    stage: Stage, settings: Settings, hops: tuple[Hop, ...]
) -> None:
    async with scene(stage, settings, hops, ends_in_s=5) as shown:
        async with client(shown.tiers.bases[0], CDN) as inside:
            stored = await inside.get(shown.url, headers={"CF-IPCountry": "DE"})
            assert status_of(stored) == "fwd=miss"
        await shown.left(2.1)
        asked_at = utc_now()
        answer = await shown.tiers.get(shown.url)  # of two tiers the inner has held it for long
        assert await shown.is_fresh_until(answer, asked_at) <= shown.ends_at + CLOCKS
        await shown.left(0.7)
        last = await shown.tiers.get(shown.url)
        assert last.status_code == 200
        assert last.headers["Cache-Control"] == "private, no-cache"
        while (asked_at := utc_now()) < shown.ends_at + 4 * CLOCKS:
            answer = await shown.tiers.get(shown.url)
            assert answer.status_code == 410 or asked_at < shown.ends_at + CLOCKS
        assert answer.json()["code"] == "LICENCE_EXPIRED"


#: The time before a boundary is looked at so often; 50 takes a quiet machine.
EVERY_MS = int(os.environ.get("BOUNDARIES_EVERY_MS", "250"))
LAST_S, PICTURES, LEASE_S = 70, 16, 3.0
BROWSER_S = 62  # a browser's copy, and what whole seconds and ages may hide


async def test_kept_leave_tells_nobody_of_a_lifetime_beyond_the_boundary(
    stage: Stage, settings: Settings
) -> None:
    """The edge keeps leave for the browser up to 62 s before the end, and asks each time after it.

    For the CDN in front, which may hold a copy for 300 s, it asks each time in all of the 70 s.
    """
    step_s = LAST_S / PICTURES
    keeping = tier_settings(settings, territory="vary", lease_s=LEASE_S)
    async with (
        run_tiers(keeping, ("edge",)) as tiers,
        client(tiers.bases[0]) as browser,
        client(tiers.bases[0]) as outer,
    ):
        outer.headers["X-Vitrine-Hop-Secret"] = CACHE_SECRET
        began = utc_now() + timedelta(seconds=1)
        # together they are at every instant of the last 70 s before their ends
        ends = [began + timedelta(seconds=step_s * (number + 1)) for number in range(PICTURES)]
        pictures = [
            (await stage.asset(replace(WORLDWIDE, valid_until=each)), each) for each in ends
        ]
        shown = [(asset.public_id, stage.url(asset), each) for asset, each in pictures]
        answered = Counter[str]()
        while utc_now() < began + timedelta(seconds=step_s):
            for viewer, (asset, url, ends_at) in product((browser, outer), shown):
                asked_at = utc_now()
                answer = await viewer.get(url)
                assert answer.status_code == 200 or asked_at > ends_at - CLOCKS
                for name in ("Cache-Control", "CDN-Cache-Control"):
                    told = re.search(r"max-age=(\d+)", answer.headers.get(name, ""))
                    kept_for = timedelta(seconds=int(told[1]) if told else 0)
                    assert asked_at + kept_for <= ends_at + CLOCKS
                answered[asset] += 1
            await asyncio.sleep(EVERY_MS / 1000)
    leaves = [
        each.entry
        for each in read_answers(log_files([keeping.delivery_log]), Coverage())
        if each.entry.how == "leave"
    ]
    asked = Counter(each.asset for each in leaves)
    near, far = pictures[PICTURES // 2][0].public_id, pictures[-1][0].public_id
    assert asked[near] >= answered[near]
    assert answered[far] / 2 < asked[far] < answered[far]  # by kept leave to the browser alone
    last_at = {
        asset.public_id: microseconds(each - timedelta(seconds=BROWSER_S) + CLOCKS)
        for asset, each in pictures
    }
    kept = [each for each in leaves if each.kept_for_s]
    assert all(each.at + each.kept_for_s * 1e6 <= last_at[each.asset] for each in kept)
