"""Takes rights away, one after the other, and gives each back once it has been watched."""

import asyncio
import math
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.time_to_dark.catalogue import Family, Picture, Unit
from bench.time_to_dark.client import TimedAnswer
from bench.time_to_dark.judge import Darkness, WatcherVerdict, judge_watch
from bench.time_to_dark.places import Place
from bench.time_to_dark.revocations import KINDS, Act, Commit, RevocationKind, commit
from bench.time_to_dark.watch import until_lit, watch
from catalog.changes import Change, Changes
from catalog.delivery.keys import SigningKeys, load_signing_keys, revoke_signing_key
from catalog.sealing import MasterKeys

#: Requests are already on their way when the right ends.
_BEFORE_S = 0.02
_FREE_POLL_S = 0.05
_ONE_WATCHED_IN = 10
KEY_REVOKED = "key_revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is revoked.

    Attributes:
        revocations: how many, those of signing keys among them.
        key_revocations: how many of them; they change every URL, so they come first.
        burst: how many are committed at once; a tenth of them, at least one, is watched.
        every_s: from one revocation to the next, on average.
        seed: of every choice.
    """

    revocations: int
    key_revocations: int
    burst: int
    every_s: float
    seed: int

    @property
    def watched(self) -> int:
        """How many of a burst are watched."""
        return max(1, self.burst // _ONE_WATCHED_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationOutcome:
    """What was seen of one revocation.

    Attributes:
        kind: of the revocation.
        committed: when.
        verdicts: by kind of place, one of each place of the kind; empty: it was not watched.
    """

    kind: str
    committed: Commit
    verdicts: Mapping[str, Sequence[WatcherVerdict]]


@dataclass(slots=True)
class Seen:
    """What was seen of every revocation.

    Attributes:
        outcomes: one of each revocation.
        darknesses: what the load is held against.
        restored: how many rights were given back.
    """

    outcomes: list[RevocationOutcome] = field(default_factory=list[RevocationOutcome])
    darknesses: list[Darkness] = field(default_factory=list[Darkness])
    restored: int = 0


class Run:
    """One measurement.

    Args:
        plan: how much.
        changes: begins transactions, as every process does.
        master_keys: open the signing keys.
        places: all that are watched.
        units: what may be revoked; each by one revocation at a time.
        publish_paths: called with the number and the paths of each new generation of URLs.
        advance: called after each revocation.
    """

    def __init__(  # noqa: PLR0913 - wired once, in measure.py
        self,
        plan: Plan,
        *,
        changes: Changes,
        master_keys: MasterKeys,
        places: Sequence[Place],
        units: Sequence[Unit],
        publish_paths: Callable[[int, list[str]], None],
        advance: Callable[[], None],
    ) -> None:
        self.seen = Seen()
        self._plan = plan
        self._changes = changes
        self._master_keys = master_keys
        self._places = places
        self._publish_paths = publish_paths
        self._advance = advance
        self._random = random.Random(plan.seed)  # noqa: S311 - picks what to revoke
        self._free: dict[Family, list[Unit]] = defaultdict(list)
        for unit in units:
            self._free[unit.family].append(unit)
        self._kinds = [kind for kind in KINDS if kind.family in self._free]
        pictures = (picture for unit in units for picture in unit.pictures)
        self._pictures = sorted(pictures, key=lambda each: each.number)
        self._keys: SigningKeys
        self._generation = -1

    async def prepare(self) -> None:
        """Have every image rendered, stored at the edges and known to every gateway."""
        await self._renew_paths()
        first, *others = self._places
        await self._warm(first)  # renders
        await asyncio.gather(*map(self._warm, others))

    async def _warm(self, place: Place) -> None:
        for picture in self._pictures:
            await until_lit(place, picture.path(self._keys))

    async def run(self) -> None:
        """Revoke everything."""
        # To the end: the last pass of their purges, which clear whatever a key has signed, would
        # hide that another purge was late.
        await asyncio.gather(*[await self._revoke_key() for _ in range(self._plan.key_revocations)])
        plan = self._plan
        async with asyncio.TaskGroup() as group:
            for _ in range(math.ceil((plan.revocations - plan.key_revocations) / plan.burst)):
                began = time.monotonic()
                together = asyncio.Barrier(plan.burst)
                for number in range(plan.burst):
                    kind, unit = await self._draw()
                    places = self._places if number < plan.watched else ()
                    group.create_task(self._revoke_right(kind, unit, places, together))
                every_s = plan.every_s * plan.burst
                await asyncio.sleep(max(0.0, began + every_s - time.monotonic()))

    async def _draw(self) -> tuple[RevocationKind, Unit]:
        """Draw a kind, and a unit that is free; where none is, draw again."""
        while True:
            kind = self._random.choice(self._kinds)
            units = self._free[kind.family]
            if units:
                return kind, units.pop(self._random.randrange(len(units)))
            await asyncio.sleep(_FREE_POLL_S)

    async def _revoke_right(
        self, kind: RevocationKind, unit: Unit, places: Sequence[Place], together: asyncio.Barrier
    ) -> None:
        picture = self._random.choice(unit.pictures)
        act = partial(self._commit_together, kind.revoke, unit.code, together)
        committed, watched = await self._revoke(kind.name, picture, act, places)
        await watched
        if not places:  # as long as others are dark: the load asks for it
            await asyncio.sleep(max(place.watch_s for place in self._places))
        restoring_at = time.monotonic()
        await commit(self._changes, kind.restore, unit.code)
        self.seen.restored += 1
        self.seen.darknesses.append(
            Darkness(
                images=frozenset(each.number for each in unit.pictures),
                committed_at=committed.at,
                restoring_at=restoring_at,
            )
        )
        self._free[unit.family].append(unit)

    async def _revoke_key(self) -> asyncio.Task[None]:
        """Revoke the key that signs; return once only the plain edge is still watched."""

        async def revoke(change: Change, kid: str) -> None:
            await revoke_signing_key(change, kid, master_keys=self._master_keys)

        kid = self._keys.active.kid
        picture = self._random.choice(self._pictures)
        act = partial(commit, self._changes, revoke, kid)
        committed, watched = await self._revoke(KEY_REVOKED, picture, act, self._places)
        self.seen.darknesses.append(
            Darkness(images=None, generation=self._generation, committed_at=committed.at)
        )
        await self._renew_paths()
        await asyncio.sleep(min(place.watch_s for place in self._places))
        return watched

    async def _commit_together(self, act: Act, code: str, together: asyncio.Barrier) -> Commit:
        await together.wait()
        return await commit(self._changes, act, code)

    async def _revoke(
        self,
        name: str,
        picture: Picture,
        act: Callable[[], Awaitable[Commit]],
        places: Sequence[Place],
    ) -> tuple[Commit, asyncio.Task[None]]:
        """Revoke while the image is asked for at places; also return the end of the watch."""
        path = picture.path(self._keys)
        for place in places:
            path = await until_lit(place, path)
        committed_at: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        watches = {place: asyncio.create_task(watch(place, path, committed_at)) for place in places}
        await asyncio.sleep(_BEFORE_S)
        committed = await act()
        committed_at.set_result(committed.at)
        return committed, asyncio.create_task(self._judge(name, watches, committed))

    async def _judge(
        self, kind: str, watches: Mapping[Place, asyncio.Task[list[TimedAnswer]]], committed: Commit
    ) -> None:
        verdicts: dict[str, list[WatcherVerdict]] = defaultdict(list)
        for place, watching in watches.items():
            answers = await watching
            verdicts[place.kind].append(
                judge_watch(answers, committed_at=committed.at, limit_s=place.limit_s)
            )
        self.seen.outcomes.append(
            RevocationOutcome(kind=kind, committed=committed, verdicts=verdicts)
        )
        self._advance()

    async def _renew_paths(self) -> None:
        async with self._changes.pool.acquire() as conn:
            self._keys = await load_signing_keys(conn, self._master_keys)
        self._generation += 1
        paths = [picture.path(self._keys) for picture in self._pictures]
        self._publish_paths(self._generation, paths)
