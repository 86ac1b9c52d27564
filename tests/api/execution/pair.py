"""Executes an operation on the stock executor and on the compiled one, and compares the answers."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, cast

import graphql
import orjson
import strawberry
from graphql import ExecutionResult, parse
from graphql.language import DocumentNode

from api.execution import Outcome, Plans, compiled_executor
from tests.api.execution.zoo import make_schema


class Pair:
    """Both executors on one schema.

    Attributes:
        schema, compiled: that of the stock executor, and that of ours.
        outcomes: how root fields were completed so far.
        compared: how many operations were.
    """

    def __init__(self, make: Callable[[Any], strawberry.Schema] = make_schema) -> None:
        self.outcomes: Counter[Outcome] = Counter()
        self.compared = 0
        self.schema = make(None)
        self.compiled = make(compiled_executor(count=self._count))
        self._document: DocumentNode | None = None
        self._plans = Plans()

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
        plans = self._plans if self._document is parsed else Plans()
        self._plans, self._document = plans, parsed
        expected = await _answer(self.schema, parsed, root(), variables, context())
        for _ in range(1 + twice):
            got = await _answer(self.compiled, parsed, root(), variables, context(), plans=plans)
            assert got == expected, document
        self.compared += 1
        return orjson.loads(expected)


async def _answer(
    schema: strawberry.Schema,
    document: DocumentNode,
    root: object,
    variables: Mapping[str, Any] | None,
    context: object,
    **of_executor: object,
) -> bytes:
    core = schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    execute: Any = cast("Any", graphql).execute
    executor: Any = schema
    result = execute(
        core,
        document,
        root,
        context,
        dict(variables or {}),
        executor_class=executor.execution_context_class,
        **of_executor,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    errors = [error.formatted for error in result.errors or ()]
    return orjson.dumps({"data": result.data, "errors": errors})
