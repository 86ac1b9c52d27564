"""A mapping held against the header of a file and the catalogue: what it names has to be there."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from babel.numbers import is_currency

from catalog.bulk.cells import Cell
from catalog.bulk.known_structure import KnownStructure
from catalog.bulk.mapping import AttributePart, ColumnPart, CsvMapping
from catalog.bulk.model import UnreadableFileError

_SCOPE = re.compile(r"\{(locale|market|channel|currency)\}")
_SHOWN = 30  # columns that a message lists
_TEXTS = {"text", "rich_text", "term"}  # take the same values
_FROM_STORED = ("localizable", "scopable", "market_scoped")


def bind(mapping: CsvMapping, header: Sequence[str], known: KnownStructure) -> CsvMapping:
    """Return a mapping whose headers with `{locale}` and the like are the columns of a file.

    Args:
        mapping: as it was read.
        header: the names of the columns.
        known: the catalogue.

    Raises:
        UnreadableFileError: a column is missing or there twice, or an attribute is stored as
            another one.
    """
    attributes = tuple(
        _with_columns(_as_stored(part, known, place), header, mapping, known, place)
        for place, part in enumerate(mapping.attribute)
    )
    # what each column says is found once, not for every row
    attributes = tuple(
        part.model_copy(update={"column": None, "columns": part.places()}) for part in attributes
    )
    bound = mapping.model_copy(update={"attribute": attributes})
    for place, part in enumerate(attributes):
        if part.attribute_type == "measurement" and not all(each.unit for each in part.places()):
            raise UnreadableFileError(
                f"attribute.{place}: say the unit of {part.code!r}: `unit`, or the column that "
                "names it, `unit_column`",
                field=f"attribute.{place}.unit",
            )
    times = Counter(header)
    for key, column in named_columns(bound):
        base = column if column in times else column.partition(".")[0]
        if base not in times or (base != column and base not in mapping.pairs):
            raise UnreadableFileError(
                f"{key}: there is no column {column!r}: choose one of {_shown(header)}"
                f"{_delimiter_hint(header, mapping.csv.delimiter)}",
                field=column,
            )
        if times[base] > 1:
            places = [str(at) for at, each in enumerate(header, start=1) if each == base]
            raise UnreadableFileError(
                f"{key}: the header has the column {base!r} {times[base]} times, as cells "
                f"{', '.join(places)} of line 1: give each column a name of its own",
                field=column,
            )
    return bound


def named_columns(mapping: CsvMapping) -> Iterator[tuple[str, str]]:
    """Yield every column that a mapping names, with the key that names it."""
    for key, cell in _cells(mapping):
        yield from ((key, column) for column in cell.fields())
    yield from ((f"pairs.{column}", column) for column in mapping.pairs)
    if mapping.product.children:
        yield "product.children", mapping.product.children.column


def _cells(mapping: CsvMapping) -> Iterator[tuple[str, Cell]]:
    product, model = mapping.product, mapping.model
    for name in ("sku", "kind", "family", "family_variant", "parent", "gtin"):
        if (cell := getattr(product, name)) is not None:
            yield f"product.{name}", cell
    for place, each in enumerate(mapping.where):
        yield f"where.{place}", each.column
    if model is not None:
        yield "model.sku", model.sku
        yield "model.family_variant", model.family_variant or Cell()
        yield from ((f"model.where.{place}", w.column) for place, w in enumerate(model.where))
    yield "family.label", mapping.family.label or Cell()
    for place, part in enumerate(mapping.attribute):
        for each in part.places():
            cells = (each.column, each.locale, each.market, each.channel, each.currency, each.unit)
            yield from ((f"attribute.{place}", cell) for cell in cells if cell is not None)
        yield from ((f"attribute.{place}.option_label", c) for c in part.option_label.values())
        yield from ((f"attribute.{place}.where", w.column) for w in part.where)
    yield from ((f"image.{place}", each.column) for place, each in enumerate(mapping.image))
    if mapping.category is not None:
        yield "category.column", mapping.category.column


def _as_stored(part: AttributePart, known: KnownStructure, place: int) -> AttributePart:
    """Take from the stored attribute what the mapping does not say.

    Raises:
        UnreadableFileError: it says something else.
    """
    stored = known.attributes.get(part.code)
    if stored is None:
        return part
    for name in ("attribute_type", *_FROM_STORED):
        ours, theirs = getattr(part, name), getattr(stored, name)
        if ours != theirs and name in part.model_fields_set and not {ours, theirs} <= _TEXTS:
            raise UnreadableFileError(
                f"attribute.{place}.{name}: the catalogue has {part.code!r} with {name} = "
                f"{theirs!r}, the mapping says {ours!r}: write what the catalogue has, or name "
                "another attribute",
                field=f"attribute.{place}.{name}",
            )
    given = {name: getattr(stored, name) for name in _FROM_STORED}
    given["unit"] = part.unit or stored.unit
    if part.decimals is None:
        given["decimals"] = stored.validation.get("decimals")
    return part.model_copy(update=given)


def _with_columns(
    part: AttributePart,
    header: Sequence[str],
    mapping: CsvMapping,
    known: KnownStructure,
    place: int,
) -> AttributePart:
    """Find the columns of an attribute that names them by a header with places in it.

    Raises:
        UnreadableFileError: there is none, or one names what the catalogue does not have.
    """
    if not isinstance(part.columns, str):
        return part
    key = f"attribute.{place}.columns"
    names = _SCOPE.findall(part.columns)
    if not names or len(set(names)) != len(names):
        raise UnreadableFileError(
            f"{key}: {part.columns!r} names none of {{locale}}, {{market}}, {{channel}}, "
            "{currency}, or one twice: for a single column write `column`",
            field=key,
        )
    pattern, anything = (
        _pattern(part.columns, {name: _texts(name, mapping, known) for name in names}),
        _pattern(part.columns, dict.fromkeys(names, ".+?")),
    )
    columns: list[ColumnPart] = []
    for column in header:
        if (found := pattern.fullmatch(column) or anything.fullmatch(column)) is None:
            continue
        scopes = {name: code_in(name, found[name], mapping, known) for name in names}
        if unknown := [name for name, code in scopes.items() if code is None]:
            name = unknown[0]
            choices = "ISO 4217 codes" if name == "currency" else _shown(sorted(known.scopes[name]))
            raise UnreadableFileError(
                f"{key}: the column {column!r} names the {name} {found[name]!r}, which the "
                f"catalogue does not have ({choices}): say in [scopes.{name}] which one it is, or "
                '"" to leave the column out',
                field=column,
            )
        if all(scopes.values()):
            given = {name: Cell(constant=code) for name, code in scopes.items()}
            columns.append(ColumnPart(column=Cell(column=column), **given))
    if not columns:
        raise UnreadableFileError(
            f"{key}: no column is called as {part.columns!r}: there are {_shown(header)}",
            field=key,
        )
    return part.model_copy(update={"columns": tuple(columns)})


def _pattern(header: str, texts: Mapping[str, str]) -> re.Pattern[str]:
    parts = re.split(r"(\{(?:locale|market|channel|currency)\})", header)
    return re.compile(
        "".join(
            f"(?P<{each[1:-1]}>{texts[each[1:-1]]})" if _SCOPE.fullmatch(each) else re.escape(each)
            for each in parts
        )
    )


def _texts(name: str, mapping: CsvMapping, known: KnownStructure) -> str:
    """Return what matches the texts that mean something: the longest first."""
    words = set(getattr(mapping.scopes, name))
    codes = known.scopes.get(name, frozenset())
    words |= codes | {code.replace("-", "_") for code in codes}
    found = [re.escape(word) for word in sorted(words, key=len, reverse=True)]
    return "|".join([*found, "[A-Z]{3}"] if name == "currency" else found) or "(?!)"


def code_in(name: str, text: str, mapping: CsvMapping, known: KnownStructure) -> str | None:
    """Return what a text in a header or cell means; empty: it is left out; None: nothing."""
    words = getattr(mapping.scopes, name)
    if text in words:
        return words[text]
    if name == "currency":
        return text if is_currency(text) else None
    for code in (text, text.replace("_", "-")):  # de_DE, as many write locales
        if code in known.scopes[name]:
            return code
    return None


def _delimiter_hint(header: Sequence[str], delimiter: str) -> str:
    """Say so where the header looks as if cells were separated by another sign."""
    signs = [sign for sign in ";\t|," if sign != delimiter and sign in header[0]]
    if len(header) > 1 or not signs:
        return ""
    return f" (the header is one cell: if {signs[0]!r} separates them, say delimiter in [csv])"


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
