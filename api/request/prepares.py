"""The document of each operation is prepared before Strawberry looks at it."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLSyntaxError
from strawberry.extensions import SchemaExtension

from api.answers.kept import THE_CODE
from api.documents.facts import Allowed
from api.documents.preparation import MAX_LENGTH, MAX_TOKENS, Preparation
from api.request.scene import RequestState


def prepares(preparation: Preparation) -> type[SchemaExtension]:
    """Return what prepares the document of each operation."""
    prepare, errors = preparation.prepare, preparation.errors

    class Prepares(SchemaExtension):
        def on_operation(self) -> Iterator[None]:
            context = self.execution_context
            try:
                prepared = prepare(context.query or "")
            except GraphQLSyntaxError:
                limits: Any = context.parse_options  # it will be said by whoever asks
                limits |= {"max_tokens": MAX_TOKENS, "max_source_length": MAX_LENGTH}
            else:
                core = context.schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
                state, variables = context.context, context.variables or {}
                allowed = Allowed()
                if isinstance(state, RequestState):
                    allowed = state.allowed
                    if prepared.facts.of_schema:
                        state.basis.roots |= prepared.facts.of_schema
                        state.basis.subjects.add(THE_CODE)
                context.graphql_document = prepared.document
                context.pre_execution_errors = errors(prepared, core, variables, allowed)
            yield

    return Prepares
