"""What a CSV file holds, found in one pass: families, categories, options, who is whose variant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from catalog.bulk.mapping import AttributePart, CategoryPart, CsvMapping, templates_of
from catalog.bulk.model import Refusal
from catalog.bulk.rows import Row, read_rows, unescaped
from catalog.media.rules import slug_of

_PARENT = "parent."
_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something that a row named first: its label, and the line of that row."""

    line: int
    label: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What the rows name, each by its code in the order of the file.

    Attributes:
        parents: sku of the model, by the sku of its variant.
        options: of each attribute that has any.
        borrowed: the cells of rows that templates take from a parent, by its sku.
        refused: rows that cannot be read.
    """

    families: dict[str, Named] = field(default_factory=dict[str, Named])
    categories: dict[str, Named] = field(default_factory=dict[str, Named])
    options: dict[str, dict[str, Named]] = field(default_factory=dict[str, dict[str, Named]])
    parents: dict[str, str] = field(default_factory=dict[str, str])
    borrowed: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    refused: list[Refusal] = field(default_factory=list[Refusal])

    def depth(self, sku: str) -> int:
        """Return how many models are above a product; a circle counts as the most."""
        depth = 0
        while depth < _MAX_DEPTH and sku in self.parents:
            sku, depth = self.parents[sku], depth + 1
        return depth

    def parent_cells(self, sku: str) -> dict[str, str]:
        """Return what templates may take from the parent of a product, or from itself."""
        cells = self.borrowed.get(self.parents.get(sku, sku), {})
        return {f"{_PARENT}{column}": text for column, text in cells.items()}


def discover(path: Path, mapping: CsvMapping) -> Discovered:
    """Read a CSV file once.

    Raises:
        UnreadableFileError: it cannot be read, or lacks a column that the mapping names.
    """
    found = Discovered()
    wanted = {
        column.removeprefix(_PARENT)
        for template in templates_of(mapping.asset)
        for column in template.fields()
        if column.startswith(_PARENT)
    }
    for row in read_rows(path, mapping):
        if not isinstance(row, Row):
            line, error = row
            found.refused.append(Refusal.of(line, error))
            continue
        sku = row.text(mapping.product.sku)
        _note_family(row, mapping, found)
        _note_parents(row, sku, mapping, found)
        for part in mapping.attribute:
            _note_options(row, part, mapping, found)
        if mapping.category is not None:
            for steps in category_paths(row, mapping.category, mapping):
                _note_category(row.line, steps, mapping.category, found)
        cells = {column: row.cells[column] for column in wanted if column in row.cells}
        if cells and sku not in found.parents:
            found.borrowed[sku] = cells
    return found


def _note_family(row: Row, mapping: CsvMapping, found: Discovered) -> None:
    code = row.text(mapping.product.family)
    if code and code not in found.families:
        label = row.text(mapping.family.label) or code
        found.families[code] = Named(line=row.line, label=label)


def _note_parents(row: Row, sku: str, mapping: CsvMapping, found: Discovered) -> None:
    if parent := row.text(mapping.product.parent):
        found.parents[sku] = parent
    children = mapping.product.children
    if children is None or children.column not in row.cells:
        return
    for child in row.cells[children.column].split(children.each):
        code = _value_of(children.sku, child.split(children.pair), children.equals)
        if code:
            found.parents[code] = sku
            found.borrowed.pop(code, None)


def _value_of(key: str, pairs: list[str], equals: str) -> str:
    for pair in pairs:
        name, _, value = pair.partition(equals)
        if name.strip() == key:
            return value.strip()
    return ""


def _note_options(row: Row, part: AttributePart, mapping: CsvMapping, found: Discovered) -> None:
    for label in option_labels(row, part, mapping):
        options = found.options.setdefault(part.code, {})
        options.setdefault(slug_of(label), Named(line=row.line, label=label))


def option_labels(row: Row, part: AttributePart, mapping: CsvMapping) -> list[str]:
    """Return the labels of the options that a row chooses of an attribute."""
    text = unescaped(row.text(part.column), mapping)
    if part.attribute_type == "select":
        labels = [text]
    elif part.attribute_type == "multiselect":
        labels = text.split(part.separator)
    else:
        return []
    return [label.strip() for label in labels if slug_of(label)]


def category_paths(row: Row, part: CategoryPart, mapping: CsvMapping) -> Iterator[list[str]]:
    """Yield the paths of a row's categories, as labels from below the root to the leaf."""
    text = unescaped(row.cells.get(part.column, ""), mapping)
    for path in text.split(part.separator):
        steps = [step.strip() for step in path.split(part.path) if slug_of(step)][part.skip :]
        if steps:
            yield steps


def category_code(steps: list[str]) -> str:
    """Return the code of a category: the slugs of its path."""
    return "-".join(slug_of(step) for step in steps)


def _note_category(line: int, steps: list[str], part: CategoryPart, found: Discovered) -> None:
    found.categories.setdefault(part.root, Named(line=line, label=part.label))
    parent = part.root
    for place, step in enumerate(steps, start=1):
        code = category_code(steps[:place])
        found.categories.setdefault(code, Named(line=line, label=step, parent=parent))
        parent = code
