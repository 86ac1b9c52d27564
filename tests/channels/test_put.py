"""Locales, markets and channels in batches, and what a changed channel does to rights."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.batches import BatchResult
from catalog.changes import Change, Changes
from catalog.channels.commands import put_channels, put_locales, put_markets
from catalog.channels.model import ChannelRecord, LocaleRecord, MarketRecord
from catalog.channels.rules import merge_locale
from catalog.db import Pool
from catalog.errors import InvalidInputError
from tests.products.shop import CHANNELS, LOCALES, MARKETS, open_shop
from tests.support.people import TEST
from tests.support.purging import purging

Put = Callable[[Change, Any], Awaitable[BatchResult]]


@pytest.fixture
async def shop(pool: Pool) -> Changes:
    return await open_shop(pool)


async def put(shop: Changes, command: Put, *records: object) -> BatchResult:
    async with shop.begin(TEST) as change:
        return await command(change, records)


def market(**fields: object) -> MarketRecord:
    asked: dict[str, Any] = {
        "code": "FR",
        "name": "France",
        "countries": ("FR",),
        "default_locale": "en",
        "currency": "EUR",
        **fields,
    }
    return MarketRecord(**asked)


def channel(**fields: object) -> ChannelRecord:
    asked: dict[str, Any] = {
        "code": "print",
        "name": "Print",
        "kind": "print",
        "country_rule": "viewer",
        "usages": ("print",),
        "default_usage": "print",
        "locales": ("en",),
        **fields,
    }
    return ChannelRecord(**asked)


async def test_a_channel_keeps_where_its_products_are_seen(shop: Changes, pool: Pool) -> None:
    stored = "SELECT product_url FROM channel WHERE code = 'print'"
    url = "https://shop.test/{locale}/{sku}"
    assert (await put(shop, put_channels, channel(product_url=url))).rejections == ()
    await put(shop, put_channels, channel(name="Paper"))
    assert await pool.fetchval(stored) == url
    (refused,) = (await put(shop, put_channels, channel(product_url="shop.test"))).rejections
    assert refused.field == "product_url"
    await put(shop, put_channels, channel(product_url=""))
    assert await pool.fetchval(stored) is None


async def test_a_second_run_changes_nothing(shop: Changes, pool: Pool) -> None:
    before = await pool.fetchval("SELECT count(*) FROM event")
    assert await put(shop, put_locales, *LOCALES) == BatchResult(unchanged=3)
    assert await put(shop, put_markets, *MARKETS) == BatchResult(unchanged=2)
    assert await put(shop, put_channels, *CHANNELS) == BatchResult(unchanged=2)
    assert await pool.fetchval("SELECT count(*) FROM event") == before


async def test_what_is_left_out_is_kept_and_an_empty_text_clears(shop: Changes, pool: Pool) -> None:
    assert await put(shop, put_locales, LocaleRecord(code="de", fallback="")) == BatchResult(
        updated=1
    )
    row = await pool.fetchrow("SELECT name, fallback FROM locale WHERE code = 'de'")
    assert tuple(row or ()) == ("Deutsch", None)


REFUSED = {
    "no language tag": (put_locales, LocaleRecord(code="German", name="x"), "code"),
    "a locale without name": (put_locales, LocaleRecord(code="fr"), "name"),
    "an unknown fallback": (
        put_locales,
        LocaleRecord(code="fr", name="x", fallback="it"),
        "fallback",
    ),
    "fallbacks in a circle": (put_locales, LocaleRecord(code="en", fallback="de-CH"), "fallback"),
    "a locale that falls back to itself": (
        put_locales,
        LocaleRecord(code="fr", name="x", fallback="fr"),
        "fallback",
    ),
    "a character that cannot be stored": (put_locales, LocaleRecord(code="fr", name="\0"), "name"),
    "a lower-case market": (put_markets, market(code="fr"), "code"),
    "a market without countries": (put_markets, market(countries=()), "countries"),
    "no country": (put_markets, market(countries=("UK",)), "countries"),
    "no currency": (put_markets, market(currency="EUX"), "currency"),
    "an unknown default locale": (put_markets, market(default_locale="fr"), "default_locale"),
    "an unknown parent": (put_markets, market(parent="EU"), "parent"),
    "parents in a circle": (put_markets, MarketRecord(code="DACH", parent="CH"), "parent"),
    "no unit system": (put_markets, market(unit_system="us"), "unit_system"),
    "an upper-case channel": (put_channels, channel(code="Print"), "code"),
    "a channel that fits into no token": (put_channels, channel(code="x" * 41), "code"),
    "a usage that fits into no token": (put_channels, channel(usages=("print", "Web")), "usages"),
    "too long a usage": (put_channels, channel(usages=("print", "x" * 41)), "usages"),
    "no kind of channel": (put_channels, channel(kind="tv"), "kind"),
    "no country rule": (put_channels, channel(country_rule="all"), "country_rule"),
    "a declared channel without countries": (
        put_channels,
        channel(country_rule="declared"),
        "territory",
    ),
    "a viewer channel with countries": (put_channels, channel(territory=("DE",)), "territory"),
    "a public channel that is declared": (
        put_channels,
        channel(country_rule="declared", territory=("DE",), public=True),
        "public",
    ),
    "no usage": (put_channels, channel(usages=()), "usages"),
    "a default that is no usage": (put_channels, channel(default_usage="web"), "default_usage"),
    "too short a window": (put_channels, channel(token_window_s=59), "token_window_s"),
    "too long a life": (put_channels, channel(token_min_life_s=10**9), "token_min_life_s"),
    "no locale": (put_channels, channel(locales=()), "locales"),
    "an unknown locale": (put_channels, channel(locales=("fr",)), "locales"),
}


@pytest.mark.parametrize(("command", "record", "field"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_bad_record_is_refused_at_its_field(
    shop: Changes, command: Put, record: object, field: str
) -> None:
    (refused,) = (await put(shop, command, record)).rejections
    assert (refused.index, refused.field) == (0, field)
    assert refused.message


async def add_asset(pool: Pool, code: str, channels: list[str]) -> None:
    asset = uuid.uuid4()
    await pool.execute(
        "INSERT INTO asset (id, public_id, code, kind, slug) VALUES ($1, $2, $2, 'image', 'x')",
        asset,
        code,
    )
    await pool.execute("INSERT INTO asset_epoch (asset) VALUES ($1)", asset)
    await pool.execute(
        "INSERT INTO rights_grant (id, asset, include, channels, usages, valid_from) "
        "VALUES ($1, $2, '{WORLD}', $3, '{*}', $4)",
        uuid.uuid4(),
        asset,
        channels,
        datetime(2026, 1, 1, tzinfo=UTC),
    )


async def epochs(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT public_id, epoch FROM asset_epoch JOIN asset ON id = asset")
    return {row["public_id"]: row["epoch"] for row in rows}


async def test_a_changed_territory_raises_the_epochs_of_what_may_be_shown_there_and_purges_it(
    shop: Changes, pool: Pool
) -> None:
    await purging(pool, ["varnish"])
    await add_asset(pool, "named", ["market-a"])
    await add_asset(pool, "everywhere", ["*"])
    await add_asset(pool, "elsewhere", ["d2c"])
    await put(shop, put_channels, ChannelRecord(code="market-a", territory=("DE", "FR")))
    assert await epochs(pool) == {"named": 2, "everywhere": 2, "elsewhere": 1}
    event = await pool.fetchrow("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
    assert event is not None
    assert event["type"] == "channel.changed"
    assert set(event["subjects"]) == {"channel:market-a", "asset:named", "asset:everywhere"}
    purges = await pool.fetch("SELECT tag FROM purge WHERE cause = $1 AND pass = 1", event["id"])
    assert {row["tag"] for row in purges} == {"a-named", "a-everywhere"}
    assert event["data"] == {"code": "market-a", "epochs_raised": True}


async def test_another_change_of_a_channel_raises_none_but_is_told_to_the_gateways(
    shop: Changes, pool: Pool
) -> None:
    await add_asset(pool, "named", ["market-a"])
    await put(shop, put_channels, ChannelRecord(code="market-a", token_window_s=600))
    assert await epochs(pool) == {"named": 1}
    event = await pool.fetchrow("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
    assert event is not None
    assert event["subjects"] == ["channel:market-a"]


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        *((code, True) for code in ("es-419", "zh-Hant-TW", "sr-Latn", "ca-ES-valencia", "yue")),
        *((code, True) for code in ("de-CH-1996", "de-DE-u-co-phonebk", "en-x-house", "en-001")),
        *(
            (code, False)
            for code in ("es_419", "es-41", "EN", "en-us", "en-", "-en", "", "x-house")
        ),
    ],
)
def test_locales_are_language_tags(code: str, is_one: bool) -> None:  # noqa: FBT001 - of the table
    record = LocaleRecord(code=code, name="x")
    if is_one:
        assert merge_locale(record, None, {}).code == code
    else:
        with pytest.raises(InvalidInputError):
            merge_locale(record, None, {})


async def test_locales_of_others_are_stored(shop: Changes) -> None:
    locales = [LocaleRecord(code=code, name="x") for code in ("es-419", "de-DE-u-co-phonebk")]
    assert await put(shop, put_locales, *locales) == BatchResult(created=2)
