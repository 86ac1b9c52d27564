"""What a root field's selection needs to be loaded: looked at once, before the statements run."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias, TypeGuard

import strawberry
from graphql import FieldNode, VariableNode, Visitor, visit
from strawberry.types.nodes import SelectedField, Selection

from api.execution.core import ResolveInfo
from api.execution.tokens import kept_bytes
from catalog.errors import InvalidInputError
from catalog.graph.cursors import InvalidCursorError, read_cursor, write_cursor
from catalog.graph.products import VariantsWanted
from catalog.memory.recently_used import RecentlyUsed

DEFAULT_PAGE = 24
DEFAULT_VARIANTS = 20
LARGEST_PAGE = 100
MOST_VARIANTS = 1_000
_MOST_VARIANTS_A_PAGE = 2_000
_VARIANTS = "VARIANTS"
_MOST_DIGITS = 9
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
        categories_below: whether what is below categories is selected.
        total: whether the connection's `totalCount` is selected.
        models: whether the models of variants are shown, too.
        edges: whether edges are selected, which have cursors.
    """

    variants: VariantsWanted
    models: bool
    media: bool
    roles: tuple[str, ...] | None
    categories: bool
    categories_below: bool
    total: bool
    edges: bool


#: What a variable says, as little of it as decides: a number, or the roles that there are.
_Decisive: TypeAlias = "int | tuple[str, ...] | None"
_Read: TypeAlias = Callable[[object], _Decisive]
#: A variable that decides what is loaded, and how it is read.
_Deciding: TypeAlias = tuple[str, _Read]


class _Known(NamedTuple):
    """What was found in a selection.

    Attributes:
        nodes: of the root field, which stay the same objects while their document is kept.
        deciding: the variables below them that say how many variants, and which media.
        wanted: by the values of those.
    """

    nodes: list[FieldNode]
    deciding: tuple[_Deciding, ...]
    wanted: dict[tuple[_Decisive, ...], Wanted]

    def is_of(self, nodes: list[FieldNode]) -> bool:
        same = (one is other for one, other in zip(self.nodes, nodes, strict=False))
        return len(self.nodes) == len(nodes) and all(same)


#: Of all that is kept, about: with a root field its whole document.
MAX_KEPT_BYTES = 32 * 1_048_576
_OVERHEAD_BYTES, _DECISIVE_BYTES, _MOST_WANTED = 4_000, 130, 16


class Selections:
    """Knows what selections need that were looked through before.

    A root field is known by all of its nodes: which of them there are, conditions decide.

    Args:
        max_bytes: of all that is kept, about.
    """

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._known: RecentlyUsed[tuple[int, ...], _Known] = RecentlyUsed(max_bytes)

    def wanted_by(self, info: strawberry.Info[Any, Any]) -> Wanted:
        """Look through everything selected below the root field, once for a kept document."""
        untyped: Any = info
        raw: ResolveInfo = untyped._raw_info  # noqa: SLF001 - no public way in
        nodes = raw.field_nodes
        key = tuple(map(id, nodes))
        known = self._known.get(key)
        if known is None or not known.is_of(nodes):
            known = _Known(nodes, _variables(raw), {})
            wanted = _MOST_WANTED * _DECISIVE_BYTES * len(known.deciding)
            weight = _OVERHEAD_BYTES + kept_bytes(nodes[0]) + wanted
            self._known.put(key, known, weight=weight)
        given = tuple(read(info.variable_values.get(name)) for name, read in known.deciding)
        wanted = known.wanted.get(given)
        if wanted is None:
            wanted = wanted_by(info)
            if len(known.wanted) < _MOST_WANTED:
                known.wanted[given] = wanted
        return wanted


class _VariableFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[_Deciding, None] = {}

    def enter_field(self, node: FieldNode, *_: object) -> None:
        for each in node.arguments or ():
            read = _DECIDE.get((node.name.value, each.name.value))
            if read is not None:
                visit(each.value, _Names(read, self.found))


class _Names(Visitor):
    def __init__(self, read: "_Read", found: "dict[_Deciding, None]") -> None:
        super().__init__()
        self._read = read
        self._found = found

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self._found[node.name.value, self._read] = None


def _variables(raw: ResolveInfo) -> "tuple[_Deciding, ...]":
    """Return the variables below a root field that decide; those of every fragment may be there."""
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
        categories_below="children" in names,
        total="totalCount" in names,
        edges="edges" in names,
    )


def checked_size(size: int, field: str) -> int:
    """Return a page size.

    Raises:
        PageSizeError: it is not 0 to 100.
    """
    if not 0 <= size <= LARGEST_PAGE:
        raise PageSizeError(f"`{field}` is 0 to {LARGEST_PAGE}, not {size}", field=field)
    return size


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
    if not (place.isdecimal() and len(place) <= _MOST_DIGITS):
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
    if isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS:
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


def _size_in(value: object) -> int:
    return max(-1, min(_int(value, DEFAULT_VARIANTS), LARGEST_PAGE + 1))


def _roles_in(value: object) -> tuple[str, ...] | None:
    names = _role_names(value)
    return None if names is None else tuple(sorted(set(names)))


#: The arguments that decide what is loaded.
_DECIDE: Final[Mapping[tuple[str, str], _Read]] = {
    ("variants", "first"): _size_in,
    ("variants", "after"): variants_before,
    ("media", "roles"): _roles_in,
}


def _fields(selections: Iterable[Selection]) -> Iterator[SelectedField]:
    for each in selections:
        if isinstance(each, SelectedField):
            yield each
        yield from _fields(each.selections)
