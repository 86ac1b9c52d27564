"""A page of a list reads a page of an index, however long the list is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.channels.model import Channel
from catalog.clock import utc_now
from catalog.db import Pool
from catalog.graph.context import ReadContext
from catalog.graph.listing import Filter, OrderField, PageBound, PageRequest, page_statement
from catalog.graph.products import VariantsWanted
from catalog.ids import new_id
from catalog.rights.territory import UNKNOWN

SIZE = 24
PUBLISHED = datetime(2026, 1, 1, 0, 15, tzinfo=UTC)
LISTED = 2_000
MANY_SQL = """
WITH made AS (
    INSERT INTO product (id, public_id, sku, kind, family)
    SELECT gen_random_uuid(), 'p' || lpad(n::text, 7, '0'), 'sku-' || lpad(n::text, 5, '0'),
           'SIMPLE', 'lamps' FROM generate_series(1, $1::int) AS n
    RETURNING id, public_id, sku
), published AS (
    INSERT INTO publication (product, channel, version, sku, public_id, kind, ancestors, document,
                             checksum, visible_from)
    SELECT id, 'd2c', 1, sku, public_id, 'SIMPLE', '{}',
           jsonb_build_object('gtin', right(sku, 5)), '', '2026-01-01' FROM made
    RETURNING product, sku
)
INSERT INTO search_document (product, channel, locale, markets, version, kind, family, categories,
                             facets, sort_name, sku, visible_from, published_at)
SELECT product, 'd2c', 'en-US', NULL, 1, 'SIMPLE', 'lamps', '{shop}', '{colour=red}', sku, sku,
       '2026-01-01', timestamptz '2026-01-01' + n * interval '1 s'
FROM (SELECT *, row_number() OVER () AS n FROM published) AS published
"""
FOUNDATION_SQL = """
INSERT INTO locale (code, name) VALUES ('en-US', 'English') ON CONFLICT DO NOTHING;
INSERT INTO channel (code, name, kind, public, country_rule, territory, usages, default_usage,
                     token_window_s, token_min_life_s, locales)
VALUES ('d2c', 'Shop', 'storefront', true, 'viewer', '{}', '{web}', 'web', 86400, 43200, '{en-US}')
ON CONFLICT DO NOTHING;
INSERT INTO family (code, label) VALUES ('lamps', '{}') ON CONFLICT DO NOTHING;
"""


@pytest.fixture
async def listed(pool: Pool) -> Pool:
    """A long list, of which PostgreSQL knows how long it is."""
    await pool.execute(FOUNDATION_SQL)
    await pool.execute(MANY_SQL, LISTED)
    await pool.execute("ANALYZE")
    return pool


def context() -> ReadContext:
    """Return the context of whoever says nothing."""
    channel = Channel(
        code="d2c",
        name="Shop",
        kind="storefront",
        country_rule="viewer",
        usages=("web",),
        default_usage="web",
        locales=("en-US",),
    )
    return ReadContext(
        channel=channel,
        market=None,
        locales=("en-US",),
        markets=(),
        usage="web",
        countries=(),
        territory=UNKNOWN,
        now=utc_now(),
    )


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("order", OrderField)
@pytest.mark.parametrize(
    "where",
    [Filter(), Filter(kinds=("SIMPLE",)), Filter(families=("lamps",))],
    ids=["cards", "kinds", "families"],
)
async def test_no_more_is_read_than_a_page(
    listed: Pool, order: OrderField, where: Filter, *, is_descending: bool
) -> None:
    middle = PUBLISHED if order is OrderField.PUBLISHED_AT else "sku-00900"
    after = PageBound(key=middle, product=new_id())
    page = PageRequest(size=SIZE, order=order, is_descending=is_descending, after=after)
    text, values = page_statement(context(), VariantsWanted(), where, page)

    plan: list[dict[str, Any]] = await listed.fetchval(
        f"EXPLAIN (ANALYZE, FORMAT json) {text}", *values
    )

    reads = {each["Relation Name"]: rows(each) for each in scans(plan[0]["Plan"])}
    assert set(reads) == {"search_document", "publication"}
    assert max(reads.values()) <= 2 * (SIZE + 1)


@pytest.mark.parametrize(
    "where",
    [
        Filter(skus=("sku-00007", "sku-01900")),
        Filter(ids=("p0000007", "p0001900")),
        Filter(gtins=("00000000000007", "01900")),
    ],
    ids=["skus", "ids", "gtins"],
)
async def test_products_that_are_named_are_found_by_an_index(listed: Pool, where: Filter) -> None:
    text, values = page_statement(context(), VariantsWanted(), where, PageRequest(size=SIZE))

    plan: list[dict[str, Any]] = await listed.fetchval(
        f"EXPLAIN (ANALYZE, FORMAT json) {text}", *values
    )

    reads = {each["Relation Name"]: rows(each) for each in scans(plan[0]["Plan"])}
    assert max(reads.values()) <= SIZE


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the nodes of a plan that read a table."""
    if "Relation Name" in node:
        yield node
    for child in node.get("Plans", ()):
        yield from scans(child)


def rows(node: dict[str, Any]) -> float:
    """Return how many rows a node has looked at."""
    looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return looked_at * node["Actual Loops"]
