"""What goes dark by time alone: which assets, where, when, and which products show them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.db import Connection
from catalog.graph.media import LiveAsset, find_assets
from catalog.graph.reference import Reference
from catalog.rights.case import MICROSECOND
from catalog.rights.model import Question, Reason, Status
from catalog.rights.rules import allowed_countries, decide
from catalog.rights.term_sql import HOLDER_COLUMNS, held_assets
from catalog.rights.territory import bits_of, countries_of

_AT_ONCE = 100
_MOST_LOOKED_AT = 2_000

ENDS_SQL = f"""
WITH boundary AS (
    SELECT valid_until AS at, {HOLDER_COLUMNS} FROM rights_grant
    WHERE ended_at IS NULL AND valid_until >= $1 AND valid_until < $2
    UNION ALL
    SELECT valid_from, {HOLDER_COLUMNS} FROM rights_restriction
    WHERE ended_at IS NULL AND valid_from >= $1 AND valid_from < $2
), touched AS (
    {held_assets("boundary", "at")}
)
SELECT at, public_id FROM touched JOIN asset ON asset.id = touched.asset
WHERE (at, public_id) > ($3, $4) ORDER BY at, public_id LIMIT $5
"""  # noqa: S608 - ours

SHOWN_SQL = """
SELECT DISTINCT a.public_id AS asset, o.public_id AS product, o.sku, m.role, m.market, p.channel
FROM asset AS a
JOIN media_association AS m ON m.asset = a.id AND m.status = 'approved'
JOIN product AS o ON o.id = m.product
JOIN publication AS p ON (p.product = o.id OR p.ancestors @> ARRAY[o.id])
    AND p.ended_at IS NULL AND (m.channel IS NULL OR m.channel = p.channel)
