"""Documents are parsed, measured and validated once: what is known of one is found by its text.

The parsed document stays the same object for as long as it is known, and so do the plans of the
compiled executor, which belong to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
)
from graphql.validation import ASTValidationRule
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from api.limits import MAX_COST, Measure, measure, paging_variables, refusal
from catalog.memory import RecentlyUsed

MAX_TOKENS: Final = 4_000
_MAX_MEASURES = 64
_LONGEST_KEPT = 65_536  # characters


@dataclass(slots=True)
class Prepared:
    """What is known of a document.

    Attributes:
        errors: of its validation; None: it has not been validated.
        paging: the variables that its measure depends on.
        measures: by the values of those.
    """

    document: DocumentNode
    paging: tuple[str, ...]
    errors: Sequence[GraphQLError] | None = None
    measures: dict[tuple[int | str, ...], Measure] = field(
        default_factory=dict[tuple["int | str", ...], Measure]
    )

    def operations(self, name: str | None) -> list[OperationDefinitionNode]:
        """Return those of this name; None: all."""
        return [
            each
            for each in self.document.definitions
            if isinstance(each, OperationDefinitionNode)
            and (name is None or (each.name and each.name.value == name))
        ]

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return what it is counted as; what costs more than the limit is not executed."""
        return min(self.measure(variables).cost, MAX_COST)

    def measure(self, variables: Mapping[str, Any]) -> Measure:
        """Return what the document may cost with these variables."""
        values = tuple(_told(variables, name) for name in self.paging)
        found = self.measures.get(values)
        if found is None:
            found = measure(self.document, variables)
            if len(self.measures) < _MAX_MEASURES:
                self.measures[values] = found
        return found


def _told(variables: Mapping[str, Any], name: str) -> int | str:
    """Return a size, or that it is none, or is left to its default."""
    if name not in variables:
        return "default"
    value = variables[name]
    return value if isinstance(value, int) else "none"


class Preparation:
    """Keeps the documents that were seen last.

    Args:
        rules: that a document is validated by, besides those of GraphQL.
        max_documents: the least recently used beyond it are forgotten.
    """

    def __init__(self, rules: Sequence[type[ASTValidationRule]], *, max_documents: int) -> None:
        self._rules = tuple(rules)
        self._known: RecentlyUsed[str, Prepared] = RecentlyUsed(max_documents)

    def prepare(self, text: str) -> Prepared:
        """Return what is known of a document, or parse it.

        Raises:
            GraphQLSyntaxError: it is none, or has more than `MAX_TOKENS` tokens.
        """
        prepared = self._known.get(text)
        if prepared is None:
            document = parse(text, max_tokens=MAX_TOKENS)
            prepared = Prepared(document, paging_variables(document))
            if len(text) <= _LONGEST_KEPT:
                self._known.put(text, prepared)
        return prepared

    def errors(
        self, prepared: Prepared, schema: GraphQLSchema, variables: Mapping[str, Any]
    ) -> list[GraphQLError]:
        """Return why a document is not executed; empty: it is.

        It is measured first: the rules of validation would expand every fragment.
        """
        if refused := refusal(prepared.measure(variables)):
            return [GraphQLError(refused.message, original_error=refused)]
        if prepared.errors is None:
            prepared.errors = validate_document(schema, prepared.document, self._rules)
        return list(prepared.errors)

    def extension(self) -> type[SchemaExtension]:
        """Return what prepares the document of each operation."""
        prepare, errors = self.prepare, self.errors

        class Prepares(SchemaExtension):
            def on_operation(self) -> Iterator[None]:
                context = self.execution_context
                try:
                    prepared = prepare(context.query or "")
                except GraphQLSyntaxError:
                    context.parse_options["max_tokens"] = (
                        MAX_TOKENS  # it will be said by whoever asks
                    )
                else:
                    core = context.schema._schema  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - no public way in
                    context.graphql_document = prepared.document
                    context.pre_execution_errors = errors(prepared, core, context.variables or {})
                yield

        return Prepares
