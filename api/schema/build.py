"""Puts the schema together: types, limits, the directive, and what every answer reports."""

from datetime import datetime
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from api.errors import is_expected, log_unexpected
from api.in_context import IN_CONTEXT
from api.limits import LimitedValidation
from api.scalars import DATE_TIME_DEFINITION
from api.scene import RequestState
from api.schema.collection_mutations import CollectionMutations
from api.schema.described import graphql_type
from api.schema.licence_mutations import LicenceMutations
from api.schema.media import Asset
from api.schema.preset_mutations import PresetMutations
from api.schema.product import Product
from api.schema.product_mutations import ProductMutations
from api.schema.query import Query
from api.schema.rights_mutations import RightsMutations

_MAX_ALIASES = 30
_MAX_TOKENS = 4_000
_CACHED_DOCUMENTS = 256


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


@graphql_type
class Mutation(
    RightsMutations, LicenceMutations, CollectionMutations, ProductMutations, PresetMutations
):
    """Changes, each in one transaction. `errors` in the payload says what went wrong."""


#: Built once: rules made per request would keep the cache of validated documents from hitting.
_LIMITS = MaxAliasesLimiter(max_alias_count=_MAX_ALIASES).validation_rules


def build_schema() -> strawberry.Schema:
    """Build the schema; types are classes, so this is done once a process."""
    schema = _Schema(
        query=Query,
        mutation=Mutation,
        types=[Asset, Product],
        config=StrawberryConfig(scalar_map={datetime: DATE_TIME_DEFINITION}),
        extensions=[
            lambda: MaxTokensLimiter(max_token_count=_MAX_TOKENS),
            lambda: AddValidationRules(list(_LIMITS)),
            lambda: ParserCache(maxsize=_CACHED_DOCUMENTS),
            lambda: LimitedValidation(maxsize=_CACHED_DOCUMENTS),
            _ContextReport,
        ],
    )
    core = schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
    core.directives = (*core.directives, IN_CONTEXT)
    return schema


SCHEMA = build_schema()
