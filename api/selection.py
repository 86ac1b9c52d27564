"""What a root field's selection needs to be loaded: looked at once, before the statements run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

import strawberry
from graphql import FieldNode, VariableNode, Visitor, visit
from strawberry.types.nodes import SelectedField, Selection

from api.execution.core import ResolveInfo
from catalog.errors import InvalidInputError
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor
from catalog.graph.products import VariantsWanted
from catalog.memory import RecentlyUsed

DEFAULT_VARIANTS = 20
LARGEST_PAGE = 100
MOST_VARIANTS = 1_000
_MOST_VARIANTS_A_PAGE = 2_000
_VARIANTS = "VARIANTS"
_HERO = ("hero",)
_SWATCH = ("swatch",)
_JSON_LD = ("hero", "gallery")
_OF_EVERY_VARIANT = {"priceRange", "swatch", "jsonLd"}


class PageSizeError(InvalidInputError):
    """More was asked for than one page holds."""

    code = "PAGE_SIZE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What products have to be loaded with.

    Attributes:
        media: whether any media are selected.
        roles: of the media; None: all.
        categories: whether their categories are selected.
        total: whether the connection's `totalCount` is selected.
        models: whether the models of variants are shown, too.
    """

    variants: VariantsWanted
    models: bool
    media: bool
    roles: tuple[str, ...] | None
    categories: bool
    total: bool


class _Known(NamedTuple):
    """What was found in a selection.

    Attributes:
        nodes: of the root field, which stay the same objects while their document is kept.
        variables: that are used below them.
        wanted: by the values of those.
    """

    nodes: list[FieldNode]
    variables: tuple[str, ...]
    wanted: dict[str, Wanted]

    def is_of(self, nodes: list[FieldNode]) -> bool:
        same = (one is other for one, other in zip(self.nodes, nodes, strict=False))
        return len(self.nodes) == len(nodes) and all(same)


_REMEMBERED, _MOST_WANTED = 256, 64


class Selections:
    """Knows what selections need that were looked through before.

    A root field is known by all of its nodes: which of them there are, conditions decide.
    """

    def __init__(self) -> None:
        self._known: RecentlyUsed[tuple[int, ...], _Known] = RecentlyUsed(_REMEMBERED)

    def wanted_by(self, info: strawberry.Info[Any, Any]) -> Wanted:
        """Look through everything selected below the root field, once for a kept document."""
        told: Any = info
        raw: ResolveInfo = told._raw_info  # noqa: SLF001 - no public way in
        nodes = raw.field_nodes
        key = tuple(map(id, nodes))
        known = self._known.get(key)
        if known is None or not known.is_of(nodes):
            known = _Known(nodes, _variables(raw), {})
            self._known.put(key, known)
        given = repr([info.variable_values.get(name) for name in known.variables])
        wanted = known.wanted.get(given)
        if wanted is None:
            wanted = wanted_by(info)
            if len(known.wanted) < _MOST_WANTED:
                known.wanted[given] = wanted
        return wanted


class _VariableFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found[node.name.value] = None


def _variables(raw: ResolveInfo) -> tuple[str, ...]:
    """Return the variables below a root field; those of every fragment may be."""
    finder = _VariableFinder()
    for node in raw.field_nodes:
        if node.selection_set is not None:
            visit(node.selection_set, finder)
    for fragment in raw.fragments.values():
        visit(fragment, finder)
    return tuple(finder.found)


def wanted_by(info: strawberry.Info[Any, Any]) -> Wanted:
    """Look through everything selected below the root field."""
    documents = 0
    names: set[str] = set()
    roles: set[str] | None = set()
    for each in _fields(info.selected_fields):
        names.add(each.name)
        match each.name:
            case "variants":
                first = min(_int(each.arguments.get("first"), DEFAULT_VARIANTS), LARGEST_PAGE)
                begin = variants_before(each.arguments.get("after"))
                documents = max(documents, begin + first)
            case "swatch":
                roles = _union(roles, _SWATCH)
            case "hero":
                roles = _union(roles, _HERO)
            case "jsonLd":
                roles = _union(roles, _JSON_LD)
            case "media":
                roles = _union(roles, _role_names(each.arguments.get("roles")))
            case _:
                pass
    return Wanted(
        variants=VariantsWanted(
            documents=min(documents, MOST_VARIANTS),
            outlines=not names.isdisjoint(_OF_EVERY_VARIANT),
            options="values" in names,
        ),
        models="parent" in names,
        media=roles is None or bool(roles),
        roles=None if roles is None else tuple(sorted(roles)),
        categories="categories" in names,
        total="totalCount" in names,
    )


def checked_size(size: int, field: str) -> int:
    """Return a page size.

    Raises:
        PageSizeError: it is not 0 to 100.
    """
    if not 0 <= size <= LARGEST_PAGE:
        raise PageSizeError(f"`{field}` is 0 to {LARGEST_PAGE}, not {size}", field=field)
    return size


def check_count(count: int, field: str) -> None:
    """Refuse to look up more keys at once than a page holds.

    Raises:
        PageSizeError: there are more than 100.
    """
    if count > LARGEST_PAGE:
        raise PageSizeError(f"`{field}` names at most {LARGEST_PAGE}, not {count}", field=field)


def check_variants(wanted: Wanted, size: int, field: str) -> None:
    """Refuse a page of more documents than one statement should bring.

    Raises:
        PageSizeError: products and variants of each, multiplied, are too many.
    """
    if size * wanted.variants.documents > _MOST_VARIANTS_A_PAGE:
        raise PageSizeError(
            f"{size} products with {wanted.variants.documents} variants each are more than the "
            f"{_MOST_VARIANTS_A_PAGE} variants of a page: ask for fewer of either",
            field=field,
        )


def variant_cursor(place: int, sku: str) -> str:
    """Write the cursor of a variant: its place among those of its model, from 1 on, and its sku."""
    return write_cursor(_VARIANTS, str(place), sku)


def read_variant_cursor(cursor: str) -> tuple[int, str]:
    """Read what `variant_cursor` wrote.

    Raises:
        InvalidCursorError: it is anything else.
        PageSizeError: more variants come before than are read with their model.
    """
    place, sku = read_cursor(_VARIANTS, cursor, count=2, field="after")
    if not place.isdecimal():
        raise InvalidCursorError(field="after")
    if int(place) > MOST_VARIANTS - LARGEST_PAGE:
        raise PageSizeError(
            f"a model is read with its first {MOST_VARIANTS:,} variants; browse more by "
            "`products(filter: {models: […]})`",
            field="after",
        )
    return int(place), sku


def variants_before(cursor: object) -> int:
    """Return how many variants come before a page; a cursor that is none is refused later."""
    try:
        return read_variant_cursor(cursor)[0] if isinstance(cursor, str) else 0
    except InvalidInputError:
        return 0


def _union(roles: set[str] | None, more: Iterable[str] | None) -> set[str] | None:
    return None if roles is None or more is None else roles | set(more)


def _int(value: object, default: int) -> int:
    """Read a number, coerced from a variable or, as text, written in the document."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) else default


def _role_names(value: object) -> tuple[str, ...] | None:
    """Read enum names, coerced from variables or written in the document; None: all roles."""
    names = list(value) if _is_list(value) else [value]
    if value is None or not all(isinstance(name, str) for name in names):
        return None
    return tuple(str(name).lower() for name in names)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _fields(selections: Iterable[Selection]) -> Iterator[SelectedField]:
    for each in selections:
        if isinstance(each, SelectedField):
            yield each
        yield from _fields(each.selections)
