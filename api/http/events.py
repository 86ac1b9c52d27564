"""Events of subscriptions, each written as soon as it is there, and none larger than is allowed."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.types import ExecutionResult

from api.errors import describe
from api.execution.allowance import AnswerTooLargeError
from api.http.json_writer import written


async def bounded(
    results: AsyncGenerator[Any], check_size: Callable[[int], None]
) -> AsyncGenerator[Any]:
    """Yield the events of an operation with their data as JSON; the next may be smaller.

    Args:
        results: of the operation.
        check_size: raises `AnswerTooLargeError` for so many bytes.
    """
    async with aclosing(results):
        async for each in results:
            yield _written(each, check_size) if isinstance(each, ExecutionResult) else each


def _written(event: ExecutionResult, check_size: Callable[[int], None]) -> ExecutionResult:
    """Return what is sent of an event; of one that is too large only that it is."""
    if event.data is None:  # an error alone, whose message is short
        return event
    beside = [[each.formatted for each in event.errors or ()], event.extensions]
    try:
        data = written(event.data, check_size)
        check_size(len(data) + len(orjson.dumps(beside)))
    except AnswerTooLargeError as error:
        return ExecutionResult(data=None, errors=[GraphQLError(**describe(error))])
    json: Any = orjson.Fragment(data)
    return ExecutionResult(json, event.errors, event.extensions)
