"""What the schema says of its fields besides their types: rows, weight, and what has to be loaded.

It is said once, where a field is declared. The measure of a document, what is loaded for it, and
the resolver of the field read it from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final, TypeAlias, TypeVar

from graphql import GraphQLArgument, GraphQLField, GraphQLInputField

from api.execution.core import STRAWBERRY
from catalog.errors import InvalidInputError
from catalog.graph.products import VariantsWanted
from catalog.work.model import RowsWanted

LARGEST_PAGE: Final = 100


class Declaration:
    """What is said of a field or an argument where it is declared."""

    @property
    def metadata(self) -> Mapping[str, object]:
        """Return what Strawberry keeps for `declaration_of`."""
        return {type(self).__name__: self}


S = TypeVar("S", bound=Declaration)


def declaration_of(
    part: GraphQLField | GraphQLArgument | GraphQLInputField | None, default: S
) -> S:
    """Return what is said of a part of the built schema; the default: nothing, or there is none."""
    definition = part and part.extensions.get(STRAWBERRY)
    metadata: Mapping[str, S] = getattr(definition, "metadata", {})
    return metadata.get(type(default).__name__, default)


class PageSizeError(InvalidInputError):
    """More was asked for than one page holds."""

    code = "PAGE_SIZE"


@dataclass(frozen=True, slots=True)
class PageSize:
    """The rows of a connection: as many as `first` or `last` says.

    Attributes:
        default: where neither does.
        largest: that may be asked for, of whatever it is.
    """

    default: int = 24
    largest: ClassVar[int] = LARGEST_PAGE

    def size(self, given: int | None, argument: str = "first") -> int:
        """Return how many rows to load.

        Raises:
            PageSizeError: it is not 0 to the largest.
        """
        size = self.default if given is None else given
        if not 0 <= size <= self.largest:
            raise PageSizeError(f"`{argument}` is 0 to {self.largest}, not {size}", field=argument)
        return size

    @classmethod
    def counted(cls, size: int) -> int:
        """Return how many rows a size counts as: fewer than none would make up for others."""
        return max(0, min(size, cls.largest))

    def described(self, what: str) -> str:
        """Return what the schema says of the argument."""
        return f"{what}; {self.default}, at most {self.largest}."


@dataclass(frozen=True, slots=True)
class RowEach:
    """The rows of a field that answers one for each value of an argument."""

    argument: str


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of a list that is as long as what is stored, and counts as one.

    What an answer really has of it is counted while the answer is made (`Allowance.fields`).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What products, works and people have to be loaded with.

    Attributes:
        variants: so many of the first, as documents.
        outlines: a little of every variant.
        options: what variants are on the axes of their model.
        roles: of the media; None: all, empty: no media.
        models: those of variants, too.
        categories: that they are in.
        categories_below: what is below categories.
        total: how many there are in the whole list.
        edges: their cursors.
        work_rows: which pages of the rows of works.
        names: those of the people and services that ids are of.
        roles_given: those of people and services.
        logins: sessions of people.
        api_keys: those of people and services.
    """

    variants: int = 0
    outlines: bool = False
    options: bool = False
    roles: frozenset[str] | None = frozenset()
    models: bool = False
    categories: bool = False
    categories_below: bool = False
    total: bool = False
    edges: bool = False
    work_rows: frozenset[RowsWanted] = frozenset()
    names: bool = False
    roles_given: bool = False
    logins: bool = False
    api_keys: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        """Return what both need."""
        both = {each.name: (getattr(self, each.name), getattr(other, each.name)) for each in _PARTS}
        of_roles = both.pop("roles")
        roles = None if None in of_roles else frozenset[str]().union(*of_roles)
        rows = frozenset[RowsWanted]().union(*both.pop("work_rows"))
        most = {name: max(each) for name, each in both.items()}
        return Needs(roles=roles, work_rows=rows, **most)

    @property
    def of_variants(self) -> VariantsWanted:
        """Return how much of the variants is loaded."""
        return VariantsWanted(documents=self.variants, outlines=self.outlines, options=self.options)

    @property
    def media(self) -> bool:
        """Whether any media are needed."""
        return self.roles is None or bool(self.roles)


_PARTS = fields(Needs)
NOTHING: Final = Needs()
#: How many rows a field has; None: it is no list, or has those of the page that it is part of.
Rows: TypeAlias = PageSize | RowEach | Stored | None
#: Of the arguments of a field, coerced, by their names in the schema.
NeedsOf: TypeAlias = Callable[[Mapping[str, Any]], Needs]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDeclaration(Declaration):
    """What is said of a field.

    Attributes:
        weight: it makes as much as so many others.
        needs: to be loaded by the root field that it is selected below.
    """

    rows: Rows = None
    weight: int = 1
    needs: Needs | NeedsOf = NOTHING


_PLAIN: Final = FieldDeclaration()
#: Of root fields, unless they say otherwise.
PAGE: Final = PageSize()
#: Of a field that is an attribute.
STORED: Final = FieldDeclaration(rows=Stored())


def field_declaration_of(core: GraphQLField | None) -> FieldDeclaration:
    """Return what is said of a field of the built schema; None: of one that does not exist."""
    return declaration_of(core, _PLAIN)
