"""The SQL of locales, markets and channels. The tables are small: they are read whole."""

import uuid
from collections.abc import Sequence
from typing import Any, cast

from catalog.channels.model import Channel, Locale, Market, Scopes
from catalog.db import Connection, Record
from catalog.rights.model import ALL
from catalog.rights.term_sql import HOLDER_COLUMNS, TERMS, held_assets

# Writers take turns, readers and foreign keys pass: no two changes judge by the same old state.
LOCK_SQL = "LOCK TABLE locale, market, channel IN SHARE ROW EXCLUSIVE MODE"


async def lock(conn: Connection) -> None:
    """Wait until nobody else changes locales, markets or channels."""
    await conn.execute(LOCK_SQL)


LOCALES_SQL = "SELECT code, name, fallback FROM locale"


async def find_locales(conn: Connection) -> dict[str, Locale]:
    """Return all locales by code."""
    return {row["code"]: Locale(**row) for row in await conn.fetch(LOCALES_SQL)}


MARKETS_SQL = """
SELECT code, name, countries, default_locale, currency, unit_system, parent FROM market
"""


async def find_markets(conn: Connection) -> dict[str, Market]:
    """Return all markets by code."""
    rows = await conn.fetch(MARKETS_SQL)
    return {row["code"]: Market(**_with_tuples(row)) for row in rows}


CHANNELS_SQL = """
SELECT code, name, kind, public, country_rule, territory, usages, default_usage,
       token_window_s, token_min_life_s, category_tree, product_url, locales
FROM channel
"""


async def find_channels(conn: Connection) -> dict[str, Channel]:
    """Return all channels by code."""
    rows = await conn.fetch(CHANNELS_SQL)
    return {row["code"]: Channel(**_with_tuples(row)) for row in rows}


def _with_tuples(row: Record) -> dict[str, Any]:
    return {
        name: tuple(cast("list[str]", value)) if isinstance(value, list) else value
        for name, value in row.items()
    }


SCOPES_SQL = """
SELECT (SELECT coalesce(jsonb_object_agg(code, fallback), '{}') FROM locale) AS locales,
       (SELECT coalesce(jsonb_object_agg(code, parent), '{}') FROM market) AS markets,
       ARRAY(SELECT code FROM channel) AS channels
"""


async def find_scopes(conn: Connection) -> Scopes:
    """Return what values may be scoped by."""
    row = await conn.fetchrow(SCOPES_SQL)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Scopes(
        locales=row["locales"], markets=row["markets"], channels=frozenset(row["channels"])
    )


PUT_LOCALES_SQL = """
INSERT INTO locale (code, name, fallback)
SELECT code, name, fallback FROM jsonb_populate_recordset(NULL::locale, $1)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, fallback = EXCLUDED.fallback
"""


async def put_locales(conn: Connection, locales: Sequence[Locale]) -> None:
    """Add or replace locales."""
    await conn.execute(PUT_LOCALES_SQL, list(locales))


PUT_MARKETS_SQL = """
INSERT INTO market (code, name, countries, default_locale, currency, unit_system, parent)
SELECT code, name, countries, default_locale, currency, unit_system, parent
FROM jsonb_populate_recordset(NULL::market, $1)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, countries = EXCLUDED.countries,
    default_locale = EXCLUDED.default_locale, currency = EXCLUDED.currency,
    unit_system = EXCLUDED.unit_system, parent = EXCLUDED.parent
"""


async def put_markets(conn: Connection, markets: Sequence[Market]) -> None:
    """Add or replace markets."""
    await conn.execute(PUT_MARKETS_SQL, list(markets))


PUT_CHANNELS_SQL = """
INSERT INTO channel (code, name, kind, public, country_rule, territory, usages, default_usage,
    token_window_s, token_min_life_s, category_tree, product_url, locales)
SELECT code, name, kind, public, country_rule, territory, usages, default_usage,
    token_window_s, token_min_life_s, category_tree, product_url, locales
FROM jsonb_populate_recordset(NULL::channel, $1)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, kind = EXCLUDED.kind,
    public = EXCLUDED.public, country_rule = EXCLUDED.country_rule,
    territory = EXCLUDED.territory, usages = EXCLUDED.usages,
    default_usage = EXCLUDED.default_usage, token_window_s = EXCLUDED.token_window_s,
    token_min_life_s = EXCLUDED.token_min_life_s, category_tree = EXCLUDED.category_tree,
    product_url = EXCLUDED.product_url,    locales = EXCLUDED.locales
"""


async def put_channels(conn: Connection, channels: Sequence[Channel]) -> None:
    """Add or replace channels."""
    await conn.execute(PUT_CHANNELS_SQL, list(channels))


ASSETS_ON_SQL = f"""
WITH named AS (
    SELECT DISTINCT {HOLDER_COLUMNS} FROM {TERMS} AS t WHERE ended_at IS NULL AND channels && $1
)
{held_assets("named")}
"""  # noqa: S608 - ours


async def find_assets_on(conn: Connection, channels: Sequence[str]) -> list[uuid.UUID]:
    """Return the assets whose rights speak of any of these channels."""
    return [row["asset"] for row in await conn.fetch(ASSETS_ON_SQL, [*channels, ALL])]
