"""The catalogue behind a delivery: each picture is a product's, licensed for some countries."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from bench.shop import FOUNDATION, SHOP, Image, grant, import_catalogue, product_of
from catalog.db import Connection
from vitrine.settings import Settings

#: What each picture may be shown in: two licences' worth of countries.
_COUNTRIES = (("DE", "AT", "CH", "FR"), ("US", "CA"))

IMAGES_SQL = """
SELECT asset.public_id AS asset, slug, epoch, product.public_id AS owner
FROM asset JOIN asset_epoch ON asset_epoch.asset = asset.id JOIN product ON product.sku = asset.code
ORDER BY asset.code
"""


async def load_catalogue(
    settings: Settings, url: str, pictures: Sequence[Path], presets: Sequence[dict[str, Any]]
) -> None:
    """Import it, as any other catalogue comes in.

    Args:
        settings: name the store.
        url: of the database.
        pictures: files of one folder, no two with the same bytes.
        presets: as the bulk format has them.

    Raises:
        RuntimeError: a record was refused.
    """
    path = pictures[0].parent / "catalogue.jsonl"
    records = _records(pictures, presets)
    await asyncio.to_thread(path.write_bytes, b"\n".join(map(orjson.dumps, records)))
    await import_catalogue(settings, url, path)


async def find_images(conn: Connection) -> list[Image]:
    """Return the image of each picture, in the order of the files' names."""
    return [Image(**row, channel=SHOP) for row in await conn.fetch(IMAGES_SQL)]


def _records(
    pictures: Sequence[Path], presets: Sequence[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    yield from FOUNDATION
    yield from presets
    for picture in pictures:
        code = picture.stem
        yield from product_of(code, code)
        yield {
            "type": "asset",
            "code": code,
            "file": picture.name,
            "kind": "image",
            "status": "approved",
            "values": {"title": {"en-US": code}},
            "grants": [grant(*countries) for countries in _COUNTRIES],
        }
    skus = [picture.stem for picture in pictures]
    yield {"type": "publication", "channel": SHOP, "skus": skus}
