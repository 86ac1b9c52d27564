"""What this gateway holds of the database: loaded on demand, dropped when the feed names it.

State is used only while it is proven: by the feed's lease, or, once that has run out, by the
instant at which it was asked for itself.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from prometheus_client import Gauge

from catalog.db import DATABASE_FAILED
from catalog.errors import UnavailableError
from catalog.graph.delivery import Catalogue, DeliverableAsset
from catalog.memory.kept import Kept, OvertakenError
from catalog.memory.lease import Lease
from catalog.rights.model import Window
from catalog.subjects import Subject, publication_subject
from gateway.loaders import Loaders

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_ENTRIES = Gauge(
    "vitrine_index_entries", "What the gateway holds in memory, up to its bound.", ("table",)
)

_LOAD_S = 2.0
_LOAD_WITHOUT_LEASE_S = 0.25
_ABSENT_FOR_S = 5.0
_REFRESH_S = 1.0
#: Any channel, preset or signing key: the catalogue is small and read as a whole.
_OF_THE_CATALOGUE = tuple(Subject(f"{kind}:") for kind in ("channel", "preset", "key"))


class StateUnprovenError(UnavailableError):
    """What is known is older than the lease, and the database does not answer."""

    code = "STATE_UNPROVEN"


class Index:
    """The assets, windows of publications, and catalogue that a gateway holds in memory.

    All that read something raise `StateUnprovenError` if it is not known, or not proven any more,
    and the database does not answer in time.

    Args:
        load: what they are filled from, one key at a time.
        lease: of the feed.
        max_assets: the most assets, and the most owners, that are known at once.

    Attributes:
        assets: by public id.
        windows: by owner (public id) and channel.
        changes: how often something changed or was read.
    """

    def __init__(self, load: Loaders, lease: Lease, *, max_assets: int) -> None:
        self.changes = 0
        # What is decided by must be proven when it is decided: an answer that is older is asked for
        # again. Of what is not there no event tells what it is going to rest on.
        self._lease = lease = replace(lease, absent_for_s=_ABSENT_FOR_S, refuses_late=True)
        self.assets: Kept[str, DeliverableAsset | None] = Kept(
            max_assets, rests_on=_asset_rests_on, load=self._counted(load.asset), lease=lease
        )
        self.windows: Kept[tuple[str, str], tuple[Window, ...]] = Kept(
            max_assets,
            rests_on=lambda key, _: (publication_subject(*key),),
            load=self._counted(lambda key: load.windows(*key)),
            lease=lease,
        )
        self._catalogue: Kept[None, Catalogue] = Kept(
            1,
            rests_on=lambda _, __: _OF_THE_CATALOGUE,
            load=self._counted(lambda _: load.catalogue()),
            lease=lease,
        )
        self._read_again: Kept[Hashable, tuple[Any]] = Kept(
            max_assets, lease=Lease(lease_s=_REFRESH_S, monotonic_s=lease.monotonic_s)
        )
        _ENTRIES.labels("assets").set_function(lambda: len(self.assets))
        _ENTRIES.labels("windows").set_function(lambda: len(self.windows))

    async def asset(self, public_id: str) -> DeliverableAsset | None:
        """Return an asset; None: there is none."""
        return await _proven(self.assets.of(public_id))

    async def refresh_asset(self, public_id: str) -> DeliverableAsset | None:
        """Read an asset again, because a request names something newer; at most once a second."""
        return await _proven(self._again(self.assets, public_id))

    async def windows_of(self, owner: str, channel: str) -> tuple[Window, ...]:
        """Return when a product (by public id) is published on a channel."""
        return await _proven(self.windows.of((owner, channel)))

    async def catalogue(self) -> Catalogue:
        """Return channels, presets and keys."""
        return await _proven(self._catalogue.of(None))

    async def refresh_catalogue(self) -> Catalogue:
        """Read the catalogue again, at most once a second."""
        return await _proven(self._again(self._catalogue, None))

    def holds_catalogue(self, catalogue: Catalogue) -> bool:
        """Return whether the catalogue that was got before is still the one, and still proven."""
        return self._catalogue.holds(None, catalogue)

    def proven_for_s(self, asset: str, bound_to: tuple[str, str] | None) -> float:
        """Return how long a decision by what is known now may still be relied upon.

        Args:
            asset: public id.
            bound_to: owner and channel whose publications were looked at; None: none were.
        """
        left_s = min(self._catalogue.proven_for_s(None), self.assets.proven_for_s(asset))
        return left_s if bound_to is None else min(left_s, self.windows.proven_for_s(bound_to))

    def vouched_for_s(self, changes: int) -> float:
        """Return how long the feed goes on vouching that nothing at all has changed since.

        Until then what was proven and is no absence is proven still, and nobody here knows better.
        Negative: something changed, or was read, or the feed does not vouch.
        """
        return self._lease.left_s() if changes == self.changes else -math.inf

    def drop(self, subjects: Iterable[Subject]) -> None:
        """Forget what rests on the subjects of new events."""
        self.changes += 1
        named = set(subjects)
        for each in (self.assets, self.windows, self._catalogue):
            each.drop(named)

    def reset(self) -> None:
        """Forget everything."""
        self.changes += 1
        for each in (self.assets, self.windows, self._catalogue):
            each.reset()

    def _counted(
        self, load: Callable[[Key], Awaitable[Value]]
    ) -> Callable[[Key], Awaitable[Value]]:
        """Return the load with its end counted as a change, and no later than it is of use."""

        async def counted(key: Key) -> Value:
            is_vouched = self._lease.left_s() >= 0
            value = await _within(_LOAD_S if is_vouched else _LOAD_WITHOUT_LEASE_S, load(key))
            self.changes += 1  # it is kept without anything coming between
            return value

        return counted

    async def _again(self, kept: Kept[Key, Value], key: Key) -> Value:
        """Read a key again, unless what is known of it was read so within the last second."""
        again = self._read_again.get(key)
        if again is not None and kept.holds(key, again[0]):
            return again[0]
        value = await kept.anew(key)
        self._read_again.put(key, (value,))
        return value


async def _proven(read: Awaitable[Value]) -> Value:
    """Wait for what is read.

    Raises:
        StateUnprovenError: the database does not answer in time, or others change it all the time.
    """
    try:
        return await read
    except OvertakenError as error:
        raise StateUnprovenError("the rights are changing too fast: try again") from error
    except DATABASE_FAILED as error:
        raise StateUnprovenError("the rights cannot be proven now: try again") from error


async def _within(limit_s: float, load: Awaitable[Value]) -> Value:
    """Wait for a load, and not for its end if it is cancelled: a dead network holds that up.

    Raises:
        TimeoutError: the limit came first.
    """
    task = asyncio.ensure_future(load)
    await asyncio.wait({task}, timeout=limit_s)
    if not task.done():
        task.cancel()
        task.add_done_callback(_ignore)
        raise TimeoutError
    return task.result()


def _ignore(task: asyncio.Future[Value]) -> None:
    if not task.cancelled():
        task.exception()


def _asset_rests_on(public_id: str, asset: DeliverableAsset | None) -> tuple[Subject, ...]:
    return asset.rests_on if asset else (Subject(f"asset:{public_id}"),)
