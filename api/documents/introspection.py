"""What questions about the schema itself cost: as many fields as their answer has, about.

Lists below `types` are counted by what all types have together. A list that is reached in another
way, such as the fields of one named type, is counted as the longest that there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

import graphql
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

from api.execution.core import is_list_type, is_non_null_type

ROOTS: Final = frozenset({"__schema", "__type"})
#: Where in such a question a field stands: below `types`, or a type that is reached otherwise.
Within: TypeAlias = Literal["every type", "one type"]


class _Rows(NamedTuple):
    mean: float
    most: float


@dataclass(frozen=True, slots=True)
class Introspection:
    """How long the lists are that are asked for.

    Attributes:
        rows: of each list, by the name of its field.
    """

    rows: Mapping[str, _Rows]

    def row_count(self, name: str, within: Within | None) -> float:
        """Return how many rows a field has in a place."""
        rows = self.rows.get(name)
        if rows is None:
            return 1
        return rows.mean if name in _WHOLE or within == "every type" else rows.most

    @staticmethod
    def below(name: str, within: Within | None) -> Within:
        """Return where what is selected from a field stands."""
        if name in _WHOLE:
            return "every type"
        return "every type" if within == "every type" and name in _PARTS else "one type"


#: Lists of all that there is, and those that share it out.
_WHOLE = frozenset({"types", "directives"})
_PARTS = frozenset({"fields", "inputFields", "enumValues", "args", "type", "ofType", "interfaces"})


def introspection_of(schema: GraphQLSchema) -> Introspection:
    """Count what there is to be asked of a schema."""
    types = list(schema.type_map.values())
    with_fields = [each for each in types if isinstance(each, _WITH_FIELDS)]
    fields: list[Any] = [each for kind in with_fields for each in kind.fields.values()]
    lists: dict[str, list[int]] = {
        "fields": [len(each.fields) for each in with_fields],
        "interfaces": [len(each.interfaces) for each in with_fields],
        "inputFields": [
            len(each.fields) for each in types if isinstance(each, GraphQLInputObjectType)
        ],
        "enumValues": [len(each.values) for each in types if isinstance(each, GraphQLEnumType)],
        "possibleTypes": [
            len(schema.get_possible_types(each))
            for each in types
            if isinstance(each, GraphQLInterfaceType | GraphQLUnionType)
        ],
    }
    rows = {
        name: _Rows(sum(lengths) / len(types), max(lengths, default=0))
        for name, lengths in lists.items()
    }
    arguments = [len(each.args) for each in fields]
    wrapped = sum(_wrappers(each.type) for each in fields)
    rows |= {
        "types": _Rows(len(types), len(types)),
        "directives": _Rows(len(schema.directives), len(schema.directives)),
        "args": _Rows(sum(arguments) / len(fields), max(arguments)),
        # such a share of the levels is there: 1 + s + s² + … is a field and its wrappers
        "ofType": _Rows(wrapped / (len(fields) + wrapped), 1),
    }
    return Introspection(rows)


_WITH_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


def _wrappers(kind: Any) -> int:  # noqa: ANN401 - graphql-core leaves open what it is of
    count = 0
    while is_list_type(kind) or is_non_null_type(kind):
        kind, count = kind.of_type, count + 1
    return count


def whole_question() -> str:
    """Return the question that tools ask to know all of a schema."""
    return cast("Any", graphql).get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )
