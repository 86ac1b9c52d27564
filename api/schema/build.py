"""Puts the schema together: types, limits, the directive, and who executes its operations."""

from datetime import datetime

import prometheus_client
import strawberry
from graphql import GraphQLSchema
from graphql.validation import specified_rules
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.documents.bounds import bound_schema
from api.documents.preparation import Preparation
from api.execution import Outcome, compiled_executor
from api.request.in_context import IN_CONTEXT
from api.request.operations import Operations
from api.request.scene import RequestState
from api.scalars import DATE_TIME_DEFINITION
from api.schema.descriptions import graphql_type
from api.schema.holder_mutations import HolderMutations
from api.schema.key_mutations import KeyMutations
from api.schema.media import Asset
from api.schema.preset_mutations import PresetMutations
from api.schema.principal_mutations import PrincipalMutations
from api.schema.product import Product
from api.schema.product_mutations import ProductMutations
from api.schema.put_mutations import PutMutations
from api.schema.query import Query
from api.schema.rights_mutations import RightsMutations
from api.schema.role_mutations import RoleMutations
from api.schema.subscription import Subscription
from api.schema.task_mutations import TaskMutations
from api.schema.version_mutations import VersionMutations
from api.schema.views import ViewMutations
from api.schema.work_mutations import WorkMutations

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


@graphql_type
class Mutation(
    RightsMutations,
    HolderMutations,
    ProductMutations,
    PutMutations,
    VersionMutations,
    PresetMutations,
    TaskMutations,
    WorkMutations,
    PrincipalMutations,
    RoleMutations,
    KeyMutations,
    ViewMutations,
):
    """Changes, each in one transaction. `errors` in the payload says what went wrong."""


#: What documents are validated by.
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


def build_schema() -> strawberry.Schema:
    """Build the schema; types are classes, so this is done once a process."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Asset, Product],
        config=StrawberryConfig(scalar_map={datetime: DATE_TIME_DEFINITION}),
    )
    core = core_of(schema)
    core.directives = (*core.directives, IN_CONTEXT)
    bound_schema(core)
    return schema


def core_of(schema: strawberry.Schema) -> GraphQLSchema:
    """Return graphql-core's schema behind Strawberry's."""
    return schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in


SCHEMA = build_schema()
#: What is known of the documents that are asked for.
PREPARATION = Preparation(core_of(SCHEMA), RULES)
OPERATIONS = Operations(core_of(SCHEMA), PREPARATION, compiled_executor(count=_count, take=_take))
