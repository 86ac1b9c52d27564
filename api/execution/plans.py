"""What is known of the root fields of one document: how each is asked, and what completes it.

Whoever keeps the document keeps this with it, and weighs both.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    Executor,
    GraphQLObjectType,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FieldDetails

from api.execution.resolvers import Place, awaited_field_of
from api.execution.source import Call, Completion, compile_call, compile_completion
from catalog.memory.memo import Memo

#: Fields that are kept compiled of a document; what is more the stock executor completes.
MAX_KEPT_FIELDS = 10_000
#: What is written for a field, about, in memory.
_BYTES_A_FIELD = 2_400
_CONDITIONS = frozenset({"skip", "include"})
_MAX_COMBINATIONS = 16
_MAX_ROOTS = 4_096


@dataclass(frozen=True, slots=True)
class Root:
    """What is known of a root field.

    Attributes:
        call: None: the stock executor asks the resolver.
        completion: of what it returns; None: the stock executor completes it.
    """

    call: Call | None
    completion: Completion | None

    @property
    def weight(self) -> int:
        """Return the bytes that it takes, about."""
        return _BYTES_A_FIELD * (1 + (self.completion.fields if self.completion else 0))


_STOCK = Root(None, None)


class Plans:
    """Root fields of a document, by operation, conditions and key.

    Args:
        max_fields: that are kept compiled.
    """

    def __init__(self, max_fields: int = MAX_KEPT_FIELDS) -> None:
        self._max_bytes = max_fields * _BYTES_A_FIELD
        self._conditions: dict[str | None, tuple[str, ...]] = {}
        self._chosen: set[object] = set()
        self._roots: Memo[Root] = Memo(_MAX_ROOTS, lambda each: each.weight)

    @property
    def weight(self) -> int:
        """Return the bytes of all, about."""
        return self._roots.weight

    def choice(self, executor: Executor[Any]) -> object:
        """Return which operation it is, and what its conditions are in this run."""
        operation = executor.operation.name and executor.operation.name.value
        conditions = self._conditions.get(operation)
        if conditions is None:
            conditions = self._conditions[operation] = _conditions(executor)
        values = executor.variable_values.coerced
        return operation, *(bool(values.get(name)) for name in conditions)

    def root(
        self,
        executor: Executor[Any],
        choice: object,
        parent: GraphQLObjectType,
        details: list[FieldDetails],
        key: str,
    ) -> Root:
        """Return what is known of a root field, after the first time for good.

        Args:
            executor: of this run.
            choice: of it.
            parent: the root type.
            details: the field's nodes.
            key: of the field in the answer.
        """
        root = self._roots.get((choice, key))
        if root is None:
            is_one_too_many = choice not in self._chosen and len(self._chosen) >= _MAX_COMBINATIONS
            if is_one_too_many or self.weight > self._max_bytes:
                return _STOCK
            self._chosen.add(choice)
            root = self._roots[choice, key] = _planned(executor, parent, details, key)
        return root


def _planned(
    executor: Executor[Any], parent: GraphQLObjectType, details: list[FieldDetails], key: str
) -> Root:
    core: Any = executor.schema.get_field(parent, details[0].node.name.value)
    nodes = tuple(each.node for each in details)
    named = executor.operation.name
    name = f"graphql {named.value if named else 'operation'}: {key}"
    call = completion = None
    with suppress(Exception):  # whatever is wrong, the stock executor says it or can do it
        place = Place(core=core, field=awaited_field_of(core), nodes=nodes, parent=parent)
        call = compile_call(executor, place, details, name=name)
    with suppress(Exception):
        completion = compile_completion(executor, core.type, details, name=name)
    return Root(call, completion)


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
