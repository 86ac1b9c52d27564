"""The frozen document of a product for a channel, its checksum and its window. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import chain
from typing import Any, cast

import orjson

from catalog.errors import InvalidInputError
from catalog.products.model import Attribute, Family, Label, Product
from catalog.products.values import SourcedValue, ValueScope, sourced_values
from catalog.publication.canonical_json import canonical_json
from catalog.publication.model import (
    ChannelSources,
    Covered,
    CurrentPublication,
    Document,
    RequestedWindow,
)
from catalog.rights.model import Window

#: The other members of a value in a document say where it is stored.
_SAID_OF_VALUES = ("locale", "market", "data")


def build_document(
    product: Product,
    models: Sequence[Product],
    sources: ChannelSources,
    used_below: Mapping[str, AbstractSet[str]],
) -> dict[str, Any]:
    """Freeze a product as its channel shows it.

    Args:
        product: the draft.
        models: its models, nearest first.
        sources: what the documents of the channel are made from.
        used_below: of a model, the options of select axes that products below it have; they are
            described in its document, so that a page shows all swatches from this one document.
    """
    line = [product, *models]
    family = sources.families[product.family]
    axes = family.axes_of(line[-1].family_variant)
    sourced = _sourced(line, sources)
    values = {scope: each.data for scope, each in sourced.items()}
    parent = models[0] if models else None
    return {
        "id": product.public_id,
        "sku": product.sku,
        "gtin": product.gtin,
        "kind": product.kind,
        "family": {"code": family.code, "label": family.label},
        "parent": {"id": parent.public_id, "sku": parent.sku} if parent is not None else None,
        "models": [model.sku for model in models],
        "updatedAt": max(each.updated_at for each in line if each.updated_at).isoformat(),
        "categories": sorted({code for each in line for code in each.categories}),
        "axes": [list(codes) for codes in axes],
        "options": {
            axis: text_of(values[ValueScope(axis, None, None)])
            for axis in chain.from_iterable(axes)
            if ValueScope(axis, None, None) in values
        },
        "attributes": _attributes(family.attributes, sourced, sources, used_below),
    }


def settled_values(line: Sequence[Product], sources: ChannelSources) -> dict[ValueScope, Any]:
    """Return a product's values as the channel shows them: inheritance and channel settled.

    Args:
        line: the product and its models, nearest first.
        sources: of the channel; values in locales that none of its own falls back to are left out.
    """
    return {scope: each.data for scope, each in _sourced(line, sources).items()}


def covered_by(family: Family, sources: ChannelSources) -> Covered:
    """Return what the document of a product of a family can say on its channel."""
    return Covered(attributes=family.attributes, locales=sorted(_locales_of(sources)))


def _locales_of(sources: ChannelSources) -> set[str]:
    return set(chain.from_iterable(sources.locales.values()))


def _sourced(line: Sequence[Product], sources: ChannelSources) -> dict[ValueScope, SourcedValue]:
    shown = {None, *_locales_of(sources)}
    values = sourced_values([each.values for each in line], sources.channel.code)
    return {scope: each for scope, each in values.items() if scope.locale in shown}


def checksum_of(document: Document) -> str:
    """Return the SHA-256 of a document as canonical JSON (RFC 8785), in hexadecimal.

    Whoever holds the document can say whether it is the one that was published.
    """
    return hashlib.sha256(canonical_json(document)).hexdigest()


def content_digest_of(document: Document, sources: ChannelSources) -> str:
    """Return the SHA-256 of what the document says and of how its fallbacks go.

    Of the document without `updatedAt` and without where values are stored, with the fallback
    chains of the channel, since lists are made by them: a channel that gains a locale makes new
    publications.
    """
    return hashlib.sha256(canonical_json(_rests_on(document, sources))).hexdigest()


def checksum_before(document: Document, sources: ChannelSources) -> str:
    """Return the checksum that publications have which have no content digest.

    The same content as sorted JSON, numbers as they were stated: not to be found from the document
    alone. Only for telling whether publishing again would say the same.
    """
    rests_on = _rests_on(document, sources)
    sorted_json = orjson.dumps(rests_on, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(sorted_json).hexdigest()


def _rests_on(document: Document, sources: ChannelSources) -> list[object]:
    is_by_market = any(
        value["market"] is not None
        for attribute in document["attributes"]
        for value in attribute["values"]
    )
    said = {key: each for key, each in document.items() if key not in {"updatedAt", "models"}}
    said["attributes"] = [_said_of(attribute) for attribute in document["attributes"]]
    return [said, sources.locales, sources.markets if is_by_market else None]


def _said_of(attribute: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attribute of a document without where its values are stored."""
    values = [{name: each[name] for name in _SAID_OF_VALUES} for each in attribute["values"]]
    return {**attribute, "values": values}


