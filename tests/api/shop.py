"""A small catalogue in a real database: a lamp with variants, its pictures, three markets."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from catalog.access.commands import create_key
from catalog.ids import new_id, new_public_id
from catalog.publication.collation import sort_key
from catalog.rights.model import TermInput
from tests.support.people import TEST
from tests.support.stage import LONG_AGO, WORLDWIDE, Stage, StagedAsset

REFERENCE_SQL = """
INSERT INTO locale (code, name, fallback) VALUES ('de-DE', 'Deutsch', 'en-US'),
    ('de-AT', 'Deutsch (Österreich)', 'de-DE'), ('ja-JP', '日本語', NULL);
INSERT INTO market (code, name, countries, default_locale, currency, parent)
VALUES ('EUROPE', 'Europe', '{DE,FR}', 'en-US', 'EUR', NULL),
       ('DE', 'Germany', '{DE}', 'de-DE', 'EUR', 'EUROPE'),
       ('FR', 'France', '{FR}', 'en-US', 'EUR', 'EUROPE'),
       ('US', 'United States', '{US}', 'en-US', 'USD', NULL);
UPDATE market SET unit_system = 'imperial' WHERE code = 'US';
UPDATE channel SET locales = '{en-US,de-DE}' WHERE code = 'd2c';
INSERT INTO category (code, tree, path, parent, label, position) VALUES
    ('shop', 'shop', 'shop', NULL, '{"en-US": "Shop"}', 0),
    ('table-lamps', 'shop', 'shop.table_lamps', 'shop',
     '{"en-US": "Table lamps", "de-DE": "Tischleuchten"}', 2),
    ('floor-lamps', 'shop', 'shop.floor_lamps', 'shop', '{"en-US": "Floor lamps"}', 1);
INSERT INTO family_variant (code, family) VALUES ('lamps-by-colour', 'lamps');
INSERT INTO attribute (code, type, localizable) VALUES ('colour', 'select', false),
    ('name', 'text', true);
INSERT INTO family_attribute (family, attribute) VALUES ('lamps', 'colour'), ('lamps', 'name');
INSERT INTO variant_axis (family_variant, level, attribute)
VALUES ('lamps-by-colour', 1, 'colour');
"""

PRODUCT_SQL = """
INSERT INTO product (id, public_id, sku, kind, family, family_variant, parent)
VALUES ($1, $2, $3, $4, 'lamps', CASE $4 WHEN 'MODEL' THEN 'lamps-by-colour' END, $5)
"""

PUBLISH_SQL = """
INSERT INTO publication (product, channel, version, sku, public_id, kind, ancestors, document,
                         checksum, visible_from, visible_until)
VALUES ($1, $2, 1, $3, $4, $5, $6, $7, '', $8, $9)
"""

LISTING_SQL = """
INSERT INTO search_document (product, channel, locale, markets, version, kind, family, categories,
                             facets, sort_name, sku, visible_from, visible_until, published_at)
VALUES ($1, $2, $3, NULL, 1, $4, 'lamps', $5, $6, $7, $8, $9, $10, $11)
"""

LINK_SQL = """
INSERT INTO media_association (id, public_id, product, asset, role, position, locale, market,
                               channel, origin, status)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pim', $10)
