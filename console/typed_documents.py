"""Writes what the documents of pages answer as types: `python -m console.typed_documents`.

Of each `name.graphql` it writes `name_graphql.py` beside it: an `Operation` for each operation,
and a `TypedDict` for each object of its answer. `make schema` runs it; a test holds the two
together.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import graphql
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    is_composite_type,
    parse,
    validate,
)

from console.rendering import HOME

#: Of a field; graphql-core's own alias leaves open what lists are of.
_Type: TypeAlias = Any
_IS_LIST, _IS_NON_NULL = cast("Any", graphql).is_list_type, cast("Any", graphql).is_non_null_type

SCHEMA: Final = HOME.parent / "schema.graphql"
_SCALARS = {"Int": "int", "Float": "float", "Boolean": "bool", "JSON": "Any"}


class DocumentError(ValueError):
    """A document of a page does not fit the schema."""


def written_modules(schema: GraphQLSchema) -> Iterator[tuple[Path, str]]:
    """Yield the module of each document, with what it has to say.

    Raises:
        DocumentError: a document does not fit the schema.
    """
    for path in sorted(HOME.rglob("*.graphql")):
        document = parse(path.read_text(encoding="utf-8"))
        if errors := validate(schema, document):
            raise DocumentError(f"{path}: {errors[0].message}")
        module = path.with_name(f"{path.stem}_graphql.py")
        yield module, _DocumentWriter(schema, document, path.name).module()


class _DocumentWriter:
    """Writes the module of one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, name: str) -> None:
        self._schema = schema
        self._name = name
        self._operations = [
            each for each in document.definitions if isinstance(each, OperationDefinitionNode)
        ]
        self._fragments = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }
        self._classes: list[str] = []

    def module(self) -> str:
        """Return the text of the module."""
        operations = [self._operation(each) for each in self._operations]
        body = "\n\n\n".join(self._classes)
        names = [
            name
            for name in ("Any", "Final", "Literal", "TypedDict", "NotRequired")
            if name == "Final" or name in body
        ]
        return (
            f'"""The answers to `{self._name}`; written by `make schema`."""\n\n'
            f"from typing import {', '.join(sorted(names))}\n\n"
            "from console.operations import Operation, operation\n\n\n"
            f"{body}\n\n\n" + "\n".join(operations) + "\n"
        )

    def _operation(self, node: OperationDefinitionNode) -> str:
        assert node.name is not None  # noqa: S101 - validated: several operations have names
        name = node.name.value
        root = self._schema.get_root_type(node.operation)
        assert root is not None  # noqa: S101 - validated
        self._object(f"{name}Data", root, [node.selection_set])
        constant = "".join(f"_{c}" if c.isupper() else c for c in name).strip("_").upper()
        return f'{constant}: Final[Operation[{name}Data]] = operation(__file__, "{name}")'

    def _object(
        self, name: str, parent: GraphQLCompositeType, selected: Sequence[SelectionSetNode]
    ) -> str:
        """Write the class of an object, after those of what it holds; return its name."""
        lines: list[str] = []
        for key, (type_, below, is_always) in self._fields(parent, selected).items():
            text = self._type(f"{name.removesuffix('Data')}{key[0].upper()}{key[1:]}", type_, below)
            lines.append(f"    {key}: {text if is_always else f'NotRequired[{text}]'}")
        self._classes.append(f"class {name}(TypedDict):\n" + "\n".join(lines))
        return name

    def _fields(
        self, parent: GraphQLCompositeType, selected: Sequence[SelectionSetNode]
    ) -> Mapping[str, tuple[_Type, list[SelectionSetNode], bool]]:
        """Return the fields by their key: type, what is selected below, whether always there."""
        found: dict[str, tuple[_Type, list[SelectionSetNode], bool]] = {}
        for within, node, is_always in self._flat(parent, selected, is_always=True):
            key = node.alias.value if node.alias else node.name.value
            type_, below, was_always = found.get(key, (None, [], False))
            more = [node.selection_set] if node.selection_set else []
            found[key] = (
                type_ or self._type_of(within, node),
                [*below, *more],
                is_always or was_always,
            )
        return found

    def _flat(
        self,
        parent: GraphQLCompositeType,
        selected: Sequence[SelectionSetNode],
        *,
        is_always: bool,
    ) -> Iterator[tuple[GraphQLCompositeType, FieldNode, bool]]:
        for node in (each for one in selected for each in one.selections):
            if isinstance(node, FieldNode):
                yield parent, node, is_always and not node.directives
                continue
            if isinstance(node, FragmentSpreadNode):
                node = self._fragments[node.name.value]  # noqa: PLW2901 - what it stands for
            assert isinstance(node, InlineFragmentNode | FragmentDefinitionNode)  # noqa: S101 - nothing else is left
            within = self._within(parent, node)
            yield from self._flat(
                within, [node.selection_set], is_always=is_always and within is parent
            )

    def _within(
        self, parent: GraphQLCompositeType, node: InlineFragmentNode | FragmentDefinitionNode
    ) -> GraphQLCompositeType:
        condition = node.type_condition
        named = self._schema.get_type(condition.name.value) if condition else parent
        assert is_composite_type(named)  # noqa: S101 - validated
        return named

    def _type_of(self, parent: GraphQLCompositeType, node: FieldNode) -> _Type:
        if node.name.value == "__typename":
            return self._schema.type_map["String"]
        assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)  # noqa: S101 - validated
        return parent.fields[node.name.value].type

    def _type(self, name: str, type_: _Type, below: list[SelectionSetNode]) -> str:
        if _IS_NON_NULL(type_):
            return self._not_null(name, type_.of_type, below)
        return f"{self._not_null(name, type_, below)} | None"

    def _not_null(self, name: str, type_: _Type, below: list[SelectionSetNode]) -> str:
        if _IS_LIST(type_):
            return f"list[{self._type(name, type_.of_type, below)}]"
        named: Any = cast("Any", graphql).get_named_type(type_)
        if is_composite_type(named):
            return self._object(name, named, below)
        if isinstance(named, GraphQLEnumType):
            values = ", ".join(f'"{each}"' for each in named.values)
            return f"Literal[{values}]"
        return _SCALARS.get(named.name, "str")


def main() -> None:
    """Write the modules whose documents, or whose part of the schema, have changed."""
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    for path, text in written_modules(schema):
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(HOME.parent)}\n")


if __name__ == "__main__":
    main()
