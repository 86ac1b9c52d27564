"""Types and fields whose descriptions in the schema are their docstrings: said once, read twice."""

import inspect
import re
from collections.abc import Callable
from enum import EnumMeta
from typing import Any, TypeVar, cast, dataclass_transform

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from api.documents.bounds import Bound
from api.documents.declared import NOTHING, Declared, Needs, NeedsOf, Rows

T = TypeVar("T", bound=type)
E = TypeVar("E", bound=EnumMeta)

#: A line of the section `Attributes` of an enum's docstring.
_VALUE = re.compile(r"^ +([A-Z_]+): (.+)$", re.MULTILINE)


def _summary(documented: object) -> str:
    """Return the first paragraph of a docstring on one line; a field is what it returns."""
    text = inspect.getdoc(documented) or ""
    line = " ".join(text.partition("\n\n")[0].split()).removeprefix("Return ")
    return line[:1].upper() + line[1:]


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graphql_type(cls: T) -> T:
    """Make an object type."""
    return strawberry.type(cls, description=_summary(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graphql_interface(cls: T) -> T:
    """Make an interface."""
    return strawberry.interface(cls, description=_summary(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def graphql_input(cls: T) -> T:
    """Make an input type."""
    return strawberry.input(cls, description=_summary(cls))


def graphql_enum(cls: E) -> E:
    """Make an enum; its values are described under `Attributes`."""
    described = dict(_VALUE.findall(inspect.getdoc(cls) or ""))
    made = strawberry.enum(cls, description=_summary(cls))
    definition = cast("StrawberryEnumDefinition", vars(made)["__strawberry_definition__"])
    for value in definition.values:
        value.description = described.get(value.name)
    return made


def graphql_field(resolver: Callable[..., Any]) -> StrawberryField:
    """Make a field of a resolver."""
    return strawberry.field(resolver, description=_summary(resolver))


def field_with(
    *,
    rows: Rows = None,
    weight: int = 1,
    needs: Needs | NeedsOf = NOTHING,
    deprecated: str | None = None,
) -> Callable[[Callable[..., Any]], StrawberryField]:
    """Make a field of a resolver, with what `Declared` says of it, and what to ask instead."""
    declared = Declared(rows=rows, weight=weight, needs=needs)

    def make(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(
            resolver,
            description=_summary(resolver),
            metadata=declared.metadata,
            deprecation_reason=deprecated,
        )

    return make


def graphql_mutation(resolver: Callable[..., Any]) -> StrawberryField:
    """Make a mutation of a resolver."""
    return strawberry.mutation(resolver, description=_summary(resolver))


def graphql_subscription(resolver: Callable[..., Any]) -> Any:  # noqa: ANN401 - as Strawberry's own
    """Make a subscription of a resolver."""
    return strawberry.subscription(resolver, description=_summary(resolver))


def argument(description: str, bound: Bound | None = None) -> object:
    """Describe an argument, inside `Annotated`; without a bound it has that of its type."""
    metadata = None if bound is None else bound.metadata
    return strawberry.argument(description=description, metadata=metadata)
