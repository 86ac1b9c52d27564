"""A small shop that tests of products fill: three languages, two markets, two channels."""

from collections.abc import Sequence

from catalog.batches import BatchResult
from catalog.changes import Changes
from catalog.channels import commands as channels
from catalog.channels.model import ChannelRecord, LocaleRecord, MarketRecord
from catalog.db import Pool
from catalog.products import commands as products
from catalog.products.model import (
    AttributeRecord,
    CategoryRecord,
    FamilyRecord,
    FamilyVariant,
    Option,
    ProductRecord,
    ValueRecord,
)
from tests.support.people import TEST

LOCALES = (
    LocaleRecord(code="en", name="English"),
    LocaleRecord(code="de", name="Deutsch", fallback="en"),
    LocaleRecord(code="de-CH", name="Deutsch (Schweiz)", fallback="de"),
)
MARKETS = (
    MarketRecord(
        code="DACH", name="DACH", countries=("DE", "AT"), default_locale="de", currency="EUR"
    ),
    MarketRecord(
        code="CH",
        name="Schweiz",
        countries=("CH",),
        default_locale="de-CH",
        currency="CHF",
        parent="DACH",
    ),
)
CHANNELS = (
    ChannelRecord(
        code="d2c",
        name="Shop",
        kind="storefront",
        public=True,
        country_rule="viewer",
        usages=("web",),
        default_usage="web",
        locales=("en", "de"),
    ),
    ChannelRecord(
        code="market-a",
        name="Marketplace A",
        kind="marketplace",
        country_rule="declared",
        territory=("DE",),
        usages=("web",),
        default_usage="web",
        locales=("en",),
    ),
)
ATTRIBUTES = (
    AttributeRecord(
        code="name", attribute_type="text", localizable=True, scopable=True, market_scoped=True
    ),
    AttributeRecord(code="description", attribute_type="rich_text", localizable=True),
    AttributeRecord(
        code="colour",
        attribute_type="select",
        label={"en": "Colour", "de": "Farbe"},
        options=(
            Option(code="red", label={"en": "Red", "de": "Rot"}),
            Option(code="blue", label={"en": "Blue", "de": "Blau"}),
            Option(code="green", label={"en": "Green", "de": "Grün"}),
        ),
    ),
    AttributeRecord(
        code="size",
        attribute_type="select",
        options=tuple(Option(code=code) for code in ("s", "m", "l")),
    ),
    AttributeRecord(
        code="materials",
        attribute_type="multiselect",
        options=(Option(code="wool"), Option(code="silk")),
    ),
    AttributeRecord(code="weight", attribute_type="number", unit="g", validation={"min": 0}),
    AttributeRecord(code="washable", attribute_type="boolean"),
    AttributeRecord(code="mood", attribute_type="term"),
    AttributeRecord(code="since", attribute_type="date"),
    AttributeRecord(code="length", attribute_type="measurement", unit="cm"),
    AttributeRecord(code="price", attribute_type="price", market_scoped=True),
)
FAMILIES = (
    FamilyRecord(
        code="shirts",
        label={"en": "Shirts"},
        attributes=tuple(attribute.code for attribute in ATTRIBUTES),
        required={"d2c": ("name", "weight", "size")},
        variants=(
            FamilyVariant(code="by-size", axes=(("size",),)),
            FamilyVariant(code="by-colour-size", axes=(("colour",), ("size",))),
        ),
    ),
    FamilyRecord(code="caps", attributes=("name",)),
)
CATEGORIES = (
    CategoryRecord(code="shop", label={"en": "Shop"}),
    CategoryRecord(code="men", parent="shop", label={"en": "Men"}),
    CategoryRecord(code="men-shirts", parent="men", label={"en": "Shirts"}),
    CategoryRecord(code="sale", parent="shop", label={"en": "Sale"}),
)


def name(text: str, locale: str = "en", **scope: str) -> ValueRecord:
    return ValueRecord(attribute="name", locale=locale, data=text, **scope)


def value(attribute: str, data: object, **scope: str) -> ValueRecord:
    return ValueRecord(attribute=attribute, data=data, **scope)


def simple(sku: str, *values: ValueRecord, **fields: object) -> ProductRecord:
    return ProductRecord(sku=sku, kind="SIMPLE", family="shirts", values=values, **fields)  # pyright: ignore[reportArgumentType] - fields of the record by name


def model(
    sku: str, *values: ValueRecord, by: str = "by-size", parent: str | None = None
) -> ProductRecord:
    return ProductRecord(
        sku=sku,
        kind="MODEL",
        family="shirts",
        family_variant=by,
        parent=parent,
        values=values,
        categories=("men-shirts",) if parent is None else None,
    )


def variant(sku: str, parent: str, *values: ValueRecord, gtin: str | None = None) -> ProductRecord:
    return ProductRecord(sku=sku, kind="VARIANT", parent=parent, values=values, gtin=gtin)


async def open_shop(pool: Pool) -> Changes:
    """Put everything but products."""
    changes = Changes(pool=pool)
    async with changes.begin(TEST) as change:
        for applied in (
            await channels.put_locales(change, LOCALES),
            await channels.put_markets(change, MARKETS),
            await channels.put_channels(change, CHANNELS),
            await products.put_attributes(change, ATTRIBUTES),
            await products.put_families(change, FAMILIES),
            await products.put_categories(change, CATEGORIES),
        ):
            assert applied.rejections == ()
    return changes


async def put(changes: Changes, *records: ProductRecord) -> BatchResult:
    async with changes.begin(TEST) as change:
        return await products.put_products(change, records)


async def put_good(changes: Changes, records: Sequence[ProductRecord]) -> BatchResult:
    applied = await put(changes, *records)
    assert applied.rejections == ()
    return applied
