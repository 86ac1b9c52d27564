"""What a locale lacks of what another has, and what changed there since it was translated."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from catalog.access.rules import Narrowing
from catalog.db import Connection, Record
from catalog.graph.product_places import LIES_WITHIN, written_places
from catalog.statement_values import StatementValues, all_of


class GapState(Enum):
    """What is wrong with a translation.

    Attributes:
        OUTDATED: there is one, and the source was changed after it.
    """

    MISSING = "t.owner IS NULL"
    OUTDATED = "t.changed_at < s.changed_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationGap:
    """A text of the source locale that has no translation, or an old one.

    Attributes:
        market, channel: that the text is stored for; the translation is of the same.
        target, target_changed_at: None: there is none.
    """

    owner: uuid.UUID
    sku: str
    family: str
    attribute: str
    market: str | None
    channel: str | None
    source: Any
    source_changed_at: datetime
    target: Any
    target_changed_at: datetime | None

    @property
    def state(self) -> GapState:
        """What is wrong."""
        return GapState.MISSING if self.target_changed_at is None else GapState.OUTDATED

    @property
    def place(self) -> "GapPlace":
        """Where it stands in the list."""
        return GapPlace(self.owner, self.attribute, self.market or "", self.channel or "")


class GapPlace(NamedTuple):
    """Where a gap stands in the list: by product, attribute, market and channel."""

    owner: uuid.UUID
    attribute: str
    market: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GapFilter:
    """Which gaps; what is None is not asked.

    Attributes:
        locale: that is looked at.
        source: the locale that it is translated from.
        within: where whoever asks may see products, one of these; None: everywhere. Of texts of one
            channel, the place that the product lies in has to have it.
    """

    locale: str
    source: str
    state: GapState | None = None
    families: Sequence[str] | None = None
    attributes: Sequence[str] | None = None
    within: Sequence[Narrowing] | None = None


_GAPS = """
FROM product_value AS s JOIN product AS p ON p.id = s.owner
LEFT JOIN product_value AS t ON t.owner = s.owner AND t.attribute = s.attribute
    AND t.locale = $1 AND t.market IS NOT DISTINCT FROM s.market
    AND t.channel IS NOT DISTINCT FROM s.channel
WHERE s.locale = $2 AND {where}
"""
_PAGE = f"""
SELECT s.owner, p.sku, p.family, s.attribute, s.market, s.channel, s.data AS source,
       s.changed_at AS source_changed_at, t.data AS target, t.changed_at AS target_changed_at
{_GAPS}
ORDER BY s.owner, s.attribute, coalesce(s.market, ''), coalesce(s.channel, '') LIMIT {{limit}}
"""
_COUNT = f"SELECT count(*) {_GAPS}"
#: What a family has no more is shown nowhere, and needs no translation.
_OF_ITS_FAMILY = """EXISTS (
    SELECT FROM family_attribute AS f WHERE f.family = p.family AND f.attribute = s.attribute)"""
#: A text of all channels, or of one that the place has that the product lies in.
_OF_ITS_CHANNELS = """
      AND (s.channel IS NULL OR w.channels IS NULL OR s.channel = ANY (w.channels))"""
_BEHIND = (
    "s.owner >= {} AND (s.owner, s.attribute, coalesce(s.market, ''), coalesce(s.channel, '')) "
    "> ({}::uuid, {}::text, {}::text, {}::text)"
)


def _conditions(wanted: GapFilter, values: StatementValues) -> Iterator[str]:
    states = [*GapState] if wanted.state is None else [wanted.state]
    yield "(" + " OR ".join(each.value for each in states) + ")"
    yield _OF_ITS_FAMILY
    if wanted.families is not None:
        yield values.add("p.family = ANY ({}::text[])", list(wanted.families))
    if wanted.attributes is not None:
        yield values.add("s.attribute = ANY ({}::text[])", list(wanted.attributes))
    if wanted.within is not None:
        places = values.add("{}", written_places(wanted.within))
        yield LIES_WITHIN.format(places=places, more=_OF_ITS_CHANNELS)


def page_statement(
    wanted: GapFilter, *, after: GapPlace | None, size: int
) -> tuple[str, Sequence[object]]:
    """Write the statement of a page, and its values."""
    values = StatementValues(wanted.locale, wanted.source)
    where = [*_conditions(wanted, values)]
    if after is not None:
        where.append(values.add(_BEHIND, after.owner, *after))
    return _PAGE.format(where=all_of(where), limit=values.add("{}", size)), values.all


async def list_gaps(
    conn: Connection, wanted: GapFilter, *, after: GapPlace | None, size: int
) -> list[TranslationGap]:
    """Return gaps, by product; at most so many."""
    text, values = page_statement(wanted, after=after, size=size)
    return [_gap(row) for row in await conn.fetch(text, *values)]


async def count_gaps(conn: Connection, wanted: GapFilter) -> int:
    """Return how many there are."""
    values = StatementValues(wanted.locale, wanted.source)
    where = all_of(_conditions(wanted, values))
    return await conn.fetchval(_COUNT.format(where=where), *values.all)


def _gap(row: Record) -> TranslationGap:
    fields: dict[str, Any] = dict(row.items())
    return TranslationGap(**fields)
