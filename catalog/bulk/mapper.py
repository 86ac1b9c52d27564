"""Turns the rows of a CSV into the records of the bulk format, written to a file of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from catalog.bulk.cell_values import CellValue, CellValueKey, counts, values_in
from catalog.bulk.codes import label_key
from catalog.bulk.discovery import Discovery, category_paths, family_name
from catalog.bulk.drafts import Draft
from catalog.bulk.known_structure import KnownStructure
from catalog.bulk.mapping import CategoryPart, CsvMapping
from catalog.bulk.model import FAULTS_KEY, LINE_KEY, LineRefusal
from catalog.bulk.pictures import asset_records, association_records, take_pictures
from catalog.bulk.rows import Row, read_rows
from catalog.bulk.structure import MadeFamily, structure_records
from catalog.errors import InvalidInputError
from catalog.products.model import Family

Record = dict[str, Any]


class RecordsWriter:
    """Writes what a CSV means as JSON Lines.

    The same bytes for the same files, mappings and catalogue; each with the line of its row.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, record: Record) -> None:
        """Write a record."""
        self._file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    def refuse(self, refusal: LineRefusal) -> None:
        """Write in place of a record why a row makes none: it is refused with the records."""
        self.write({FAULTS_KEY: [refusal.as_dict()], LINE_KEY: refusal.line})


