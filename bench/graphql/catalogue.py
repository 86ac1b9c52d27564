"""The catalogue behind the graph: products in two languages with attributes and four media each."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from PIL import Image, ImageOps

from bench.shop import CHANNEL, SHOP, grant, import_catalogue, preset
from vitrine.settings import Settings

MARKET, COUNTRY, LOCALE = "DE", "DE", "de-DE"
MEDIA_A_PRODUCT = 4
COLOURS = ("red", "blue", "green", "black")
#: Widths of the renditions on cards and on product pages; each comes in three formats.
CARD_PX, GALLERY_PX, SWATCH_PX = (320, 640, 960), (640, 960, 1280, 1600, 2000), (48,)
_ROLES = ("hero", "gallery", "gallery", "gallery")
_FORMATS = ("avif", "webp", "jpg")
_SEED = 20_260_102


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueShape:
    """What is in the catalogue.

    Attributes:
        products: those that lists show.
        pictures: each is shown by several products, never by two on a page of a list by sku.
        picture_px: width and height; small sources have fewer widths in their `srcset`.
        varies: they are models with a variant in each colour, else simple products.
    """

    products: int
    pictures: int
    picture_px: tuple[int, int]
    varies: bool = False


async def load_catalogue(settings: Settings, url: str, folder: Path, shape: CatalogueShape) -> None:
    """Draw and import it, as any other catalogue comes in.

    Raises:
        RuntimeError: a record was refused.
    """
    pictures = await asyncio.to_thread(_draw, folder, shape)
    path = folder / "catalogue.jsonl"
    records = _records(shape, pictures)
    await asyncio.to_thread(path.write_bytes, b"\n".join(map(orjson.dumps, records)))
    await import_catalogue(settings, url, path)


def _records(shape: CatalogueShape, pictures: Sequence[Path]) -> Iterator[dict[str, Any]]:
    yield from _foundation()
    chance = random.Random(_SEED)  # noqa: S311 - of a catalogue
    for number in range(shape.products):
        yield from _product(number, shape, chance)
    for picture in pictures:
        yield _asset(picture)
    for number in range(shape.products):
        yield from _media(number, shape, [picture.stem for picture in pictures])
    skus = [_sku(number) for number in range(shape.products)]
    for start in range(0, len(skus), _PUBLISHED_AT_ONCE):
        part = skus[start : start + _PUBLISHED_AT_ONCE]
        yield {"type": "publication", "channel": SHOP, "skus": part}


_PUBLISHED_AT_ONCE = 500


def _draw(folder: Path, shape: CatalogueShape) -> Sequence[Path]:
    """Draw pictures that are quickly taken in; no two are equal."""
    folder.mkdir(parents=True)
    ramp, paths = Image.linear_gradient("L"), list[Path]()
    for number in range(shape.pictures):
        hue = f"hsl({number % 360}, {20 + number // 360}%"
        path = folder / f"picture-{number:05}.jpg"
        coloured = ImageOps.colorize(ramp, f"{hue}, 20%)", f"{hue}, 80%)")
        ImageOps.fit(coloured, shape.picture_px).save(path, quality=80)
        paths.append(path)
    return paths


def _both(english: str, german: str) -> dict[str, str]:
    return {"en-US": english, LOCALE: german}


def _foundation() -> Iterator[dict[str, Any]]:
    yield {"type": "locale", "code": "en-US", "name": "English"}
    yield {"type": "locale", "code": LOCALE, "name": "Deutsch", "fallback": "en-US"}
    yield {
        "type": "market",
        "code": MARKET,
        "name": "Germany",
        "countries": [COUNTRY],
        "default_locale": LOCALE,
        "currency": "EUR",
    }
    yield {
        **CHANNEL,
        "code": SHOP,
        "name": SHOP,
        "kind": "storefront",
        "public": True,
        "country_rule": "viewer",
        "territory": [],
        "locales": ["en-US", LOCALE],
    }
    yield from _ATTRIBUTES
    yield {
        "type": "family",
        "code": "lamps",
        "label": _both("Lamps", "Leuchten"),
        "attributes": [each["code"] for each in _ATTRIBUTES],
        "variants": [{"code": "lamps-by-colour", "axes": [["colour"]]}],
    }
    yield {
        "type": "licence",
        "code": "studio",
        "licensor": "Studio",
        "credit": "Photograph: Studio",
        "web_statement": "https://studio.example/licence",
        "grants": [grant("WORLD")],
    }
    for code, widths_px in (("card", CARD_PX), ("gallery", GALLERY_PX), ("swatch", SWATCH_PX)):
        yield preset(code, widths_px=widths_px, formats=list(_FORMATS))


def _attribute(code: str, kind: str, german: str, **more: object) -> dict[str, Any]:
    label = _both(code.capitalize(), german)
    return {"type": "attribute", "code": code, "attribute_type": kind, "label": label, **more}


def _options(**labels: str) -> list[dict[str, Any]]:
    return [
        {"code": code, "label": _both(code.capitalize(), german)} for code, german in labels.items()
    ]


_ATTRIBUTES = (
    _attribute("name", "text", "Name", localizable=True),
    _attribute("description", "text", "Beschreibung", localizable=True),
    _attribute("designer", "text", "Entwurf"),
    _attribute("released", "date", "Erschienen"),
    _attribute("price", "price", "Preis"),
    _attribute(
        "colour",
        "select",
        "Farbe",
        options=_options(red="Rot", blue="Blau", green="Grün", black="Schwarz"),
    ),
    _attribute(
        "material",
        "multiselect",
        "Material",
        options=_options(steel="Stahl", oak="Eiche", glass="Glas", linen="Leinen"),
    ),
    _attribute("weight", "measurement", "Gewicht"),
    _attribute("height", "number", "Höhe", unit="cm"),
    _attribute("width", "number", "Breite", unit="cm"),
    _attribute("dimmable", "boolean", "Dimmbar"),
    _attribute("care", "text", "Pflege", localizable=True),
)


def _sku(number: int) -> str:
    return f"LAMP-{number:05}"


def _value(attribute: str, data: object, locale: str | None = None) -> dict[str, Any]:
    stored = {"attribute": attribute, "data": data}
    return stored if locale is None else {**stored, "locale": locale}


def _product(number: int, shape: CatalogueShape, chance: random.Random) -> Iterator[dict[str, Any]]:
    sku, colour = _sku(number), chance.choice(COLOURS)
    common = {"family": "lamps"}
    yield {
        "type": "product",
        "sku": sku,
        **common,
        **({"kind": "MODEL", "family_variant": "lamps-by-colour"} if shape.varies else _SIMPLE),
        "values": [
            _value("name", f"Table lamp {number}", "en-US"),
            _value("name", f"Tischleuchte {number}", LOCALE),
            _value("description", f"A lamp for table {number}, and for long evenings.", "en-US"),
            _value("description", f"Eine Leuchte für Tisch {number} und lange Abende.", LOCALE),
            _value("designer", chance.choice(("Ida Lindqvist", "Studio Kante", "Mio Hasegawa"))),
            _value("released", f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 10)}-01"),
            _value("price", {"EUR": chance.randrange(50, 400), "USD": chance.randrange(50, 400)}),
            _value("material", chance.sample(("steel", "oak", "glass", "linen"), 2)),
            _value("weight", {"amount": chance.randrange(5, 40) / 10, "unit": "kg"}),
            _value("height", chance.randrange(20, 90)),
            _value("width", chance.randrange(10, 40)),
            _value("dimmable", chance.random() < _HALF),
            _value("care", "Wipe it with a dry cloth.", "en-US"),
            _value("care", "Mit einem trockenen Tuch abwischen.", LOCALE),
            *([] if shape.varies else [_value("colour", colour)]),
        ],
    }
    if shape.varies:
        for each in COLOURS:
            yield {
                "type": "product",
                "sku": f"{sku}-{each}",
                **common,
                "kind": "VARIANT",
                "parent": sku,
                "values": [_value("colour", each)],
            }


_SIMPLE = {"kind": "SIMPLE"}
_HALF = 0.5


def _asset(picture: Path) -> dict[str, Any]:
    code = picture.stem
    return {
        "type": "asset",
        "code": code,
        "file": picture.name,
        "kind": "image",
        "status": "approved",
        "values": {
            "title": _both(f"Lamp, {code}", f"Leuchte, {code}"),
            "alt": _both(f"A lamp on a table, {code}", f"Eine Leuchte auf einem Tisch, {code}"),
        },
        "focal_point": {"x": 0.5, "y": 0.25},
        "licences": ["studio"],
    }


def _media(number: int, shape: CatalogueShape, pictures: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Hang four pictures on a product, and on each variant a swatch of its colour."""
    swatches, rest = pictures[: len(COLOURS)], pictures[len(COLOURS) :]
    for place, role in enumerate(_ROLES):
        asset = rest[(number * MEDIA_A_PRODUCT + place) % len(rest)]
        yield _association(_sku(number), asset, role, place)
    if shape.varies:
        for colour, asset in zip(COLOURS, swatches, strict=True):
            yield _association(f"{_sku(number)}-{colour}", asset, "swatch", 0)


def _association(sku: str, asset: str, role: str, position: int) -> dict[str, Any]:
    return {
        "type": "media_association",
        "product": sku,
        "asset": asset,
        "role": role,
        "position": position,
        "origin": "pim",
        "status": "approved",
    }
