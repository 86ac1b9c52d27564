"""Locales, markets and channels: tiny, the same for every request, loaded in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from catalog.channels.model import Channel, Locale, Market
from catalog.channels.rules import fallback_chain
from catalog.db import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """All of them by code, each mapping in the order of its codes."""

    locales: Mapping[str, Locale]
    markets: Mapping[str, Market]
    channels: Mapping[str, Channel]

    def locale_chain(self, code: str) -> tuple[str, ...]:
        """Return a locale and what it falls back to, nearest first."""
        return fallback_chain(code, {each.code: each.fallback for each in self.locales.values()})

    def market_chain(self, code: str | None) -> tuple[str, ...]:
        """Return a market and its parents, nearest first."""
        if code is None:
            return ()
        return fallback_chain(code, {each.code: each.parent for each in self.markets.values()})


REFERENCE_SQL = """
SELECT (SELECT jsonb_agg(to_jsonb(l) ORDER BY code) FROM locale AS l) AS locales,
       (SELECT jsonb_agg(to_jsonb(m) ORDER BY code) FROM market AS m) AS markets,
       (SELECT jsonb_agg(to_jsonb(c) ORDER BY code) FROM channel AS c) AS channels
"""


async def load_reference(conn: Connection) -> Reference:
    """Load every locale, market and channel."""
    row = await conn.fetchrow(REFERENCE_SQL)
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return Reference(
        locales={each["code"]: Locale(**each) for each in row["locales"] or ()},
        markets={each["code"]: Market(**_frozen(each)) for each in row["markets"] or ()},
        channels={each["code"]: Channel(**_frozen(each)) for each in row["channels"] or ()},
    )


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in row.items()}


def _tuple(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value
