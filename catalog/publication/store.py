"""The SQL of publications, which have a history, and of the lists that are made from them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

import orjson

from catalog.clock import FAR_FUTURE
from catalog.db import Connection, Record
from catalog.publication.listing import made_by
from catalog.publication.model import (
    CurrentPublication,
    Document,
    EndedPublication,
    Listing,
    Publication,
    VariantListing,
)
from catalog.rights.model import Window

# All writers lock products in the order of their ids, so that none waits for another in a circle.
_TREE = """
WITH RECURSIVE below AS (
    SELECT id, parent FROM product WHERE sku = ANY ($1)
    UNION
    SELECT p.id, p.parent FROM product AS p JOIN below ON p.parent = below.id
), line AS (
    SELECT id, parent FROM below
    UNION
    SELECT p.id, p.parent FROM product AS p JOIN line ON p.id = line.parent
)
SELECT sku FROM product WHERE id IN (SELECT id FROM line) ORDER BY id
"""
TREE_SQL = _TREE
LOCK_TREE_SQL = f"{_TREE} FOR NO KEY UPDATE"


async def lock_tree(conn: Connection, skus: Sequence[str]) -> list[str]:
    """Lock products with their models and all that is below them, and return their skus.

    A second time, because the first sees what is below as it was before it began to wait.
    """
    await conn.execute(LOCK_TREE_SQL, list(skus))
    return [row["sku"] for row in await conn.fetch(LOCK_TREE_SQL, list(skus))]


async def find_tree(conn: Connection, skus: Sequence[str]) -> list[str]:
    """Return the same skus for whoever only reads."""
    return [row["sku"] for row in await conn.fetch(TREE_SQL, list(skus))]


CURRENT_SQL = """
SELECT DISTINCT ON (product) product, version, checksum, content_digest, copy_of,
       visible_from, visible_until,
       ended_at IS NULL AS is_live, min(published_at) OVER (PARTITION BY product) AS first,
       ancestors,
       ARRAY(SELECT m.public_id FROM unnest(ancestors) WITH ORDINALITY AS a(id, place)
             JOIN product AS m ON m.id = a.id ORDER BY place) AS ancestor_ids
FROM publication AS p WHERE product = ANY ($1) AND channel = $2
ORDER BY product, version DESC
"""


async def find_current(
    conn: Connection, products: Iterable[uuid.UUID], channel: str
) -> dict[uuid.UUID, CurrentPublication]:
    """Return the newest publication of each product that ever had one, by product."""
    rows = await conn.fetch(CURRENT_SQL, list(products), channel)
    return {
        row["product"]: CurrentPublication(
            product=row["product"],
            version=row["version"],
            checksum=row["checksum"],
            content_digest=row["content_digest"],
            window=_window(row),
            is_live=row["is_live"],
            first_published_at=row["first"],
            ancestors=_ancestors(row),
            copy_of=row["copy_of"],
        )
        for row in rows
    }


LIVE_SQL = """
SELECT product, public_id, sku, kind, version, document, checksum, content_digest,
       visible_from, visible_until,
       (SELECT min(published_at) FROM publication AS any_version
        WHERE any_version.product = p.product AND any_version.channel = p.channel) AS first
FROM publication AS p WHERE product = ANY ($1) AND channel = $2 AND ended_at IS NULL
"""


async def find_live(
    conn: Connection, products: Iterable[uuid.UUID], channel: str
) -> list[Publication]:
    """Return the live publications of some models with their documents; without ancestors."""
    return [
        Publication(
            product=row["product"],
            public_id=row["public_id"],
            sku=row["sku"],
            kind=row["kind"],
            version=row["version"],
            ancestors={},
            document=row["document"],
            checksum=row["checksum"],
            content_digest=row["content_digest"],
            window=_window(row),
            first_published_at=row["first"],
        )
        for row in await conn.fetch(LIVE_SQL, list(products), channel)
    ]


# What ends together ends at one instant, by which it is found together again.
END_SQL = """
UPDATE publication SET ended_at = (SELECT clock_timestamp())
WHERE product = ANY ($1) AND channel = $2 AND ended_at IS NULL
"""
PUT_SQL = """
INSERT INTO publication (product, channel, version, sku, public_id, kind, ancestors, document,
                         checksum, content_digest, visible_from, visible_until, copy_of,
                         covered, published_by)
