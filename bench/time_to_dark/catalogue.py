"""A catalogue in which one change darkens one image, or the handful that rests on one licence."""

import asyncio
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import orjson
from PIL import Image as PillowImage
from PIL import ImageOps

from bench.shop import (
    CHANNEL,
    FOUNDATION,
    HOME_COUNTRY,
    SHOP,
    Image,
    grant,
    import_catalogue,
    preset,
    product_of,
)
from catalog.db import Connection, connect
from catalog.delivery.keys import SigningKeys
from catalog.delivery.model import Format
from vitrine.settings import Settings

_PRESET = "card"
_WIDTH_PX = 320
_SOURCE_PX = (400, 500)
_NOISE = 40


class Family(StrEnum):
    """What a unit is: what its revocations change."""

    ASSET = "asset"
    PRODUCT = "product"
    LICENCE = "licence"
    COLLECTION = "collection"
    SET = "set"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySize:
    """How many units of a family there are, and what rests on each.

    Attributes:
        images: that are delivered.
        others: assets besides, of licences alone, that nobody asks for.
    """

    units: int
    images: int = 1
    others: int = 0


Sizes: TypeAlias = Mapping[Family, FamilySize]

FULL: Sizes = {
    Family.ASSET: FamilySize(units=400),
    Family.PRODUCT: FamilySize(units=120),
    Family.LICENCE: FamilySize(units=40, images=5),
    Family.COLLECTION: FamilySize(units=40, images=5),
    Family.SET: FamilySize(units=36, images=5),
    Family.CHANNEL: FamilySize(units=20, images=5),
}
#: A licence that so many assets rest on, as its grants end.
LICENCES: Sizes = {Family.LICENCE: FamilySize(units=12, images=5)}
QUICK: Sizes = {
    family: FamilySize(units=8 if size.images == 1 else 2, images=min(size.images, 2))
    for family, size in FULL.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture(Image):
    """An image with its number among all."""

    number: int

    def path(self, keys: SigningKeys) -> str:
        """Write its path with a fresh token; an epoch that is over is redirected."""
        return self.url(keys, preset=_PRESET, width_px=_WIDTH_PX, format=Format.JPEG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one revocation takes: an asset or product, or a container with all that rests on it.

    Attributes:
        code: natural key of what is changed; of an asset its public id.
    """

    family: Family
    code: str
    pictures: tuple[Picture, ...]


async def load_catalogue(settings: Settings, url: str, folder: Path, sizes: Sizes) -> None:
    """Draw and import it, as any other catalogue comes in.

    Raises:
        RuntimeError: a record was refused.
    """
    path = await asyncio.to_thread(_write, folder, sizes)
    await import_catalogue(settings, url, path)
    others = sizes[Family.LICENCE].others if Family.LICENCE in sizes else 0
    if others:
        await _add_others(url, others)


def _write(folder: Path, sizes: Sizes) -> Path:
    folder.mkdir(parents=True)
    path = folder / "catalogue.jsonl"
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in _records(sizes)))
    for unit in _units(sizes):
        for asset in unit.assets:
            _draw(folder / f"{asset}.jpg")
    return path


OTHERS_SQL = """
WITH made AS (
    INSERT INTO asset (id, public_id, code, kind, slug)
    SELECT gen_random_uuid(), code, code, 'image', 'other'
    FROM (SELECT 'other' || l.place || 'x' || number AS code
          FROM (SELECT row_number() OVER (ORDER BY code) AS place FROM licence) AS l,
               generate_series(1, $1) AS number) AS codes
    RETURNING id, split_part(substr(code, 6), 'x', 1)::bigint AS place
), epochs AS (
    INSERT INTO asset_epoch (asset) SELECT id FROM made
), states AS (
    INSERT INTO asset_state (id, asset, status) SELECT gen_random_uuid(), id, 'approved' FROM made
)
INSERT INTO asset_licence (asset, licence)
SELECT made.id, l.id
FROM made
JOIN (SELECT id, row_number() OVER (ORDER BY code) AS place FROM licence) AS l USING (place)
"""
ANALYZE_SQL = "ANALYZE"


async def _add_others(url: str, others: int) -> None:
    """Let so many more assets rest on each licence, as rows alone: nobody asks for them."""
    conn = await connect(url, application="vitrine-bench")
    try:
        await conn.execute(OTHERS_SQL, others)
        await conn.execute(ANALYZE_SQL)
    finally:
        await conn.close()


ASSETS_SQL = """
SELECT code, public_id, slug, epoch FROM asset JOIN asset_epoch ON asset = id
WHERE current_version IS NOT NULL
"""
PRODUCTS_SQL = "SELECT sku, public_id FROM product"


async def find_units(conn: Connection, sizes: Sizes) -> list[Unit]:
    """Return every unit with the URLs of its pictures, as the database has them now."""
    assets = {row["code"]: row for row in await conn.fetch(ASSETS_SQL)}
    owners = {row["sku"]: row["public_id"] for row in await conn.fetch(PRODUCTS_SQL)}
    numbers = {code: number for number, code in enumerate(sorted(assets))}
    return [
        Unit(
            family=planned.family,
            code=assets[planned.code]["public_id"]
            if planned.family is Family.ASSET
            else planned.code,
            pictures=tuple(
                Picture(
                    number=numbers[code],
                    asset=assets[code]["public_id"],
                    slug=assets[code]["slug"],
                    epoch=assets[code]["epoch"],
                    channel=planned.channel,
                    owner=owners.get(planned.code),
                )
                for code in planned.assets
            ),
        )
        for planned in _units(sizes)
    ]


@dataclass(frozen=True, slots=True)
class _Planned:
    family: Family
    code: str
    assets: tuple[str, ...]

    @property
    def channel(self) -> str:
        return self.code if self.family is Family.CHANNEL else SHOP


def _units(sizes: Sizes) -> Iterator[_Planned]:
    for family, size in sizes.items():
        for number in range(size.units):
            code = f"SET_{number}" if family is Family.SET else f"{family}-{number}"
            if family is Family.ASSET:
                yield _Planned(family, code, (code,))
            else:
                assets = tuple(f"{code.lower()}-asset-{each}" for each in range(size.images))
                yield _Planned(family, code, assets)


def _records(sizes: Sizes) -> Iterator[dict[str, Any]]:
    yield from FOUNDATION
    yield preset(_PRESET, widths_px=[_WIDTH_PX], formats=["jpg"])
    for unit in _units(sizes):
        yield from _container(unit)
        for asset in unit.assets:
            yield {
                "type": "asset",
                "code": asset,
                "file": f"{asset}.jpg",
                "kind": "image",
                "status": "approved",
                "values": {"title": {"en-US": asset}},
                **_rights(unit),
            }
    skus = [unit.code for unit in _units(sizes) if unit.family is Family.PRODUCT]
    yield {"type": "publication", "channel": SHOP, "skus": skus}


def _container(unit: _Planned) -> Iterator[dict[str, Any]]:
    code, named = unit.code, {"code": unit.code, "name": unit.code}
    match unit.family:
        case Family.ASSET:
            pass
        case Family.PRODUCT:
            for asset in unit.assets:
                yield from product_of(code, asset)
        case Family.LICENCE:
            yield {"type": "licence", "code": code, "licensor": code, "grants": [grant("WORLD")]}
        case Family.COLLECTION:
            yield {"type": "collection", **named}
        case Family.SET:
            yield {"type": "territory_set", **named, "countries": [HOME_COUNTRY, "AT"]}
        case Family.CHANNEL:
            declared = {"country_rule": "declared", "territory": [HOME_COUNTRY]}
            yield {**CHANNEL, **named, "kind": "marketplace", "public": False, **declared}


def _rights(unit: _Planned) -> dict[str, Any]:
    match unit.family:
        case Family.LICENCE:
            return {"licences": [unit.code]}
        case Family.COLLECTION:
            return {"collections": [unit.code], "grants": [grant("WORLD")]}
        case Family.SET:
            return {"grants": [grant(unit.code)]}
        case Family.CHANNEL:
            return {"grants": [grant(HOME_COUNTRY, channel=unit.channel)]}
        case Family.ASSET | Family.PRODUCT:
            return {"grants": [grant("WORLD")]}


def _draw(path: Path) -> None:
    """Draw a picture that no other is equal to; noise, so that its renditions weigh something."""
    noise = PillowImage.effect_noise(_SOURCE_PX, _NOISE)
    hue = random.randrange(360)  # noqa: S311 - a colour
    ImageOps.colorize(noise, f"hsl({hue}, 60%, 20%)", f"hsl({hue}, 60%, 80%)").save(
        path, quality=80
    )