"""

TEXT_SQL = "INSERT INTO asset_value (asset, key, locale, data) VALUES ($1, $2, $3, $4)"


class Product:
    """A product that was published; its models, nearest first."""

    def __init__(self, sku: str, kind: str, ancestors: Sequence["Product"] = ()) -> None:
        self.id = new_id()
        self.public_id = new_public_id()
        self.sku = sku
        self.kind = kind
        self.ancestors = tuple(ancestors)


def attribute(code: str, kind: str = "text", *values: object, **more: object) -> dict[str, Any]:
    """Write an attribute of a document; a value is data, or (locale, market, data)."""
    triples = [
        cast("tuple[str | None, str | None, object]", each)
        if isinstance(each, tuple)
        else (None, None, each)
        for each in values
    ]
    return {
        "code": code,
        "type": kind,
        "label": {"en-US": code.capitalize()},
        "unit": None,
        "group": None,
        "values": [
            {"locale": locale, "market": market, "data": data} for locale, market, data in triples
        ],
        "options": {},
    } | more


def document_of(
    product: Product,
    attributes: Sequence[Mapping[str, Any]],
    options: Mapping[str, str],
    categories: Sequence[str],
) -> dict[str, Any]:
    """Write the document of a product, as `catalog/publication` freezes it."""
    parent = product.ancestors[0] if product.ancestors else None
    return {
        "id": product.public_id,
        "sku": product.sku,
        "gtin": None,
        "kind": product.kind,
        "family": {"code": "lamps", "label": {"en-US": "Lamps", "de-DE": "Leuchten"}},
        "parent": {"id": parent.public_id, "sku": parent.sku} if parent else None,
        "models": [each.sku for each in product.ancestors],
        "updatedAt": "2026-05-01T10:00:00+00:00",
        "categories": list(categories),
        "axes": [] if product.kind == "SIMPLE" else [["colour"]],
        "options": dict(options),
        "attributes": list(attributes),
    }


def names_of(attributes: Sequence[Mapping[str, Any]]) -> dict[str | None, str]:
    """Return the name in each locale that it is written in."""
    return {
        value["locale"]: value["data"]
        for each in attributes
        if each["code"] == "name"
        for value in each["values"]
    }


COLOURS = {
    "red": {"label": {"en-US": "Red", "de-DE": "Rot"}, "position": 0},
    "blue": {"label": {"en-US": "Blue", "de-DE": "Blau"}, "position": 1},
}


class Shop:
    """Puts products and their media where the graph finds them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.pool = stage.pool

    async def build(self) -> None:
        """Make locales, markets and categories."""
        await self.pool.execute(REFERENCE_SQL)

    async def key(self, *scopes: str) -> dict[str, str]:
        """Make an API key, and return the headers of whoever has it."""
        name = "+".join(scopes)
        async with self.stage.changes.begin(TEST) as change:
            issued = await create_key(change, name=f"{name} {new_public_id()}", scopes=scopes)
        return {"Authorization": f"Bearer {issued.secret}"}

    async def put(  # noqa: PLR0913 - everything has a default
        self,
        product: Product,
        *attributes: Mapping[str, Any],
        channel: str = "d2c",
        options: Mapping[str, str] | None = None,
        categories: Sequence[str] = ("table-lamps",),
        facets: Sequence[str] = (),
        visible: tuple[datetime, datetime | None] = (LONG_AGO, None),
        published_at: datetime = LONG_AGO,
        gtin: str | None = None,
    ) -> Product:
        """Make a product and publish it."""
        parent = product.ancestors[0] if product.ancestors else None
        await self.pool.execute(
            PRODUCT_SQL,
            product.id,
            product.public_id,
            product.sku,
            product.kind,
            parent.id if parent else None,
        )
        await self.pool.execute(
            PUBLISH_SQL,
            product.id,
            channel,
            product.sku,
            product.public_id,
            product.kind,
            [each.id for each in product.ancestors],
            document_of(product, attributes, options or {}, categories) | {"gtin": gtin},
            *visible,
        )
        names = names_of(attributes)
        for locale in ("en-US", "de-DE"):
            await self.pool.execute(
                LISTING_SQL,
                product.id,
                channel,
                locale,
                product.kind,
                ["shop", *categories],
                list(facets),
                sort_key(names.get(locale, names.get(None)) or product.sku, locale),
                product.sku,
                *visible,
                published_at,
            )
        return product

    async def asset(self, *grants: TermInput, **texts: Mapping[str, str]) -> StagedAsset:
        """Make an approved asset, by default licensed for the whole world."""
        asset = await self.stage.asset(*(grants or (WORLDWIDE,)))
        for key, by_locale in texts.items():
            for locale, text in by_locale.items():
                await self.pool.execute(TEXT_SQL, asset.id, key, locale, text)
        return asset

    async def link(
        self,
        product: Product,
        asset: StagedAsset,
        role: str = "hero",
        position: int = 0,
        status: str = "approved",
        **scope: str,
    ) -> str:
        """Hang an asset on a product; `scope` is of locale, market, channel."""
        public_id = new_public_id()
        await self.pool.execute(
            LINK_SQL,
            uuid.uuid4(),
            public_id,
            product.id,
            asset.id,
            role,
            position,
            scope.get("locale"),
            scope.get("market"),
            scope.get("channel"),
            status,
        )
        return public_id