SELECT product, $2, version, sku, public_id, kind, ancestors::uuid[], document::jsonb,
       checksum, content_digest, visible_from, visible_until, copy_of, covered::jsonb, $15
FROM unnest($1::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
            $13::integer[], $14::text[])
    AS p(product, version, sku, public_id, kind, ancestors, document, checksum, content_digest,
         visible_from, visible_until, copy_of, covered)
"""


async def put(
    conn: Connection, publications: Sequence[Publication], channel: str, actor: uuid.UUID
) -> None:
    """Write publications in the place of those that are live, which are ended and kept."""
    products = [each.product for each in publications]
    await conn.execute(END_SQL, products, channel)
    await conn.execute(
        PUT_SQL,
        products,
        channel,
        [each.version for each in publications],
        [each.sku for each in publications],
        [each.public_id for each in publications],
        [each.kind for each in publications],
        [_array(str(model) for model in each.ancestors) for each in publications],
        [_json(each.document) for each in publications],
        [each.checksum for each in publications],
        [each.content_digest for each in publications],
        [each.window.start for each in publications],
        [_end(each.window) for each in publications],
        [each.copy_of for each in publications],
        [each.covered and _json(asdict(each.covered)) for each in publications],
        actor,
    )


TAKE_BACK_SQL = """
UPDATE publication SET ended_at = (SELECT clock_timestamp())
WHERE channel = $2 AND ended_at IS NULL
  AND (product = ANY ($1::uuid[]) OR ancestors && $1::uuid[])
RETURNING product, public_id, sku, version, ancestors,
    ARRAY(SELECT m.public_id FROM unnest(ancestors) WITH ORDINALITY AS a(id, place)
          JOIN product AS m ON m.id = a.id ORDER BY place) AS ancestor_ids
"""


async def take_back(
    conn: Connection, products: Sequence[uuid.UUID], channel: str
) -> list[EndedPublication]:
    """End the live publications of products and of all that was published below them."""
    rows = await conn.fetch(TAKE_BACK_SQL, list(products), channel)
    return [
        EndedPublication(
            product=row["product"],
            public_id=row["public_id"],
            sku=row["sku"],
            version=row["version"],
            ancestors=_ancestors(row),
        )
        for row in rows
    ]


PUT_TAKEN_BACK_SQL = """
INSERT INTO taken_back (product, channel, actor) SELECT unnest($1::uuid[]), $2, $3
ON CONFLICT (product, channel) WHERE ended_at IS NULL DO NOTHING
RETURNING product
"""
END_TAKEN_BACK_SQL = """
UPDATE taken_back SET ended_at = clock_timestamp(), ended_by = $3
WHERE product = ANY ($1) AND channel = $2 AND ended_at IS NULL
"""
TAKEN_BACK_SQL = """
SELECT product FROM taken_back WHERE product = ANY ($1) AND channel = $2 AND ended_at IS NULL
"""


async def put_taken_back(
    conn: Connection, products: Sequence[uuid.UUID], channel: str, actor: uuid.UUID
) -> frozenset[uuid.UUID]:
    """Record that a person takes products back; return those that were not taken back before."""
    rows = await conn.fetch(PUT_TAKEN_BACK_SQL, list(products), channel, actor)
    return frozenset(row["product"] for row in rows)


async def end_taken_back(
    conn: Connection, products: Sequence[uuid.UUID], channel: str, actor: uuid.UUID
) -> None:
    """Record that a person publishes products again."""
    await conn.execute(END_TAKEN_BACK_SQL, list(products), channel, actor)


async def find_taken_back(
    conn: Connection, products: Sequence[uuid.UUID], channel: str
) -> frozenset[uuid.UUID]:
    """Return those of the products that stay off the channel."""
    rows = await conn.fetch(TAKEN_BACK_SQL, list(products), channel)
    return frozenset(row["product"] for row in rows)


DELETE_LISTINGS_SQL = "DELETE FROM search_document WHERE product = ANY ($1) AND channel = $2"


async def delete_listings(conn: Connection, products: Sequence[uuid.UUID], channel: str) -> None:
    """Take products out of the lists of a channel."""
    await conn.execute(DELETE_LISTINGS_SQL, list(products), channel)


# Whoever moves categories locks their table first, and then what is listed in them.
LOCK_CATEGORIES_SQL = "LOCK TABLE category IN ROW EXCLUSIVE MODE"


async def lock_categories(conn: Connection) -> None:
    """Keep categories where they are until the listings that are about to be written are."""
    await conn.execute(LOCK_CATEGORIES_SQL)


PUT_LISTINGS_SQL = """
INSERT INTO search_document (product, channel, locale, markets, version, kind, family, categories,
                             facets, sort_name, sku, visible_from, visible_until, published_at,
                             made_by)
