"""The kinds of revocation, each by the command of an operator's mutation, and its undoing."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from bench.shop import HOME_COUNTRY, SHOP, USAGE
from bench.time_to_dark.catalogue import Family
from catalog.changes import Change, Changes
from catalog.channels.commands import put_channels
from catalog.channels.model import ChannelRecord
from catalog.licences.batches import (
    CollectionRecord,
    LicenceRecord,
    TerritorySetRecord,
    put_collections,
    put_licences,
    put_territory_sets,
)
from catalog.principal import COMMAND_LINE
from catalog.publication.commands import publish_products, unpublish_products
from catalog.rights.commands import (
    hold_asset,
    reinstate_asset,
    withdraw_asset,
)
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermInput, TermKind
from catalog.rights.term_commands import set_terms
from catalog.rights.terms import TermRecord, Territory

Act: TypeAlias = Callable[[Change, str], Awaitable[object]]

_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_ABROAD = "FR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """When a transaction was committed, by `time.monotonic`.

    Attributes:
        asked_at: when COMMIT was about to be sent.
        at: when it had returned.
    """

    asked_at: float
    at: float

    @property
    def lasted_s(self) -> float:
        """How long COMMIT took: what the instants after it may be too late by."""
        return self.at - self.asked_at


async def commit(changes: Changes, act: Act, code: str) -> Commit:
    """Run a command in a transaction of its own.

    Raises:
        RuntimeError: it changed nothing, so there is nothing to wait for.
    """
    async with changes.begin(COMMAND_LINE) as change:
        await act(change, code)
        asked_at = time.monotonic()
    at = time.monotonic()
    if not change.recorded:
        raise RuntimeError(f"the change of {code} changed nothing")
    return Commit(asked_at=asked_at, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationKind:
    """A way to lose a right.

    Attributes:
        family: of the units that it happens to.
        revoke: given the unit's code.
        restore: gives the same right back.
    """

    name: str
    family: Family
    revoke: Act
    restore: Act


async def _end_grants(change: Change, asset: str) -> None:
    await set_terms(change, ASSET, asset, TermKind.GRANTS, [])


async def _grant_again(change: Change, asset: str) -> None:
    worldwide = TermInput(
        include=("WORLD",), channels=(SHOP,), usages=(USAGE,), valid_from=_LONG_AGO
    )
    await set_terms(change, ASSET, asset, TermKind.GRANTS, [worldwide])


async def _restrict(change: Change, asset: str) -> None:
    here = TermInput(
        include=(HOME_COUNTRY,), channels=(SHOP,), usages=(USAGE,), valid_from=_LONG_AGO
    )
    await set_terms(change, ASSET, asset, TermKind.RESTRICTIONS, [here])


async def _restrict_no_more(change: Change, asset: str) -> None:
    await set_terms(change, ASSET, asset, TermKind.RESTRICTIONS, [])


async def _unpublish(change: Change, sku: str) -> None:
    await unpublish_products(change, [sku], SHOP)


async def _publish(change: Change, sku: str) -> None:
    await publish_products(change, [sku], SHOP)


async def _end_licence(change: Change, code: str) -> None:
    await put_licences(change, [LicenceRecord(code=code, grants=[])])


async def _license_again(change: Change, code: str) -> None:
    worldwide = TermRecord(territory=Territory(include=["WORLD"]), channels=[SHOP], usages=[USAGE])
    await put_licences(change, [LicenceRecord(code=code, grants=[worldwide])])


async def _restrict_collection(change: Change, code: str) -> None:
    here = TermRecord(territory=Territory(include=[HOME_COUNTRY]), channels=[SHOP], usages=[USAGE])
    await put_collections(change, [CollectionRecord(code=code, restrictions=[here])])


async def _free_collection(change: Change, code: str) -> None:
    await put_collections(change, [CollectionRecord(code=code, restrictions=[])])


async def _shrink_set(change: Change, code: str) -> None:
    await put_territory_sets(change, [TerritorySetRecord(code=code, countries=["AT"])])


async def _complete_set(change: Change, code: str) -> None:
    await put_territory_sets(
        change, [TerritorySetRecord(code=code, countries=[HOME_COUNTRY, "AT"])]
    )


async def _widen_channel(change: Change, code: str) -> None:
    """Declare a country too many: what is licensed for the first alone is no longer enough."""
    await put_channels(change, [ChannelRecord(code=code, territory=(HOME_COUNTRY, _ABROAD))])


async def _narrow_channel(change: Change, code: str) -> None:
    await put_channels(change, [ChannelRecord(code=code, territory=(HOME_COUNTRY,))])


def _kind(name: str, family: Family, revoke: Act, restore: Act) -> RevocationKind:
    return RevocationKind(name=name, family=family, revoke=revoke, restore=restore)


KINDS = (
    _kind("withdrawn", Family.ASSET, withdraw_asset, reinstate_asset),
    _kind("legal_demand", Family.ASSET, hold_asset, reinstate_asset),
    _kind("grants_ended", Family.ASSET, _end_grants, _grant_again),
    _kind("restricted", Family.ASSET, _restrict, _restrict_no_more),
    _kind("unpublished", Family.PRODUCT, _unpublish, _publish),
    _kind("licence_ended", Family.LICENCE, _end_licence, _license_again),
    _kind("collection_restricted", Family.COLLECTION, _restrict_collection, _free_collection),
    _kind("set_shrunk", Family.SET, _shrink_set, _complete_set),
    _kind("channel_widened", Family.CHANNEL, _widen_channel, _narrow_channel),
)
