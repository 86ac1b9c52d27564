"""Documents are parsed, measured and validated once: what is known of one is found by its text.

The parsed document stays the same object for as long as it is known, and so do the plans of the
compiled executor, which belong to it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.validation import ASTValidationRule
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.documents.bounds import Bounds, read_bounds
from api.documents.facts import Allowed, Facts, facts_of
from api.documents.introspection import Introspection, introspection_of, whole_question
from api.documents.limits import MAX_COST, Measure, measure, refusal, size_of
from api.execution.tokens import kept_bytes
from catalog.errors import VitrineError
from catalog.memory.recently_used import RecentlyUsed

MAX_TOKENS: Final = 4_000
#: Characters of a document.
MAX_LENGTH: Final = 65_536
#: What is wrong with a document beyond these is not said.
_MAX_ERRORS: Final = 5
#: Of all documents that are kept, about: of each its text, and what is parsed of it.
MAX_KEPT_BYTES: Final = 64 * 1_048_576
_BYTES_A_DOCUMENT = 4_000
_MAX_MEASURES, _BYTES_A_SIZE = 16, 40
#: Comparisons of fields that may be merged, about; the library's own limit is ten times as much.
cast("Any", overlapping_fields_can_be_merged).MAX_COMPLEXITY_BUDGET = 50_000


@dataclass(slots=True)
class Prepared:
    """What is known of a document.

    Attributes:
        text: that it was parsed from.
        introspection: what questions about the schema itself cost.
        facts: that were found in it once.
        errors: of its validation; None: it has not been validated.
        bounds: of what is sent with it, once it is validated.
        measures: by the sizes of the variables that it depends on.
    """

    text: str
    document: DocumentNode
    introspection: Introspection
    facts: Facts
    errors: Sequence[GraphQLError] | None = None
    bounds: Bounds = field(default_factory=Bounds)
    measures: RecentlyUsed[tuple[int | None, ...], Measure] = field(
        default_factory=lambda: RecentlyUsed(_MAX_MEASURES)
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
        found = self.measure(variables)
        return min(math.ceil(found.cost + found.introspection), MAX_COST)

    def measure(self, variables: Mapping[str, Any]) -> Measure:
        """Return what the document may cost with these variables."""
        sizes = tuple(size_of(variables, name) for name in self.facts.sizing)
        found = self.measures.get(sizes)
        if found is None:
            found = measure(self.document, variables, self.introspection)
            self.measures.put(sizes, found)
        return found


class Preparation:
    """Keeps the documents that were seen last.

    Args:
        rules: that a document is validated by, besides those of GraphQL.
        max_bytes: the least recently used beyond it are forgotten.
    """

    def __init__(
        self, rules: Sequence[type[ASTValidationRule]], *, max_bytes: int = MAX_KEPT_BYTES
    ) -> None:
        self._rules = tuple(rules)
        self._known: RecentlyUsed[str, Prepared] = RecentlyUsed(max_bytes)
        self._introspection = Introspection()
        self._most_introspection = math.inf

    def learn(self, schema: GraphQLSchema) -> None:
        """Find out what questions about the schema itself cost; all of it may be asked for once."""
        self._introspection = introspection_of(schema)
        whole = measure(parse(whole_question()), {}, self._introspection)
        self._most_introspection = 2 * whole.introspection

    def prepare(self, text: str) -> Prepared:
        """Return what is known of a document, or parse it.

        Raises:
            GraphQLSyntaxError: it is none, or has more than `MAX_TOKENS` tokens or `MAX_LENGTH`
                characters.
        """
        prepared = self._known.get(text)
        if prepared is None:
            document = parse(text, max_tokens=MAX_TOKENS, max_source_length=MAX_LENGTH)
            prepared = Prepared(text, document, self._introspection, facts_of(document))
            measures = _MAX_MEASURES * _BYTES_A_SIZE * len(prepared.facts.sizing)
            weight = _BYTES_A_DOCUMENT + kept_bytes(document) + measures
            self._known.put(text, prepared, weight=weight)
        return prepared

    def errors(
        self,
        prepared: Prepared,
        schema: GraphQLSchema,
        variables: Mapping[str, Any],
        allowed: Allowed = Allowed(),  # noqa: B008 - it is frozen
    ) -> list[GraphQLError]:
        """Return why a document is not executed; empty: it is.

        It is measured first: the rules of validation would expand every fragment.
        """
        refused = prepared.facts.refusal(allowed) or refusal(
            prepared.measure(variables), self._most_introspection
        )
        if refused is not None:
            return [_refused(refused)]
        if prepared.errors is None:
            prepared.errors = validate(
                schema, prepared.document, self._rules, max_errors=_MAX_ERRORS
            )
            if not prepared.errors:
                prepared.bounds = read_bounds(schema, prepared.document)
        if prepared.errors:  # they may be long, and nobody asks twice
            self._known.forget(prepared.text)
            return list(prepared.errors)
        refused = prepared.bounds.refused(variables)
        return [] if refused is None else [_refused(refused)]


def _refused(error: VitrineError) -> GraphQLError:
    return GraphQLError(error.message, original_error=error)
