"""schema.org structured data: https://schema.org/Product, ProductGroup, ImageObject."""

from collections.abc import Mapping
from typing import Any

from strawberry.scalars import JSON

from api.images import size_of
from api.scene import Scene
from api.schema.attributes import text_attribute
from catalog.delivery.model import Format
from catalog.graph.context import ReadContext
from catalog.graph.media import Link
from catalog.graph.products import Published
from catalog.graph.values import text_of

_IMAGE_ROLES = ("hero", "gallery")


def json_ld(published: Published, scene: Scene) -> JSON:
    """Return one JSON-LD object, without keys that have nothing to say."""
    document, context = published.document, scene.context
    is_model = published.kind == "MODEL"
    links = scene.media.of(published, _IMAGE_ROLES)
    images = [image for link in links if (image := _image(link, scene)) is not None]
    product: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ProductGroup" if is_model else "Product",
        "productGroupID" if is_model else "sku": published.sku,
        "gtin": document["gtin"],
        "name": text_attribute(document, "name", context),
        "description": text_attribute(document, "description", context),
        "brand": _brand(document, context),
        "image": images,
        "inLanguage": context.locale,
    }
    if is_model:
        product["variesBy"] = [axis for level in document["axes"] for axis in level]
    else:
        axes = [axis for level in document["axes"] for axis in level]
        product["additionalProperty"] = [
            {"@type": "PropertyValue", "name": axis, "value": document["options"].get(axis)}
            for axis in axes
        ]
        parent = document["parent"]
        if parent is not None:
            product["isVariantOf"] = {"@type": "ProductGroup", "productGroupID": parent["sku"]}
    return JSON({key: value for key, value in product.items() if value not in (None, [], "")})


def _brand(document: Mapping[str, Any], context: ReadContext) -> dict[str, str] | None:
    name = text_attribute(document, "brand", context)
    return None if name is None else {"@type": "Brand", "name": name}


def _image(link: Link, scene: Scene) -> dict[str, Any] | None:
    """Return an ImageObject with what search engines show of its licence."""
    asset, minter = link.asset, scene.minter
    preset = minter.largest_preset()
    if preset is None or asset.kind != "image" or asset.version is None:
        return None
    recipe = preset.recipe
    base = Format.JPEG if Format.JPEG in recipe.formats else Format.AUTO
    width_px = recipe.widths_px[-1]
    size = size_of(asset, recipe, width_px)
    image = {
        "@type": "ImageObject",
        "contentUrl": minter.url(asset, link.owner_public_id, preset, width_px, base),
        "width": size.width_px if size else None,
        "height": size.height_px if size else None,
        "caption": text_of(asset.texts.get("alt", ()), scene.context),
        "creditText": asset.record.credit,
        "license": asset.record.web_statement,
        "acquireLicensePage": asset.record.licensor_url,
    }
    return {key: value for key, value in image.items() if value is not None}