class Mapper:
    """Maps one file.

    Args:
        path: of the CSV.
        mapping: bound to its header.
        known: what there is beside it.
        found: what the rows name.
    """

    def __init__(
        self, path: Path, mapping: CsvMapping, known: KnownStructure, found: Discovery
    ) -> None:
        self._path, self._mapping, self._known, self._found = path, mapping, known, found
        self._seen: set[str] = set()  # files that are assets already

    def records(
        self, made: Mapping[str, MadeFamily], stored: Mapping[str, Family]
    ) -> Iterator[Record]:
        """Yield the records that the file means.

        Args:
            made: the families that the rows name, as all mappings of the import make them.
            stored: those that are stored.
        """
        for record in self._mapping.record:
            yield {"keep_stored": True, LINE_KEY: 0, **record}
        yield from structure_records(self._mapping, self._found, made, stored)
        deepest = max((self._found.depth(sku) for sku in self._found.parents), default=0)
        for depth in range(deepest + 1):
            # models first: a picture has the texts of the highest product that shows it
            yield from self._products(depth)

    def _products(self, depth: int) -> Iterator[Record]:
        """Yield each product of a level after its last row."""
        drafts: dict[str, Draft] = {}
        for row in read_rows(self._path, self._mapping):
            if not isinstance(row, Row):
                continue
            for sku, kind in self._named(row):
                if self._found.depth(sku) != depth:
                    continue
                draft = drafts.get(sku)
                if draft is None:
                    parent = self._found.parents.get(sku)
                    draft = Draft(sku=sku, line=row.line, kind=kind, parent=parent)
                    drafts[sku] = draft
                self._take(row, draft, kind)
                if row.line >= self._found.last[sku]:
                    yield from self._finished(drafts.pop(sku))

    def _named(self, row: Row) -> Iterator[tuple[str, str]]:
        """Yield the sku and kind of every product that a row speaks of; an empty kind: as stored.

        A simple product that has a parent is a variant.
        """
        product, model = self._mapping.product, self._mapping.model
        sku = row.text(product.sku)
        group = row.text(model.sku) if model else ""
        if group:
            rows = self._found.groups[group]
            if rows.is_model:
                yield group, "MODEL"
                if sku:
                    yield sku, "VARIANT"
            else:
                yield rows.sku, "SIMPLE"
            return
        if product.kind is not None:
            kind = row.text(product.kind)
        else:
            kind = "SIMPLE" if product.family is not None or model is not None else ""
        if not sku:
            return  # refused when the file was first read
        is_below = kind in {"SIMPLE", ""} and sku in self._found.parents
        yield sku, "VARIANT" if is_below else kind

    def _take(self, row: Row, draft: Draft, kind: str) -> None:
        mapping = self._mapping
        part, model = mapping.product, mapping.model
        variant = (model.family_variant if model else None) or part.family_variant
        fields = [("family", part.family), ("family_variant", variant)]
        if model is None or kind != "MODEL":
            fields.append(("gtin", part.gtin))
        for name, cell in fields:
            if cell is not None and (text := row.said(cell)) is not None:
                place = CellValueKey(name, None, None, None, None)
                column = ", ".join(cell.fields())
                draft.state(name, CellValue(place=place, data=text, line=row.line, column=column))
        family = row.text(part.family)
        self._check_family(row, draft, family)
        for each in mapping.attribute:
            if (kind and kind not in mapping.kinds_of(each)) or not counts(row, each, family):
                continue
            codes = self._found.codes.get(each.code)
            for said in values_in(row, each, mapping, self._known, codes):
                if isinstance(said, InvalidInputError):
                    draft.fault(row.line, said)
                else:
                    draft.take(said)
        category = mapping.category
        if category is not None and (not kind or kind in mapping.kinds_of(category)):
            self._take_categories(row, draft, category)
        take_pictures(row, draft, kind, mapping, self._found)

    def _check_family(self, row: Row, draft: Draft, code: str) -> None:
        """Note where two families would share the code that is made of their names."""
        named, cell = self._found.families.get(code), self._mapping.product.family
        spelled = family_name(row, self._mapping)
        if named is None or cell is None or label_key(spelled) == label_key(named.spelled):
            return
        message = (
            f"{spelled!r} and {named.spelled!r} would be one family {code!r}: give one of them a "
            "code of its own with `map`"
        )
        column = ", ".join(cell.fields()) or None
        draft.fault(row.line, InvalidInputError(message, field=column))

    def _take_categories(self, row: Row, draft: Draft, part: CategoryPart) -> None:
        tree = self._found.tree
        assert tree is not None  # noqa: S101 - the mapping has categories
        if row.said(part.column) is None:
            return
        named = draft.categories or []
        try:
            for steps in category_paths(row, part, self._mapping):
                named.append(tree.path_of(steps)[-1][0])
        except InvalidInputError as error:
            column = ", ".join(part.column.fields())
            draft.fault(row.line, InvalidInputError(error.message, field=column))
        draft.categories = list(dict.fromkeys(named))

    def _finished(self, draft: Draft) -> Iterator[Record]:
        record = self._product(draft)
        if draft.faults:
            # refused when it is applied, so that what follows from it says so
            record[FAULTS_KEY] = [each.as_dict() for each in draft.faults]
        yield record
        yield from asset_records(draft, self._seen)
        if not draft.faults:
            yield from association_records(draft)

    def _product(self, draft: Draft) -> Record:
        part = self._mapping.product
        values = list(draft.values_record(is_whole=part.replace_values))
        variant = draft.text("family_variant") if draft.kind == "MODEL" else None
        stated = {
            "kind": draft.kind or None,
            "family": draft.text("family") or None,
            "family_variant": variant or None,
            "parent": draft.parent,
            # an empty one takes it away
            "gtin": draft.text("gtin") if "gtin" in draft.texts else None,
            "strict_gtin": part.strict_gtin or None,
            "categories": self._categories(draft),
            "values": values if values or part.replace_values else None,
            "replace_values": part.replace_values or None,
        }
        told = {name: value for name, value in stated.items() if value is not None}
        return {"type": "product", "sku": draft.sku, **told, LINE_KEY: draft.line}

    def _categories(self, draft: Draft) -> Any:  # noqa: ANN401 - JSON
        part = self._mapping.category
        if draft.categories is None or part is None or not (part.add or part.remove):
            return draft.categories
        return {"add" if part.add else "remove": draft.categories}
