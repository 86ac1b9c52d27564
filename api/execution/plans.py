"""What is known of the root fields of one document: how each is asked, and what completes it.

Whoever keeps the document keeps this with it, and weighs both.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from graphql import Executor, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails

from api.execution.resolvers import Place, awaited_field_of
from api.execution.source import Call, Completion, compile_call, compile_completion
from catalog.memory.memo import Memo

#: Fields that are kept compiled of a document; what is more the stock executor completes.
MAX_KEPT_FIELDS = 10_000
#: What is written for a field, about, in memory.
_BYTES_A_FIELD = 2_400
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
        conditions: variables that `@skip` and `@include` ask; None: it may be any Boolean.
        max_fields: that are kept compiled.
    """

    def __init__(
        self, conditions: Collection[str] | None = None, *, max_fields: int = MAX_KEPT_FIELDS
    ) -> None:
        self._conditions = conditions
        self._max_bytes = max_fields * _BYTES_A_FIELD
        self._chosen: set[object] = set()
        self._roots: Memo[Root] = Memo(_MAX_ROOTS, lambda each: each.weight)

    @property
    def weight(self) -> int:
        """Return the bytes of all, about."""
        return self._roots.weight

    def choice(self, executor: Executor[Any]) -> object:
        """Return which operation it is, and what its conditions are in this run."""
        operation = executor.operation.name and executor.operation.name.value
        given, conditions = executor.variable_values.coerced, self._conditions
        if conditions is None:
            conditions = [name for name, value in given.items() if isinstance(value, bool)]
        return operation, *((name, given[name]) for name in conditions if name in given)

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
    named = executor.operation.name
    name = f"graphql {named.value if named else 'operation'}: {key}"
    call = completion = None
    with suppress(Exception):  # whatever is wrong, the stock executor says it or can do it
        place = Place(core=core, field=awaited_field_of(core), details=details, parent=parent)
        call = compile_call(executor, place, name=name)
    with suppress(Exception):
        completion = compile_completion(executor, core.type, details, name=name)
    return Root(call, completion)
