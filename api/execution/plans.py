"""What has been compiled, by operation: bounded, and a plan for each choice of its conditions."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    DirectiveNode,
    Executor,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FieldDetails

from api.execution.core import Output
from api.execution.source import Completion, compile_completion
from api.execution.tokens import kept_bytes

_CONDITIONS = frozenset({"skip", "include"})
_MAX_COMBINATIONS = 16
#: What is written for a field, about, in memory.
_BYTES_A_FIELD = 2_400
_Completions: TypeAlias = "dict[str, Completion | None]"


@dataclass(slots=True)
class _Operation:
    """An operation of a document that is kept, and so stays the object that it is.

    Attributes:
        conditions: the variables that `@skip` and `@include` depend on.
        completions: by their values, then by the root field's key; None: not to be compiled.
        weight: fields of all of them, and as many as its document weighs.
    """

    node: OperationDefinitionNode
    schema: GraphQLSchema
    conditions: tuple[str, ...]
    completions: dict[tuple[bool, ...], _Completions] = field(
        default_factory=dict[tuple[bool, ...], _Completions]
    )
    weight: int = 0


class Plans:
    """Compiles once, for as long as the parsed document is the same object.

    Args:
        max_fields: of all operations; the least recently used beyond it are forgotten.
    """

    def __init__(self, max_fields: int) -> None:
        self._max_fields = max_fields
        self._operations: OrderedDict[int, _Operation] = OrderedDict()
        self._weight = 0

    @property
    def weight(self) -> int:
        """Return how many fields are kept compiled, about."""
        return self._weight

    def completion(
        self,
        executor: Executor[Any],
        output: Output,
        details: list[FieldDetails],
        key: str,
    ) -> Completion | None:
        """Return what completes a root field; None: the stock executor does.

        Args:
            executor: of this run.
            output: the field's type.
            details: the field's nodes.
            key: of the field in the answer.
        """
        operation = self._operation(executor)
        values = executor.variable_values.coerced
        chosen = tuple(bool(values.get(name)) for name in operation.conditions)
        completions = operation.completions.get(chosen)
        if completions is None:
            if len(operation.completions) >= _MAX_COMBINATIONS:
                return None
            completions = operation.completions[chosen] = {}
        if key not in completions:
            completion = completions[key] = _compiled(executor, output, details, key)
            self._add(operation, 1 if completion is None else completion.fields)
            return completion
        return completions[key]

    def _operation(self, executor: Executor[Any]) -> _Operation:
        node = executor.operation
        known = self._operations.get(id(node))
        if known is not None and known.schema is executor.schema:
            self._operations.move_to_end(id(node))
            return known
        # what is kept keeps its node, so no other can come to have the same id
        known = _Operation(node, executor.schema, _conditions(executor))
        known.weight = 1 + kept_bytes(node) // _BYTES_A_FIELD
        self._forget(id(node))  # of another schema
        self._operations[id(node)] = known
        self._weight += known.weight
        return known

    def _add(self, operation: _Operation, fields: int) -> None:
        """Let an operation weigh more, and forget what is too much: last of all itself."""
        operation.weight += fields
        self._weight += fields
        while self._weight > self._max_fields:
            self._forget(next(iter(self._operations)))

    def _forget(self, key: int) -> None:
        known = self._operations.pop(key, None)
        if known is not None:
            self._weight -= known.weight


def _compiled(
    executor: Executor[Any], output: Output, details: list[FieldDetails], key: str
) -> Completion | None:
    named = executor.operation.name
    name = f"graphql {named.value if named else 'operation'}: {key}"
    try:
        return compile_completion(executor, output, details, name=name)
    except Exception:  # noqa: BLE001 - whatever is wrong, the stock executor says it or can do it
        return None


class _ConditionFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in _CONDITIONS:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.found[argument.value.name.value] = None


def _conditions(executor: Executor[Any]) -> tuple[str, ...]:
    finder = _ConditionFinder()
    visit(executor.operation, finder)
    for fragment in executor.fragment_definitions.values():
        visit(fragment, finder)
    return tuple(finder.found)
