"""Types and fields whose descriptions in the schema are their docstrings: said once, read twice."""

import functools
import inspect
import re
from collections.abc import Callable
from enum import EnumMeta
from typing import Any, TypeVar, cast, dataclass_transform

import strawberry
from graphql import GraphQLField
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from api.documents.bounds import Bound
from api.documents.declared import NOTHING, FieldDeclaration, Needs, NeedsOf, Rows
from api.request.scene import Info
from catalog.access.roles import ROLES, Action

T = TypeVar("T", bound=type)
E = TypeVar("E", bound=EnumMeta)

_ACTIONS = "vitrine-actions"
#: Of whoever may read at all.
_EVERYBODYS = ROLES["anonymous"].actions
#: A line of the section `Attributes` of an enum's docstring.
_VALUE = re.compile(r"^ +([A-Z_]+): (.+)$", re.MULTILINE)


def _summary(documented: object) -> str:
    """Return the first paragraph of a docstring on one line; a field is what it returns."""
    text = inspect.getdoc(documented) or ""
    line = " ".join(text.partition("\n\n")[0].split()).removeprefix("Return ")
    taken = [each for each in vars(documented).get(_ACTIONS, ()) if each not in _EVERYBODYS]
    takes = f" Takes `{'`, `'.join(taken)}`." if taken else ""
    return line[:1].upper() + line[1:] + takes


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


def allowed(
    *actions: Action, asks_itself: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only those reach a resolver whose roles allow it; `docs/access.md` has the table.

    Args:
        actions: that the field is a door to, the first one, and that it takes besides; none:
            everybody may ask, known or not.
        asks_itself: whether the resolver asks, once it knows what is touched: then a role that is
            narrowed may do. Else it must not be: the field touches everything.
    """

    def guard(resolver: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(resolver)
        async def ask_first(self: object, info: Info, **arguments: object) -> object:
            for action in actions:
                info.context.require(action)
            return await resolver(self, info, **arguments)

        door = resolver if asks_itself else ask_first
        vars(door)[_ACTIONS] = actions
        return door

    return guard


def actions_of(core: GraphQLField) -> tuple[Action, ...] | None:
    """Return what a field of the built schema takes; None: nothing was said."""
    definition: Any = core.extensions["strawberry-definition"]
    return definition.metadata.get(_ACTIONS)


def _metadata(
    resolver: Callable[..., Any], declared: FieldDeclaration | None = None
) -> dict[str, object]:
    """Return what is said of a field, and what whoever asks for it has to be allowed."""
    actions = vars(resolver).get(_ACTIONS)
    said = {} if declared is None else dict(declared.metadata)
    return said if actions is None else {**said, _ACTIONS: actions}


def graphql_field(resolver: Callable[..., Any]) -> StrawberryField:
    """Make a field of a resolver."""
    return strawberry.field(resolver, description=_summary(resolver), metadata=_metadata(resolver))


def field_with(
    *,
    rows: Rows = None,
    weight: int = 1,
    needs: Needs | NeedsOf = NOTHING,
    deprecated: str | None = None,
) -> Callable[[Callable[..., Any]], StrawberryField]:
    """Make a field of a resolver, as `FieldDeclaration` has it, and what to ask instead."""
    declared = FieldDeclaration(rows=rows, weight=weight, needs=needs)

    def make(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(
            resolver,
            description=_summary(resolver),
            metadata=_metadata(resolver, declared),
            deprecation_reason=deprecated,
        )

    return make


def graphql_mutation(resolver: Callable[..., Any]) -> StrawberryField:
    """Make a mutation of a resolver."""
    return strawberry.mutation(
        resolver, description=_summary(resolver), metadata=_metadata(resolver)
    )


def graphql_subscription(resolver: Callable[..., Any]) -> Any:  # noqa: ANN401 - as Strawberry's own
    """Make a subscription of a resolver."""
    return strawberry.subscription(
        resolver, description=_summary(resolver), metadata=_metadata(resolver)
    )


def argument(description: str, bound: Bound | None = None) -> object:
    """Describe an argument, inside `Annotated`; without a bound it has that of its type."""
    metadata = None if bound is None else bound.metadata
    return strawberry.argument(description=description, metadata=metadata)
