"""What a CSV file holds, found in one pass: families, categories, options, who is whose variant."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from catalog.bulk.cell_values import option_labels
from catalog.bulk.codes import CategoryTree, Codes
from catalog.bulk.known_structure import KnownStructure
from catalog.bulk.mapping import AttributePart, CategoryPart, CsvMapping, templates_of
from catalog.bulk.model import InvalidRecordError, LineRefusal
from catalog.bulk.rows import Row, read_rows, unescaped
from catalog.errors import InvalidInputError

_PARENT = "parent."
_MAX_DEPTH = 3
_WITH_OPTIONS = {"select", "multiselect"}


@dataclass(slots=True, kw_only=True)
class DiscoveredItem:
    """Something that a row named first: its labels by locale, and the line of that row.

    Attributes:
        spelled: of a family what its code was made from.
    """

    line: int
    label: dict[str, str]
    parent: str | None = None
    spelled: str = ""


@dataclass(slots=True, kw_only=True)
class Group:
    """The rows that name one model along.

    Attributes:
        sku: of the first product that they name.
        last: the line of the last of them.
        is_model: whether they are variants; else all of them are one simple product.
    """

    sku: str = ""
    last: int = 0
    is_model: bool = False


@dataclass(slots=True, kw_only=True)
class Discovery:
    """What the rows name, each by its code in the order of the file.

    Attributes:
        codes: what the labels of each attribute's options mean.
        tree: what paths of categories mean.
        parents: sku of the model, by the sku of its variant.
        last: the line of the last row of each product.
        groups: by the sku of the model that rows name along.
        borrowed: the cells of rows that templates take from a parent, by its sku.
    """

    families: dict[str, DiscoveredItem] = field(default_factory=dict[str, DiscoveredItem])
    categories: dict[str, DiscoveredItem] = field(default_factory=dict[str, DiscoveredItem])
    options: dict[str, dict[str, DiscoveredItem]] = field(
        default_factory=dict[str, dict[str, DiscoveredItem]]
    )
    codes: dict[str, Codes] = field(default_factory=dict[str, Codes])
    tree: CategoryTree | None = None
    parents: dict[str, str] = field(default_factory=dict[str, str])
    last: dict[str, int] = field(default_factory=dict[str, int])
    groups: dict[str, Group] = field(default_factory=dict[str, Group])
    borrowed: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

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


def discover(
    path: Path, mapping: CsvMapping, known: KnownStructure, refuse: Callable[[LineRefusal], None]
) -> Discovery:
    """Read a CSV file once.

    Args:
        path: of the CSV.
        mapping: bound to its header.
        known: what the catalogue has.
        refuse: called for each row that cannot be read.

    Raises:
        UnreadableFileError: it cannot be read.
    """
    found = Discovery()
    for part in mapping.attribute:
        if part.attribute_type in _WITH_OPTIONS:
            found.codes[part.code] = Codes(known.options.get(part.code, {}), mapping.locale)
    if mapping.category is not None:
        found.tree = CategoryTree(known.categories, mapping.category.root, mapping.locale)
    wanted = {
        column.removeprefix(_PARENT)
        for template in templates_of(mapping.asset)
        for column in template.fields()
        if column.startswith(_PARENT)
    }
    for row in read_rows(path, mapping):
        if not isinstance(row, Row):
            line, error = row
            refuse(LineRefusal.of(line, error))
        elif names_product(row, mapping):
            _note(row, mapping, found, wanted)
        else:
            column = ", ".join(mapping.product.sku.fields()) or None
            error = InvalidRecordError("the row names no product: write its sku", field=column)
            refuse(LineRefusal.of(row.line, error))
    for code, group in found.groups.items():
        found.last[code if group.is_model else group.sku] = group.last
    return found


def names_product(row: Row, mapping: CsvMapping) -> bool:
    """Return whether a row says what it is about."""
    return bool(row.text(mapping.product.sku) or (mapping.model and row.text(mapping.model.sku)))


def _note(row: Row, mapping: CsvMapping, found: Discovery, wanted: set[str]) -> None:
    sku = row.text(mapping.product.sku)
    group = row.text(mapping.model.sku) if mapping.model else ""
    if group:
        _note_group(row, group, sku, mapping, found)
    if sku:
        found.last[sku] = row.line
    _note_family(row, mapping, found)
    _note_parents(row, sku, mapping, found)
    for part in mapping.attribute:
        _note_options(row, part, mapping, found)
    if mapping.category is not None:
        _note_categories(row, mapping.category, mapping, found)
    cells = {column: row.cells[column] for column in wanted if column in row.cells}
    if cells and (group or sku not in found.parents):
        found.borrowed[group or sku] = {**cells, **found.borrowed.get(group or sku, {})}


def _note_family(row: Row, mapping: CsvMapping, found: Discovery) -> None:
    code = row.text(mapping.product.family)
    if code and code not in found.families:
        label = row.text(mapping.family.label) or code
        found.families[code] = DiscoveredItem(
            line=row.line, label={mapping.locale: label}, spelled=family_name(row, mapping)
        )


def family_name(row: Row, mapping: CsvMapping) -> str:
    """Return what the code of a row's family is made from; empty where it is no slug."""
    cell = mapping.product.family
    if cell is None or not cell.slug:
        return ""
    return row.text(cell.model_copy(update={"slug": False}))


def _note_group(row: Row, code: str, sku: str, mapping: CsvMapping, found: Discovery) -> None:
    assert mapping.model is not None  # noqa: S101 - rows have groups by it
    group = found.groups.setdefault(code, Group())
    group.last = row.line
    if sku and all(each.takes(row.text(each.column)) for each in mapping.model.where):
        group.is_model = True
        found.parents[sku] = code
    group.sku = group.sku or sku


def _note_parents(row: Row, sku: str, mapping: CsvMapping, found: Discovery) -> None:
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


def _note_options(row: Row, part: AttributePart, mapping: CsvMapping, found: Discovery) -> None:
    codes = found.codes.get(part.code)
    if codes is None or not all(each.takes(row.text(each.column)) for each in part.where):
        return
    options = found.options.setdefault(part.code, {})
    for each in part.places():
        for label in option_labels(row.text(each.column), part, mapping):
            try:
                code = codes.code_of(label)
            except InvalidInputError:
                continue  # its row is refused when its values are read
            labels = {
                locale: unescaped(text, mapping)
                for locale, cell in part.option_label.items()
                if (text := row.text(cell))
            }
            label_of = {mapping.locale: label} | labels
            options.setdefault(code, DiscoveredItem(line=row.line, label=label_of))


def category_paths(row: Row, part: CategoryPart, mapping: CsvMapping) -> Iterator[list[str]]:
    """Yield the paths of a row's categories, as labels from below the root to the leaf."""
    text = unescaped(row.text(part.column), mapping)
    for path in text.split(part.separator):
        steps = [each for step in path.split(part.path) if (each := step.strip())][part.skip :]
        if steps:
            yield steps


def _note_categories(row: Row, part: CategoryPart, mapping: CsvMapping, found: Discovery) -> None:
    assert found.tree is not None  # noqa: S101 - the mapping has categories
    for steps in category_paths(row, part, mapping):
        root = DiscoveredItem(line=row.line, label={mapping.locale: part.label or part.root})
        found.categories.setdefault(part.root, root)
        try:
            path = found.tree.path_of(steps)
        except InvalidInputError:
            continue  # its row is refused when its categories are read
        for step, (code, parent) in zip(steps, path, strict=False):
            named = DiscoveredItem(line=row.line, label={mapping.locale: step}, parent=parent)
            found.categories.setdefault(code, named)