def window_of(
    asked: RequestedWindow, current: CurrentPublication | None, above: Window | None, now: datetime
) -> Window:
    """Return when a publication is visible.

    Args:
        asked: what the publisher says.
        current: what is stored; a window that is over counts for nothing.
        above: the window of its model.
        now: when a new publication begins that nobody says more about.

    Raises:
        InvalidInputError: it would end before it begins.
    """
    is_kept = current is not None and current.is_live and current.window.end > now
    base = current.window if current is not None and is_kept else above or Window(start=now)
    window = Window(start=asked.start or base.start, end=asked.end or base.end)
    if window.end <= window.start:
        raise InvalidInputError(
            f"it would end ({window.end.isoformat()}) before it begins "
            f"({window.start.isoformat()}): give a later end",
            field="visible_until",
        )
    return window


def text_of(data: object) -> str:
    """Write a value as facets and options do: `red`, `true`, `1.5`, `1.5 kg`."""
    if isinstance(data, str):
        return data
    if isinstance(data, dict):
        measured = cast("dict[str, object]", data)
        return f"{text_of(measured['amount'])} {measured['unit']}"
    if isinstance(data, float) and data.is_integer():
        data = int(data)
    return orjson.dumps(data).decode()


def _attributes(
    codes: Iterable[str],
    values: Mapping[ValueScope, SourcedValue],
    sources: ChannelSources,
    used_below: Mapping[str, AbstractSet[str]],
) -> list[dict[str, object]]:
    by_attribute: dict[str, list[ValueScope]] = {}
    for scope in values:
        by_attribute.setdefault(scope.attribute, []).append(scope)
    described: list[dict[str, object]] = []
    for code in codes:
        scopes = by_attribute.get(code, [])
        if not scopes and code not in used_below:
            continue
        scopes.sort(key=lambda scope: (scope.locale or "", scope.market or ""))
        attribute = sources.attributes[code]
        described.append({
            "code": code,
            "type": attribute.attribute_type,
            "label": attribute.label,
            "unit": attribute.unit,
            "group": attribute.group,
            **_columns(attribute),
            "values": [_stored_value(scope, values[scope]) for scope in scopes],
            "options": _options(
                _choices(attribute, sources),
                [values[scope].data for scope in scopes],
                used_below.get(code, set()),
            ),
        })
    return described


def _stored_value(scope: ValueScope, value: SourcedValue) -> dict[str, object]:
    """Write a value; `from` is the place in the line of an inherited one: 1 is the model."""
    stored: dict[str, object] = {"locale": scope.locale, "market": scope.market, "data": value.data}
    if value.place:
        stored["from"] = value.place
    if value.channel is not None:
        stored["channel"] = value.channel
    return stored


def _columns(attribute: Attribute) -> dict[str, object]:
    """Return the columns of a table; nothing of all else, whose documents stay as they are."""
    is_table = attribute.attribute_type == "table"
    return {"columns": attribute.validation["columns"]} if is_table else {}


def _choices(attribute: Attribute, sources: ChannelSources) -> Mapping[str, Label]:
    """Return the labels of the options of an attribute, or of the terms that it is held to."""
    vocabulary = attribute.validation.get("vocabulary")
    if vocabulary is not None:
        return sources.terms.get(vocabulary, {})
    return {option.code: option.label for option in attribute.options}


def _options(
    choices: Mapping[str, Label], data: Iterable[Any], used_below: AbstractSet[str]
) -> dict[str, object]:
    if not choices:
        return {}
    used = set(used_below)
    for each in data:
        used.update([each] if isinstance(each, str) else each)
    return {
        code: {"label": label, "position": place}
        for place, (code, label) in enumerate(choices.items())
        if code in used
    }
