"""Puts the schema together: types, limits, the directive, and what every answer reports."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import prometheus_client
import strawberry
from graphql import GraphQLError
from graphql.validation import specified_rules
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext, StreamExecutionResult

from api.documents.bounds import bound_schema
from api.documents.preparation import Preparation
from api.errors import formatted, is_expected, log_unexpected
from api.execution import Outcome, compiled_executor
from api.request.in_context import IN_CONTEXT
from api.request.prepares import prepares
from api.request.scene import RequestState
from api.scalars import DATE_TIME_DEFINITION
from api.schema.described import graphql_type
from api.schema.holder_mutations import HolderMutations
from api.schema.media import Asset
from api.schema.preset_mutations import PresetMutations
from api.schema.product import Product
from api.schema.product_mutations import ProductMutations
from api.schema.query import Query
from api.schema.rights_mutations import RightsMutations
from api.schema.subscription import Subscription

_COMPLETIONS = prometheus_client.Counter(
    "vitrine_graphql_completions",
    "Root fields by how they were completed; `api/execution/README.md` says what that means.",
    ("how",),
)


def _count(how: Outcome) -> None:
    _COMPLETIONS.labels(how).inc()


def _take(context: object, fields: int) -> None:
    if isinstance(context, RequestState):
        context.allowance.take(fields)


class _Schema(strawberry.Schema):
    """Logs what is a fault of ours, once; what a caller can act on is no news."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        del execution_context
        for error in errors:
            original = error.original_error
            if original is not None and not is_expected(original):
                log_unexpected(original)


class _ContextReport(SchemaExtension):
    """Adds `extensions.context` to the answer: what was used."""

    def get_results(self) -> dict[str, Any]:
        """Return what the request's state has to report."""
        state = self.execution_context.context
        report = state.report() if isinstance(state, RequestState) else None
        return {} if report is None else {"context": report}


class _CodedStream(SchemaExtension):
    """Gives the errors of subscriptions their codes, which answers over HTTP get when written."""

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Write what clients get into the errors; the protocols send them as they are."""
        for error in getattr(result, "errors", None) or ():
            described = formatted(error)
            error.message, error.extensions = described["message"], described["extensions"]
        yield


@graphql_type
class Mutation(RightsMutations, HolderMutations, ProductMutations, PresetMutations):
    """Changes, each in one transaction. `errors` in the payload says what went wrong."""


#: What is known of the documents that are asked for.
PREPARATION = Preparation((*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule))


def build_schema(*, executes_stock: bool = False) -> strawberry.Schema:
    """Build the schema; types are classes, so this is done once a process.

    Args:
        executes_stock: by Strawberry's own executor, which the compiled one is held against.
    """
    executor = compiled_executor(count=_count, take=_take)
    schema = _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Asset, Product],
        execution_context_class=None if executes_stock else executor,
        config=StrawberryConfig(scalar_map={datetime: DATE_TIME_DEFINITION}),
        extensions=[
            prepares(PREPARATION),
            _ContextReport,
            _CodedStream,
        ],
    )
    core = schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    core.directives = (*core.directives, IN_CONTEXT)
    bound_schema(core)
    PREPARATION.learn(core)
    return schema


SCHEMA = build_schema()
