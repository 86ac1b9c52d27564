"""Operations and data that nobody thought of are answered as by the stock executor.

`EXECUTION_EXAMPLES=20000 pytest -s tests/api/execution` looks longer, and elsewhere each time.
"""

import asyncio
import os
from typing import Any

from graphql import parse, validate
from hypothesis import HealthCheck, given, settings

from tests.api.execution.generated import documents, roots
from tests.api.execution.pair import Pair
from tests.api.execution.zoo import Query, make_schema

EXAMPLES = 400
_LONGER = os.environ.get("EXECUTION_EXAMPLES")
_CORE = make_schema()._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in


def test_generated_operations_are_answered_as_by_the_stock_executor() -> None:
    pair = Pair()

    @settings(
        max_examples=int(_LONGER or EXAMPLES),
        deadline=None,
        derandomize=_LONGER is None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        database=None,
    )
    @given(documents(_CORE), roots())
    def compare(operation: tuple[str, dict[str, Any]], root: Query) -> None:
        text, variables = operation
        document = parse(text)
        assert validate(_CORE, document) == [], text
        asyncio.run(pair.compare(document, lambda: root, variables, twice=False))

    compare()
    print(f"{pair.compared} operations compared, root fields: {dict(pair.outcomes)}")  # noqa: T201 - the figure
    assert pair.outcomes["compiled"] > pair.compared / 2
