"""Turns the rows of a CSV into the records of the bulk format, written to a file of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from catalog.bulk.discovery import (
    Discovered,
    category_code,
    category_paths,
    discover,
    option_labels,
)
from catalog.bulk.mapping import AttributePart, Cell, CsvMapping
from catalog.bulk.rows import Row, read_rows, unescaped
from catalog.bulk.source import LINE_KEY
from catalog.media.rules import slug_of

Record = dict[str, Any]

_TRUE = {"yes", "true", "1", "y"}
_FALSE = {"no", "false", "0", "n"}


def write_records(path: Path, mapping: CsvMapping, into: Path) -> Discovered:
    """Map a CSV file to JSON Lines: the same bytes for the same file and mapping.

    Args:
        path: of the CSV.
        mapping: says what its columns mean.
        into: is written; each record carries the line of its row.

    Raises:
        UnreadableFileError: the CSV cannot be read, or lacks a column that the mapping names.
    """
    found = discover(path, mapping)
    with into.open("wb") as file:
        for record in _records(path, mapping, found):
            file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
    return found


def _records(path: Path, mapping: CsvMapping, found: Discovered) -> Iterator[Record]:
    for record in mapping.record:
        yield {"keep_stored": True, LINE_KEY: 0, **record}
    yield from _structure(mapping, found)
    deepest = max((found.depth(sku) for sku in found.parents), default=0)
    seen: set[str] = set()
    for depth in range(deepest + 1):
        # models first: a variant may name only what stands before it
        for row in read_rows(path, mapping):
            if isinstance(row, Row) and found.depth(row.text(mapping.product.sku)) == depth:
                yield _product(row, mapping, found)
                yield from _media(row, mapping, found, seen)


def _structure(mapping: CsvMapping, found: Discovered) -> Iterator[Record]:
    """Yield attributes, families and categories; what is stored of them is kept."""
    kept: Record = {"keep_stored": True}
    for part in mapping.attribute:
        options = found.options.get(part.code, {})
        record = {
            "type": "attribute",
            **part.model_dump(
                exclude={"column", "separator", "kinds", "currency"}, exclude_none=True
            ),
            **kept,
            LINE_KEY: next((each.line for each in options.values()), 0),
        }
        if options:
            record["options"] = [
                {"code": code, "label": {mapping.locale: each.label}}
                for code, each in options.items()
            ]
        yield record
    for code, family in found.families.items():
        yield {
            "type": "family",
            "code": code,
            "label": {mapping.locale: family.label},
            "attributes": [part.code for part in mapping.attribute],
            "required": mapping.family.required,
            "variants": [
                {"code": each.code.replace("{family}", code), "axes": each.axes}
                for each in mapping.family.variants
            ],
            **kept,
            LINE_KEY: family.line,
        }
    for position, (code, category) in enumerate(found.categories.items()):
        yield {
            "type": "category",
            "code": code,
            "label": {mapping.locale: category.label},
            "position": position,
            **({"parent": category.parent} if category.parent else {}),
            **kept,
            LINE_KEY: category.line,
        }


def _product(row: Row, mapping: CsvMapping, found: Discovered) -> Record:
    part = mapping.product
    sku, kind = row.text(part.sku), row.text(part.kind)
    parent = found.parents.get(sku)
    if parent is not None and kind == "SIMPLE":
        kind = "VARIANT"
    record: Record = {
        "type": "product",
        "sku": sku,
        "kind": kind,
        "family": row.text(part.family),
        "values": [
            value
            for each in mapping.attribute
            if kind in each.kinds and (value := _value(row, each, mapping))
        ],
        LINE_KEY: row.line,
    }
    if kind == "MODEL":
        record["family_variant"] = row.text(part.family_variant)
    if parent is not None:
        record["parent"] = parent
    if gtin := row.text(part.gtin):
        record["gtin"] = gtin
    if mapping.category is not None:
        paths = category_paths(row, mapping.category, mapping)
        record["categories"] = list(dict.fromkeys(category_code(steps) for steps in paths))
    return record


def _value(row: Row, part: AttributePart, mapping: CsvMapping) -> Record | None:
    text = row.text(part.column)
    if not text:
        return None
    value: Record = {"attribute": part.code, "data": _data(row, text, part, mapping)}
    return {**value, "locale": mapping.locale} if part.localizable else value


def _data(row: Row, text: str, part: AttributePart, mapping: CsvMapping) -> Any:  # noqa: ANN401, PLR0911 - JSON; one line a type
    """Read a value; what cannot be read stays a text, which the product's rules refuse by name."""
    match part.attribute_type:
        case "rich_text":
            return text
        case "number":
            return _number(text)
        case "boolean":
            word = text.lower()
            return word in _TRUE if word in _TRUE | _FALSE else text
        case "select":
            return next((slug_of(label) for label in option_labels(row, part, mapping)), text)
        case "multiselect":
            labels = option_labels(row, part, mapping)
            return list(dict.fromkeys(slug_of(label) for label in labels))
        case "measurement":
            return {"amount": _number(text), "unit": part.unit}
        case "price":
            return {part.currency: _number(text)}
        case _:
            return unescaped(text, mapping)


def _number(text: str) -> float | int | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _media(row: Row, mapping: CsvMapping, found: Discovered, seen: set[str]) -> Iterator[Record]:
    sku = row.text(mapping.product.sku)
    bound: set[tuple[str, str]] = set()
    for part in mapping.image:
        cell = row.cells.get(part.column, "")
        for each in cell.split(part.separator) if part.separator else [cell]:
            file = each.strip().lstrip("/")
            if not file or (file, part.role) in bound:
                continue
            if file not in seen:
                yield _asset(row, file, mapping, found)
                seen.add(file)
            yield {
                "type": "media_association",
                "product": sku,
                "asset": file,
                "role": part.role,
                "position": len(bound),
                "origin": "pim",
                "status": "approved",
                LINE_KEY: row.line,
            }
            bound.add((file, part.role))


def _asset(row: Row, file: str, mapping: CsvMapping, found: Discovered) -> Record:
    part = mapping.asset
    more = found.parent_cells(row.text(mapping.product.sku))

    def text(template: Cell) -> str:
        return unescaped(row.text(template, more), mapping)

    def value(given: Cell | Mapping[str, Cell]) -> Any:  # noqa: ANN401 - JSON
        if isinstance(given, Cell):
            return text(given)
        return {locale: text(template) for locale, template in given.items()}

    record: Record = {
        "type": "asset",
        "code": file,
        "file": file,
        "kind": "image",
        "status": part.status,
        "values": {key: value(given) for key, given in part.values.items()},
        LINE_KEY: row.line,
    }
    for name in ("licences", "collections", "grants"):
        if given := getattr(part, name):
            record[name] = given
    return record
