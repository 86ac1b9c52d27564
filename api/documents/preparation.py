"""One prepared document: parsed, measured, validated and planned once, and found by its text.

text -> `Prepared` -> why it is refused, or what it costs -> what its root fields need -> how they
are asked and completed. All of it hangs on the one object, which is weighed and forgotten with it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.validation import ASTValidationRule
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.documents.bounds import Bounds, read_bounds
from api.documents.declared import Needs
from api.documents.facts import Allowed, Facts, facts_of
from api.documents.introspection import introspection_of, whole_question
from api.documents.limits import MAX_COST, Measure, measure, refusal, size_of
from api.documents.needs import RootNeeds, find_needs
from api.execution import Plans
from api.execution.core import ResolveInfo
from catalog.errors import VitrineError
from catalog.memory.kept import Kept
from catalog.memory.memo import Memo

MAX_TOKENS: Final = 4_000
#: Characters of a document.
MAX_LENGTH: Final = 65_536
#: What is wrong with a document beyond these is not said.
_MAX_ERRORS: Final = 5
#: Of all documents that are kept, about, with all that hangs on them.
MAX_KEPT_BYTES: Final = 128 * 1_048_576
_BYTES_A_DOCUMENT = 4_000
#: Of a token with the nodes that are made of it, about, in memory.
_BYTES_A_TOKEN = 600
_MAX_MEASURES, _BYTES_A_MEASURE, _BYTES_A_SIZE = 16, 200, 40
_MAX_NEEDS = 256
#: Comparisons of fields that may be merged, about; the library's own limit is ten times as much.
cast("Any", overlapping_fields_can_be_merged).MAX_COMPLEXITY_BUDGET = 50_000


@dataclass(slots=True, eq=False)
class Prepared:
    """What is known of a document.

    Attributes:
        text: that it was parsed from.
        facts: that were found in it once.
        errors: of its validation; None: it has not been validated.
        bounds: of what is sent with it, once it is validated.
        measures: by the sizes of the variables that it depends on.
        plans: of its root fields: how they are asked, and what completes them.
    """

    text: str
    document: DocumentNode
    facts: Facts
    _preparation: "Preparation"
    errors: Sequence[GraphQLError] | None = None
    bounds: Bounds = field(default_factory=Bounds)
    measures: Memo[Measure] = field(init=False)
    plans: Plans = field(default_factory=Plans)
    _needs: Memo[RootNeeds] = field(
        default_factory=lambda: Memo(_MAX_NEEDS, lambda each: each.weight)
    )
    _parsed_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        """Weigh what is parsed, which stays as it is."""
        a_measure = _BYTES_A_MEASURE + _BYTES_A_SIZE * len(self.facts.sizing)
        self.measures = Memo(_MAX_MEASURES, lambda _: a_measure)
        self._parsed_bytes = _BYTES_A_DOCUMENT + parsed_bytes(self.document)

    @property
    def weight(self) -> int:
        """Return the bytes of all that is known of it, about."""
        return self._parsed_bytes + self.measures.weight + self._needs.weight + self.plans.weight

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
            found = self._preparation.measured(self.document, variables)
            self.measures[sizes] = found
        return found

    def refusal(self, variables: Mapping[str, Any], allowed: Allowed) -> list[GraphQLError]:
        """Return why it is not executed; empty: it is.

        It is measured first: the rules of validation would expand every fragment.
        """
        preparation = self._preparation
        refused = self.facts.refusal(allowed) or refusal(
            self.measure(variables), preparation.most_introspection
        )
        if refused is None and self.errors is None:
            self.errors = preparation.validated(self.document)
            if not self.errors:
                self.bounds = read_bounds(preparation.schema, self.document)
        if refused is None and self.errors:
            return list(self.errors)
        refused = refused or self.bounds.refused(variables)
        return [] if refused is None else [_refused(refused)]

    def needs(self, info: ResolveInfo) -> Needs:
        """Return what is selected below a root field has to be loaded with."""
        nodes = tuple(each.loc.start for each in info.field_nodes)  # conditions decide which
        found = self._needs.get(nodes)
        if found is None:
            found = self._needs[nodes] = find_needs(info)
        return found.of(info.variable_values)


class Preparation:
    """Keeps the documents that were seen last.

    Args:
        schema: that they are asked of.
        rules: that a document is validated by.
        max_bytes: the least recently used beyond it are forgotten.

    Attributes:
        most_introspection: all of the schema may be asked for once.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        rules: Sequence[type[ASTValidationRule]],
        *,
        max_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        self.schema = schema
        self._rules = tuple(rules)
        self._introspection = introspection_of(schema)
        whole = self.measured(parse(whole_question()), {})
        self.most_introspection = 2 * whole.introspection
        self._known: Kept[str, Prepared] = Kept(max_bytes, weigh=lambda each: each.weight)

    @property
    def weight(self) -> int:
        """Return the bytes of all that is kept, about."""
        return self._known.weight

    def prepare(self, text: str) -> Prepared:
        """Return what is known of a document, or parse it.

        Raises:
            GraphQLSyntaxError: it is none, or has more than `MAX_TOKENS` tokens or `MAX_LENGTH`
                characters.
        """
        prepared = self._known.get(text)
        if prepared is None:
            document = parse(text, max_tokens=MAX_TOKENS, max_source_length=MAX_LENGTH)
            prepared = Prepared(text, document, facts_of(document), self)
            self._known.put(text, prepared)
        return prepared

    def weigh_again(self, prepared: Prepared) -> None:
        """Count what an execution has worked out of a document, most of all its plans."""
        self._known.weigh_again(prepared.text)

    def tried(self, text: str) -> Prepared | GraphQLSyntaxError:
        """Return what is known of a document, or why it is none."""
        try:
            return self.prepare(text)
        except GraphQLSyntaxError as error:
            return error

    def measured(self, document: DocumentNode, variables: Mapping[str, Any]) -> Measure:
        """Return what a document may cost with these variables."""
        return measure(self.schema, document, variables, self._introspection)

    def validated(self, document: DocumentNode) -> list[GraphQLError]:
        """Return what is wrong with a document."""
        return validate(self.schema, document, self._rules, max_errors=_MAX_ERRORS)

    def errors(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        allowed: Allowed = Allowed(),  # noqa: B008 - it is frozen
    ) -> list[GraphQLError]:
        """Return why a document is not executed; empty: it is."""
        found = prepared.refusal(variables, allowed)
        if prepared.errors:  # they may be long, and nobody asks twice
            self._known.forget(prepared.text)
        return found


def parsed_bytes(document: DocumentNode) -> int:
    """Return what a parsed document takes in memory, about, its text included."""
    location = document.loc
    assert location is not None  # noqa: S101 - it was parsed from a text
    token, count = location.start_token, 1
    while token.next is not None:
        count, token = count + 1, token.next
    return 4 * len(location.source.body) + _BYTES_A_TOKEN * count


def _refused(error: VitrineError) -> GraphQLError:
    return GraphQLError(error.message, original_error=error)