SELECT product, $2, locale, markets::text[], version, kind, family,
       categories_above(categories::text[]), facets::text[], sort_name, sku, visible_from,
       visible_until, published_at, $15
FROM unnest($1::uuid[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[],
            $14::timestamptz[])
    AS s(product, locale, markets, version, kind, family, categories, facets, sort_name, sku,
         visible_from, visible_until, published_at)
"""


async def put_listings(conn: Connection, listings: Sequence[Listing], channel: str) -> None:
    """Put products into the lists of a channel, in their categories and all above those."""
    publications = [each.publication for each in listings]
    await conn.execute(
        PUT_LISTINGS_SQL,
        [each.product for each in publications],
        channel,
        [each.locale for each in listings],
        [None if each.markets is None else _array(each.markets) for each in listings],
        [each.version for each in publications],
        [each.kind for each in publications],
        [each.document["family"]["code"] for each in publications],
        [_array(each.document["categories"]) for each in publications],
        [_array(each.facets) for each in listings],
        [each.sort_name for each in listings],
        [each.sku for each in publications],
        [each.window.start for each in listings],
        [_end(each.window) for each in listings],
        [each.first_published_at for each in publications],
        made_by(),
    )


STALE_SQL = """
SELECT product, sku FROM search_document WHERE channel = $1 AND made_by <> $2
GROUP BY product, sku, kind ORDER BY kind = 'MODEL', product LIMIT $3
"""


async def find_stale(conn: Connection, channel: str, limit: int) -> dict[uuid.UUID, str]:
    """Return the skus of products whose listings other rules have made; models come last."""
    rows = await conn.fetch(STALE_SQL, channel, made_by(), limit)
    return {row["product"]: row["sku"] for row in rows}


# By the index `search_document_made_by`: one row before our own rules, and one behind.
OTHER_RULES_SQL = """
SELECT DISTINCT found.made_by FROM channel AS c CROSS JOIN LATERAL (
    (SELECT made_by FROM search_document WHERE channel = c.code AND made_by < $1 LIMIT 1)
    UNION ALL
    (SELECT made_by FROM search_document WHERE channel = c.code AND made_by > $1 LIMIT 1)
) AS found ORDER BY 1
"""


async def find_other_rules(conn: Connection) -> list[str]:
    """Return by which rules listings are made, besides those of this process; at most a few."""
    return [row["made_by"] for row in await conn.fetch(OTHER_RULES_SQL, made_by())]


BELOW_SQL = """
SELECT model.id AS model, s.locale, s.markets, s.facets, s.visible_from, s.visible_until
FROM unnest($1::uuid[]) AS model(id)
JOIN publication AS p ON p.ancestors @> ARRAY[model.id] AND p.channel = $2
    AND p.ended_at IS NULL AND p.kind = 'VARIANT'
JOIN search_document AS s ON s.product = p.product AND s.channel = p.channel
"""


async def find_below(
    conn: Connection, models: Sequence[uuid.UUID], channel: str
) -> Mapping[uuid.UUID, Sequence[VariantListing]]:
    """Return how the variants that are published below models stand in lists, by model."""
    below: dict[uuid.UUID, list[VariantListing]] = {model: [] for model in models}
    for row in await conn.fetch(BELOW_SQL, list(models), channel) if models else ():
        below[row["model"]].append(
            VariantListing(
                locale=row["locale"],
                markets=None if row["markets"] is None else tuple(row["markets"]),
                facets=tuple(row["facets"]),
                window=_window(row),
            )
        )
    return below


def _window(row: Record) -> Window:
    return Window(start=row["visible_from"], end=row["visible_until"] or FAR_FUTURE)


def _end(window: Window) -> datetime | None:
    return None if window.end == FAR_FUTURE else window.end


def _ancestors(row: Record) -> dict[uuid.UUID, str]:
    return dict(zip(row["ancestors"], row["ancestor_ids"], strict=True))


def _json(document: Document) -> str:
    return orjson.dumps(document).decode()


def _array(items: Iterable[str]) -> str:
    """Write a text array as PostgreSQL reads one: unnest would flatten an array of arrays."""
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"
