"""Executes an operation on the stock executor and on the compiled one, and compares the answers."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import strawberry
from graphql import ExecutionResult, execute, parse
from graphql.language import DocumentNode

from api.execution import Outcome, compiled_executor
from tests.api.execution.zoo import make_schema


class Pair:
    """Both executors on one schema.

    Attributes:
        outcomes: how root fields were completed so far.
        compared: how many operations were.
    """

    def __init__(self, make: Callable[[Any], strawberry.Schema] = make_schema) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self.compared = 0
        self._stock = make(None)
        self._compiled = make(compiled_executor(tell=lambda outcome: self._count(outcome)))

    @property
    def schema(self) -> strawberry.Schema:
        """The schema of the stock executor."""
        return self._stock

    def _count(self, outcome: Outcome) -> None:
        self.outcomes[outcome] += 1

    async def compare(
        self,
        document: str | DocumentNode,
        root: Callable[[], object],
        variables: Mapping[str, Any] | None = None,
        *,
        context: Callable[[], object] = dict,
        twice: bool = True,
    ) -> dict[str, Any]:
        """Return the answer of both.

        Args:
            document: a valid one; it has one operation.
            root: makes the root value, for each execution anew.
            variables: raw.
            context: makes the context value, for each execution anew.
            twice: the second time the plan is there already.

        Raises:
            AssertionError: the answers differ, be it in the order of errors or of keys.
        """
        parsed = parse(document) if isinstance(document, str) else document
        expected = await _answer(self._stock, parsed, root(), variables, context())
        for _ in range(1 + twice):
            got = await _answer(self._compiled, parsed, root(), variables, context())
            assert got == expected, document
        self.compared += 1
        return orjson.loads(expected)


async def _answer(
    schema: strawberry.Schema,
    document: DocumentNode,
    root: object,
    variables: Mapping[str, Any] | None,
    context: object,
) -> bytes:
    core = schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    result = execute(
        core,
        document,
        root,
        context,
        dict(variables or {}),
        executor_class=schema.execution_context_class,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    errors = [error.formatted for error in result.errors or ()]
    return orjson.dumps({"data": result.data, "errors": errors})
