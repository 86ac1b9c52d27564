"""The pictures of rows: the assets that they are, and the products that they show."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from catalog.bulk.cells import Cell
from catalog.bulk.discovery import Discovery
from catalog.bulk.drafts import Draft, MediaPlace, Pictures, scope_of
from catalog.bulk.mapping import CsvMapping, ImagePart
from catalog.bulk.model import LINE_KEY
from catalog.bulk.rows import Row, unescaped

Record = dict[str, Any]

_OF_EVERY_ASSET = (
    *("status", "revoke_approval", "replace_values"),
    *("licences", "collections", "grants"),
)


def take_pictures(row: Row, draft: Draft, kind: str, mapping: CsvMapping, found: Discovery) -> None:
    """Take in what a row says of the pictures of a product."""
    for index, part in enumerate(mapping.image):
        if kind and kind not in mapping.kinds_of(part):
            continue
        cell = row.said(part.column)
        place = MediaPlace(part.role, part.locale, part.market, part.channel)
        pictures = draft.media.setdefault(place, Pictures())
        is_stated = cell is not None and not part.add and not part.remove
        pictures.stated[index] = pictures.stated.get(index, False) or is_stated
        for file in files_in(cell or "", part):
            if part.remove:
                pictures.removed.setdefault(file, row.line)
                continue
            pictures.files.setdefault(file, row.line)
            if file not in draft.assets:
                draft.assets[file] = _asset(row, file, draft.sku, mapping, found)


def files_in(cell: str, part: ImagePart) -> Iterator[str]:
    """Yield the paths that a cell names, composed: one code for both spellings of an umlaut."""
    for each in cell.split(part.separator) if part.separator else [cell]:
        file = each.strip()
        if part.basename:
            path = re.split(r"[?#]", file)[0] if "://" in file else file
            file = (unquote(path) if "://" in file else path).rpartition("/")[2]
        if file := unicodedata.normalize("NFC", file).lstrip("/"):
            yield file


def asset_records(draft: Draft, seen: set[str]) -> Iterator[Record]:
    """Yield the assets of a product that nobody named before.

    Args:
        draft: the product.
        seen: files that are assets already; gets those that are yielded.
    """
    for file, record in draft.assets.items():
        if file not in seen:
            yield record
            seen.add(file)


def association_records(draft: Draft) -> Iterator[Record]:
    """Yield what a product shows, and for each role that its rows speak of, that this is all."""
    position = 0
    for place, pictures in draft.media.items():
        scope = scope_of(place)
        for file, line in pictures.files.items():
            yield {
                "type": "media_association",
                "product": draft.sku,
                "asset": file,
                "role": place.role,
                **scope,
                "position": position,
                "origin": "pim",
                "status": "approved",
                LINE_KEY: line,
            }
            position += 1
        assets: Any = None
        if pictures.is_whole:
            assets = list(pictures.files)
        elif pictures.removed:
            assets = {"remove": list(pictures.removed)}
        if assets is not None:
            yield {
                "type": "media_set",
                "product": draft.sku,
                "role": place.role,
                **scope,
                "assets": assets,
                LINE_KEY: draft.line,
            }


def _asset(row: Row, file: str, sku: str, mapping: CsvMapping, found: Discovery) -> Record:
    part = mapping.asset
    more = found.parent_cells(sku)

    def is_null(template: Cell) -> bool:
        return row.said(template) is not None

    def text(template: Cell) -> str | None:
        return unescaped(row.text(template, more), mapping) or None

    values: Record = {}
    for key, given in part.values.items():
        if not isinstance(given, Cell):
            texts = {locale: text(each) for locale, each in given.items()}
            values[key] = {at: each for at, each in texts.items() if each or is_null(given[at])}
        elif (one := text(given)) or is_null(given):
            values[key] = one
    record: Record = {
        "type": "asset",
        "code": file,
        "file": file,
        "kind": "image",
        "values": values,
        LINE_KEY: row.line,
    }
    for name in _OF_EVERY_ASSET:
        if given := getattr(part, name):
            record[name] = given
    return record
