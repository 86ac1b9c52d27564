"""A polo in two levels and a cap: published, taken back, and what then is stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.changes import Changes
from catalog.db import Pool
from catalog.publication.commands import publish_products, unpublish_products
from catalog.publication.model import Document, PublicationResult
from tests.products.shop import model, name, simple, value, variant
from tests.support.people import ADA

POLO = (
    model("POLO", name("Polo"), name("Polohemd", "de"), by="by-colour-size"),
    model("POLO-R", value("colour", "red"), by="by-colour-size", parent="POLO"),
    model("POLO-B", value("colour", "blue"), by="by-colour-size", parent="POLO"),
    variant("POLO-R-S", "POLO-R", value("size", "s"), value("weight", 100)),
    variant("POLO-R-M", "POLO-R", value("size", "m"), value("weight", 110)),
    variant("POLO-B-S", "POLO-B", value("size", "s")),  # no weight: incomplete
)
CAP = simple("CAP", name("Cap"), value("weight", 1.0), value("size", "s"))


async def publish(
    shop: Changes,
    *skus: str,
    channel: str = "d2c",
    is_import: bool = False,
    visible_from: datetime | None = None,
    visible_until: datetime | None = None,
) -> Sequence[PublicationResult]:
    async with shop.begin(ADA) as change:
        return await publish_products(
            change,
            skus,
            channel,
            is_import=is_import,
            visible_from=visible_from,
            visible_until=visible_until,
        )


async def unpublish(shop: Changes, *skus: str) -> Sequence[PublicationResult]:
    async with shop.begin(ADA) as change:
        return await unpublish_products(change, skus, "d2c")


async def document(pool: Pool, sku: str) -> Document:
    return await pool.fetchval(
        "SELECT document FROM publication WHERE sku = $1 AND ended_at IS NULL", sku
    )


async def live(pool: Pool) -> set[str]:
    rows = await pool.fetch("SELECT sku FROM publication WHERE ended_at IS NULL")
    return {row["sku"] for row in rows}


async def facets(pool: Pool, sku: str, locale: str = "en") -> set[str]:
    return set(
        await pool.fetchval(
            "SELECT facets FROM search_document WHERE sku = $1 AND locale = $2", sku, locale
        )
        or ()
    )


async def event_count(pool: Pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM event")


def attribute(document: Document, code: str) -> Mapping[str, Any]:
    return next(each for each in document["attributes"] if each["code"] == code)
