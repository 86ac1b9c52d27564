"""schema.org structured data: https://schema.org/Product, ProductGroup, Offer, ImageObject."""

from collections.abc import Iterator, Mapping
from typing import Any

from strawberry.scalars import JSON

from api.images.urls import size_of
from api.request.scene import Scene
from api.schema.attributes import find_attribute, option_label, text_attribute
from api.schema.prices import price_of, price_range_of
from catalog.channels.product_urls import product_url
from catalog.delivery.model import Format
from catalog.graph.context import ReadContext
from catalog.graph.media import Link
from catalog.graph.products import PublishedProduct
from catalog.graph.values import label_of, text_of

_IMAGE_ROLES = ("hero", "gallery")
#: More variants are pages of their own.
MOST_VARIANTS = 100
#: Axes that schema.org has a property for, by the codes that catalogues use.
_PROPERTIES = {
    "color": "color",
    "colour": "color",
    "material": "material",
    "pattern": "pattern",
    "size": "size",
}


def json_ld(published: PublishedProduct, scene: Scene) -> JSON:
    """Return one JSON-LD object, without keys that have nothing to say."""
    links = scene.media.of(published, _IMAGE_ROLES)
    images = [image for link in links if (image := _image(link, scene)) is not None]
    specific = _model(published, scene) if published.kind == "MODEL" else _sold(published, scene)
    return JSON(
        _filled({
            "@context": "https://schema.org",
            **specific,
            "description": text_attribute(published.document, "description", scene.context),
            "brand": _brand(published.document, scene.context),
            "image": images,
            "inLanguage": scene.context.locale,
        })
    )


def url_of(published: PublishedProduct, scene: Scene) -> str | None:
    """Return where people see a product on the channel; None: the channel does not say."""
    context = scene.context
    if context.channel.product_url is None:
        return None
    return product_url(
        context.channel.product_url,
        sku=published.sku,
        public_id=published.public_id,
        locale=context.locale,
        market=context.market.code if context.market else None,
    )


def _model(model: PublishedProduct, scene: Scene) -> dict[str, Any]:
    shown = model.variants[:MOST_VARIANTS]
    return {
        "@type": "ProductGroup",
        "productGroupID": model.sku,
        "name": text_attribute(model.document, "name", scene.context),
        "url": url_of(model, scene),
        "variesBy": [_varies_by(axis, model, scene.context) for axis in _axes(model.document)],
        "offers": _offers(model, scene),
        "hasVariant": [_variant(each, model, scene) for each in shown],
    }


def _sold(product: PublishedProduct, scene: Scene) -> dict[str, Any]:
    document = product.document
    parent = document["parent"]
    return {
        "@type": "Product",
        "sku": product.sku,
        "gtin": document["gtin"],
        "name": text_attribute(document, "name", scene.context),
        "url": url_of(product, scene),
        **_properties(document["options"], document, scene.context),
        "offers": _offer(product, scene),
        "isVariantOf": parent and {"@type": "ProductGroup", "productGroupID": parent["sku"]},
    }


def _variant(variant: PublishedProduct, model: PublishedProduct, scene: Scene) -> dict[str, Any]:
    """Return a variant as its model lists it; what its options are called stands in the model's."""
    hero = scene.media.first_of(variant, "hero")
    return _filled({
        "@type": "Product",
        "sku": variant.sku,
        "gtin": variant.document["gtin"],
        "name": text_attribute(variant.document, "name", scene.context),
        "url": url_of(variant, scene),
        "image": hero and _image_url(hero, scene),
        **_properties(variant.document["options"], model.document, scene.context),
        "offers": _offer(variant, scene),
    })


def _properties(
    options: Mapping[str, str], described_in: Mapping[str, Any], context: ReadContext
) -> dict[str, Any]:
    """Return what options say: schema.org's own properties, and the others by their labels."""
    properties: dict[str, Any] = {}
    others: list[dict[str, str]] = []
    for axis, code in options.items():
        stored = find_attribute(described_in, axis)
        value = option_label(stored, code, context) if stored else code
        if axis in _PROPERTIES:
            properties[_PROPERTIES[axis]] = value
        else:
            name = _label(axis, described_in, context)
            others.append({
                "@type": "PropertyValue",
                "propertyID": axis,
                "name": name,
                "value": value,
            })
    return {**properties, "additionalProperty": others}


def _varies_by(axis: str, model: PublishedProduct, context: ReadContext) -> str:
    if axis in _PROPERTIES:
        return f"https://schema.org/{_PROPERTIES[axis]}"
    return _label(axis, model.document, context)


def _label(axis: str, described_in: Mapping[str, Any], context: ReadContext) -> str:
    stored = find_attribute(described_in, axis)
    label = label_of(stored["label"], context) if stored else None
    return label or axis


def _axes(document: Mapping[str, Any]) -> Iterator[str]:
    for level in document["axes"]:
        yield from level


def _offer(product: PublishedProduct, scene: Scene) -> dict[str, Any] | None:
    price = price_of(product.document, scene.context)
    if price is None:
        return None
    offer = {"@type": "Offer", "price": price.amount, "priceCurrency": price.currency}
    return _filled({**offer, "url": url_of(product, scene)})


def _offers(model: PublishedProduct, scene: Scene) -> dict[str, Any] | None:
    """Return what the variants cost together (https://schema.org/AggregateOffer)."""
    prices = price_range_of(model, scene.context)
    if prices is None:
        return None
    return {
        "@type": "AggregateOffer",
        "lowPrice": prices.min.amount,
        "highPrice": prices.max.amount,
        "priceCurrency": prices.min.currency,
        "offerCount": model.variant_count,
    }


def _brand(document: Mapping[str, Any], context: ReadContext) -> dict[str, str] | None:
    name = text_attribute(document, "brand", context)
    return None if name is None else {"@type": "Brand", "name": name}


def _image(link: Link, scene: Scene) -> dict[str, Any] | None:
    """Return an ImageObject with what search engines show of its licence."""
    asset, preset = link.asset, scene.minter.largest_preset()
    url = _image_url(link, scene)
    if url is None or preset is None:
        return None
    size = size_of(asset, preset.recipe, preset.recipe.widths_px[-1])
    return _filled({
        "@type": "ImageObject",
        "contentUrl": url,
        "width": size.width_px if size else None,
        "height": size.height_px if size else None,
        "caption": text_of(asset.texts.get("alt", ()), scene.context),
        "creditText": asset.terms.record.credit,
        "license": asset.terms.record.web_statement,
        "acquireLicensePage": asset.terms.record.licensor_url,
    })


def _image_url(link: Link, scene: Scene) -> str | None:
    """Return the largest picture that every reader knows; None: there is none."""
    asset, minter = link.asset, scene.minter
    preset = minter.largest_preset()
    if preset is None or asset.kind != "image" or asset.version is None:
        return None
    base = Format.JPEG if Format.JPEG in preset.recipe.formats else Format.AUTO
    return minter.url(asset, link.owner_public_id, preset, preset.recipe.widths_px[-1], base)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, [], "")}
