"""Executes a prepared operation within the time that whoever asks has."""

import asyncio
from collections.abc import Mapping
from typing import Any

from graphql import ExecutionResult

from api.documents.preparation import Prepared
from api.execution.allowance import ENDED
from api.request.scene import RequestState
from api.schema.build import OPERATIONS


async def executed(
    prepared: Prepared,
    variables: Mapping[str, Any],
    state: RequestState,
    operation_name: str | None = None,
) -> ExecutionResult:
    """Execute an operation.

    Raises:
        TimedOutError: it took too long.
        AnswerTooLargeError: it has too large an answer.
    """
    try:
        async with asyncio.timeout(state.allowance.limit_s):
            result = await OPERATIONS.execute(prepared, variables, state, operation_name)
    except TimeoutError as error:
        raise state.allowance.timed_out() from error
    for error in result.errors or ():
        if isinstance(error.original_error, ENDED):  # the rest of its answer is not given either
            raise error.original_error
    return result
