"""Executes prepared documents: what is left to an operation is its run.

Nothing of Strawberry's own pipeline stands between: documents are refused, measured and planned by
`api.documents`, and what an answer reports is asked of the request's state.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, TypeAlias, cast

import graphql
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from strawberry.execution import optimized_is_awaitable
from strawberry.types import ExecutionResult as Event
from strawberry.types.execution import PreExecutionError

from api.answers.answer_memory import THE_CODE
from api.documents.preparation import Preparation, Prepared
from api.errors import formatted, is_expected, log_unexpected
from api.request.scene import RequestState

#: graphql-core's own; its type is left partly open.
Executor: TypeAlias = Any


class Operations:
    """Executes what is asked of a schema.

    Args:
        schema: that documents are asked of.
        preparation: of its documents.
        executor: class that executes operations.
    """

    def __init__(
        self, schema: GraphQLSchema, preparation: Preparation, executor: type[Executor]
    ) -> None:
        self._schema = schema
        self._preparation = preparation
        self._executor = executor

    async def execute(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        state: RequestState,
        operation_name: str | None = None,
    ) -> ExecutionResult:
        """Execute a query or a mutation.

        Args:
            prepared: the document.
            variables: as they were sent.
            state: of the request, which learns what the answer rests on.
            operation_name: where there are several.
        """
        refused = self._refused(prepared, variables, state)
        if refused:
            return ExecutionResult(None, refused)
        executor = self._executor.build(
            self._schema,
            prepared.document,
            context_value=state,
            raw_variable_values=dict(variables),
            operation_name=operation_name,
            is_awaitable=optimized_is_awaitable,
            plans=prepared.plans,
        )
        if isinstance(executor, list):
            return ExecutionResult(None, cast("list[GraphQLError]", executor))
        try:
            result = executor.execute_operation()
            if isawaitable(result):
                result = await result
        finally:
            self._preparation.weigh_again(prepared)
        return _reported(result, state)

    async def stream(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        state: RequestState,
        operation_name: str | None = None,
    ) -> AsyncGenerator[Event]:
        """Execute a subscription; each event is as clients get it."""
        refused = self._refused(prepared, variables, state)
        if refused:
            yield PreExecutionError(None, _coded(refused))
            return
        subscribe: Any = cast("Any", graphql).subscribe
        events = subscribe(
            self._schema,
            prepared.document,
            context_value=state,
            variable_values=dict(variables),
            operation_name=operation_name,
            executor_class=self._executor,
            plans=prepared.plans,
        )
        if isawaitable(events):
            events = await events
        if isinstance(events, ExecutionResult):
            yield PreExecutionError(None, _coded(_reported(events, state).errors or []))
            return
        try:
            async with aclosing(events):
                async for each in events:
                    self._preparation.weigh_again(prepared)
                    result = _reported(each, state)
                    yield Event(result.data, _coded(result.errors or []), result.extensions)
        except Exception as error:  # noqa: BLE001 - graphql-core leaves it to whoever asks
            last = _reported(ExecutionResult(None, [_located(error)]), state)
            yield Event(None, _coded(last.errors or []), last.extensions)

    def _refused(
        self, prepared: Prepared, variables: Mapping[str, Any], state: RequestState
    ) -> list[GraphQLError]:
        """Return why the document is not executed; else have the state know it."""
        state.prepared = prepared
        if prepared.outline.of_schema:
            state.basis.roots |= prepared.outline.of_schema
            state.basis.subjects.add(THE_CODE)
        return self._preparation.errors(prepared, variables, state.allowed)


def _located(error: Exception) -> GraphQLError:
    if isinstance(error, GraphQLError):
        return error
    return GraphQLError(str(error), original_error=error)


def _reported(result: ExecutionResult, state: RequestState) -> ExecutionResult:
    """Log what is a fault of ours, once, and add `extensions.context`: what was used."""
    for error in result.errors or ():
        original = error.original_error
        if original is not None and not is_expected(original):
            log_unexpected(original)
    report = state.report()
    result.extensions = {} if report is None else {"context": report}
    return result


def _coded(errors: list[GraphQLError]) -> list[GraphQLError] | None:
    """Write what clients get into the errors; the protocols send them as they are."""
    for error in errors:
        described = formatted(error)
        error.message, error.extensions = described["message"], described["extensions"]
    return errors or None