WHERE a.public_id = ANY ($1)
ORDER BY asset, o.sku, m.role, p.channel
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowingProduct:
    """A published product that shows an asset on a channel.

    Attributes:
        product: public id of the one that holds the media association.
        market: the only one that it is shown in; None: every one.
    """

    asset: str
    product: str
    sku: str
    role: str
    market: str | None
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkPlace:
    """Where an asset goes dark.

    Attributes:
        market: None: the channel goes by the territory that it declares.
        countries: of the market, or of the territory, that lose it.
        products: that show it there.
    """

    channel: str
    market: str | None
    countries: tuple[str, ...]
    usage: str
    reason: Reason
    products: tuple[ShowingProduct, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingDark:
    """An asset that is allowed up to an instant, and from it on is not."""

    asset: LiveAsset
    at: datetime
    places: tuple[DarkPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingDarkFilter:
    """Which assets that go dark are looked for.

    Attributes:
        since, until: `[since, until)`.
        channel, market: the only ones that count; None: all.
        tells: whether a channel counts in a market, or by its own territory (None), besides.
    """

    since: datetime
    until: datetime
    channel: str | None = None
    market: str | None = None
    tells: Callable[[str, str | None], bool] = lambda _channel, _market: True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Destination:
    """Where and for what every asset is asked about.

    Attributes:
        markets: the market and its parents: media may be scoped to any of them.
    """

    channel: str
    market: str | None
    usage: str
    countries: int
    markets: tuple[str, ...] = ()


async def find_going_dark(
    conn: Connection,
    reference: Reference,
    wanted: GoingDarkFilter,
    *,
    after: tuple[datetime, str] | None,
    size: int,
) -> tuple[list[GoingDark], tuple[datetime, str] | None]:
    """Return what goes dark, the soonest first, and where to go on; None: that is all.

    A page may be short, and is then not the last: so many boundaries that change nothing are
    looked at in one request, and no more.

    Args:
        conn: to the primary.
        reference: markets and channels.
        wanted: what is looked for.
        after: of the page before.
        size: of the page.
    """
    found: list[GoingDark] = []
    destinations = list(_destinations(reference, wanted))
    cursor = after or (wanted.since, "")
    for _ in range(_MOST_LOOKED_AT // _AT_ONCE):
        ends = await conn.fetch(ENDS_SQL, wanted.since, wanted.until, *cursor, _AT_ONCE)
        found += await _judged(conn, [(row["at"], row["public_id"]) for row in ends], destinations)
        if len(found) > size:
            last = found[size - 1] if size else None
            return found[:size], (last.at, last.asset.public_id) if last else cursor
        if len(ends) < _AT_ONCE:
            return found, None
        cursor = (ends[-1]["at"], ends[-1]["public_id"])
    return found, cursor


async def _judged(
    conn: Connection, ends: Sequence[tuple[datetime, str]], destinations: Sequence[_Destination]
) -> list[GoingDark]:
    """Return which of these boundaries make their asset dark somewhere."""
    ids = list({asset for _, asset in ends})
    assets = {each.public_id: each for each in await find_assets(conn, ids)}
    shown = await _shown(conn, ids)
    judged = [
        GoingDark(
            asset=assets[asset],
            at=at,
            places=tuple(_places(assets[asset], at, destinations, shown.get(asset, ()))),
        )
        for at, asset in ends
    ]
    return [each for each in judged if each.places]


async def find_would_go_dark(
    conn: Connection, reference: Reference, asset: LiveAsset, wanted: GoingDarkFilter
) -> tuple[DarkPlace, ...]:
    """Return where an asset may be shown at `wanted.since`, and would be dark once withdrawn.

    Args:
        conn: to the primary.
        reference: markets and channels.
        asset: which.
        wanted: the instant, and the only channel and market that count.
    """
    shown = (await _shown(conn, [asset.public_id])).get(asset.public_id, ())
    places: list[DarkPlace] = []
    for each in _destinations(reference, wanted):
        lit = _lit(asset, wanted.since, each)
        if lit:
            places.append(_dark_place(each, lit, Reason.WITHDRAWN, shown))
    return tuple(places)


async def find_lost(
    conn: Connection,
    reference: Reference,
    changed: Sequence[tuple[LiveAsset, LiveAsset]],
    now: datetime,
) -> list[GoingDark]:
    """Return which assets may be shown somewhere as they are, and may not as they would be.

    Args:
        conn: to the primary.
        reference: markets and channels.
        changed: assets as they are, each with how it would be.
        now: the instant that is asked about.
    """
    destinations = list(_destinations(reference, GoingDarkFilter(since=now, until=now)))
    shown = await _shown(conn, [asset.public_id for asset, _ in changed])
    found = [
        GoingDark(
            asset=before,
            at=now,
            places=tuple(_lost(before, after, now, destinations, shown.get(before.public_id, ()))),
        )
        for before, after in changed
    ]
    return [each for each in found if each.places]


def _lost(
    before: LiveAsset,
    after: LiveAsset,
    now: datetime,
    destinations: Sequence[_Destination],
    shown: Sequence[ShowingProduct],
) -> Iterable[DarkPlace]:
    for destination in destinations:
        goes = _lit(before, now, destination) & ~_lit(after, now, destination)
        if goes:
            answer = decide(after.terms.rights, _question(destination, now, goes))
            assert answer.reason is not None  # noqa: S101 - it would be dark there
            yield _dark_place(destination, goes, answer.reason, shown)


def _destinations(reference: Reference, wanted: GoingDarkFilter) -> Iterable[_Destination]:
    """Yield all that count."""
    for each in _asked_for(reference, wanted):
        if wanted.tells(each.channel, each.market):
            yield each


def _asked_for(reference: Reference, wanted: GoingDarkFilter) -> Iterable[_Destination]:
    for channel in reference.channels.values():
        if wanted.channel not in (None, channel.code):
            continue
        for usage in channel.usages:
            if channel.country_rule == "declared" and wanted.market is None:
                territory = bits_of(channel.territory)
                yield _Destination(
                    channel=channel.code, market=None, usage=usage, countries=territory
                )
            elif channel.country_rule == "viewer":
                yield from _markets(reference, wanted, channel.code, usage)


def _markets(
    reference: Reference, wanted: GoingDarkFilter, channel: str, usage: str
) -> Iterable[_Destination]:
    for market in reference.markets.values():
        if wanted.market in (None, market.code):
            yield _Destination(
                channel=channel,
                market=market.code,
                usage=usage,
                countries=bits_of(market.countries),
                markets=reference.market_chain(market.code),
            )


def _places(
    asset: LiveAsset,
    at: datetime,
    destinations: Sequence[_Destination],
    shown: Sequence[ShowingProduct],
) -> Iterable[DarkPlace]:
    for destination in destinations:
        goes = _goes_dark(asset, at, destination)
        if goes:
            after = decide(asset.terms.rights, _question(destination, at, goes))
            assert after.reason is not None  # noqa: S101 - it goes dark there
            yield _dark_place(destination, goes, after.reason, shown)


def _dark_place(
    destination: _Destination, countries: int, reason: Reason, shown: Sequence[ShowingProduct]
) -> DarkPlace:
    return DarkPlace(
        channel=destination.channel,
        market=destination.market,
        countries=countries_of(countries),
        usage=destination.usage,
        reason=reason,
        products=tuple(
            each
            for each in shown
            if each.channel == destination.channel
            and (each.market is None or each.market in destination.markets)
        ),
    )


def _goes_dark(asset: LiveAsset, at: datetime, destination: _Destination) -> int:
    """Return the bits of the countries that lose it."""
    return _lit(asset, at - MICROSECOND, destination) & ~_lit(asset, at, destination)


def _lit(asset: LiveAsset, now: datetime, destination: _Destination) -> int:
    """Return the bits of the countries in which it may be shown at an instant.

    A viewer's country counts for itself; a declared territory is allowed, and lost, as a whole.
    """
    rights, channel, usage = asset.terms.rights, destination.channel, destination.usage
    if destination.market is None:
        asked = _question(destination, now, destination.countries)
        return destination.countries if decide(rights, asked).is_allowed else 0
    if rights.legal_demand or rights.status is not Status.APPROVED:
        return 0
    allowed = allowed_countries(rights, channel=channel, usage=usage, now=now)
    return allowed & destination.countries


def _question(destination: _Destination, now: datetime, countries: int) -> Question:
    return Question(
        now=now, countries=countries, channel=destination.channel, usage=destination.usage
    )


async def _shown(conn: Connection, assets: Sequence[str]) -> dict[str, list[ShowingProduct]]:
    found: dict[str, list[ShowingProduct]] = {}
    for row in await conn.fetch(SHOWN_SQL, list(assets)):
        each = ShowingProduct(**row)
        found.setdefault(each.asset, []).append(each)
    return found
