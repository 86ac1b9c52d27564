"""One prepared document: parsed, measured, validated and planned once, and found by its text.

text -> `Prepared` -> why it is refused, or what it costs -> what its root fields need -> how they
are asked and completed. All of it hangs on the one object, which is weighed and forgotten with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
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

from api.documents.declared import Needs
from api.documents.introspection import introspection_of, whole_question
from api.documents.limits import MAX_COST, Allowed
from api.documents.outline import Outline, outline_of
from api.execution import Plans
from api.execution.core import ResolveInfo
from catalog.memory.kept import Kept

MAX_TOKENS: Final = 4_000
#: Characters of a document.
MAX_LENGTH: Final = 65_536
#: What is wrong with a document beyond these is not said.
_MAX_ERRORS: Final = 5
#: Of all documents that are kept, about, with all that hangs on them.
MAX_KEPT_BYTES: Final = 128 * 1_048_576
#: About, in memory; of a token with the nodes that are made of it.
_BYTES_A_DOCUMENT, _BYTES_A_TOKEN = 4_000, 600
#: Comparisons of fields that may be merged, about; the library's own limit is ten times as much.
cast("Any", overlapping_fields_can_be_merged).MAX_COMPLEXITY_BUDGET = 50_000


@dataclass(slots=True, eq=False)
class Prepared:
    """What is known of a document.

    Attributes:
        text: that it was parsed from.
        outline: what one walk of it has found.
        plans: of its root fields: how they are asked, and what completes them.
        own_weight: bytes of all but its plans, about.
        errors: of its validation; None: it has not been validated.
    """

    text: str
    document: DocumentNode
    outline: Outline
    plans: Plans
    own_weight: int
    errors: list[GraphQLError] | None = None

    @property
    def weight(self) -> int:
        """Return the bytes of all that is known of it, about."""
        return self.own_weight + self.plans.weight

    def operations(self, name: str | None) -> list[OperationDefinitionNode]:
        """Return those of this name; None: all."""
        operations = (
            each for each in self.document.definitions if isinstance(each, OperationDefinitionNode)
        )
        return [each for each in operations if name in {None, each.name and each.name.value}]

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return what it is counted as; what costs more than the limit is not executed."""
        return min(self.outline.cost(variables) + self.outline.introspection, MAX_COST)

    def needs(self, info: ResolveInfo) -> Needs:
        """Return what is selected below a root field has to be loaded with."""
        nodes = (self.outline.needs[each.loc.start] for each in info.field_nodes)
        return reduce(Needs.__or__, (each.of(info.variable_values) for each in nodes))


class Preparation:
    """Keeps the documents that were seen last.

    Args:
        schema: that they are asked of.
        rules: that a document is validated by.
        max_bytes: the least recently used beyond it are forgotten.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        rules: Sequence[type[ASTValidationRule]],
        *,
        max_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        self._schema = schema
        self._rules = tuple(rules)
        self._introspection = introspection_of(schema)
        whole = outline_of(schema, parse(whole_question()), self._introspection)
        self._most_introspection = 2 * whole.introspection
        self._known: Kept[str, Prepared] = Kept(max_bytes, weigh=lambda each: each.weight)

    def prepare(self, text: str) -> Prepared:
        """Return what is known of a document, or parse it.

        Raises:
            GraphQLSyntaxError: it is none, or has more than `MAX_TOKENS` tokens or `MAX_LENGTH`
                characters.
        """
        prepared = self._known.get(text)
        if prepared is None:
            document = parse(text, max_tokens=MAX_TOKENS, max_source_length=MAX_LENGTH)
            outline = outline_of(self._schema, document, self._introspection)
            weight = _parsed_bytes(document) + outline.weight
            prepared = Prepared(text, document, outline, Plans(outline.conditions), weight)
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

    def errors(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        allowed: Allowed = Allowed(),  # noqa: B008 - it is frozen
    ) -> list[GraphQLError]:
        """Return why a document is not executed; empty: it is.

        Its limits come first: the rules of validation would expand every fragment.
        """
        outline = prepared.outline
        refused = outline.beyond_limits(outline.cost(variables), allowed, self._most_introspection)
        if refused is None:
            if prepared.errors is None:
                prepared.errors = validate(
                    self._schema, prepared.document, self._rules, max_errors=_MAX_ERRORS
                )
            if prepared.errors:  # they may be long, and nobody asks twice
                self._known.forget(prepared.text)
                return prepared.errors
            refused = outline.beyond_bounds(variables)
        return [] if refused is None else [GraphQLError(refused.message, original_error=refused)]


def _parsed_bytes(document: DocumentNode) -> int:
    """Return what a parsed document takes in memory, about, its text included."""
    location = document.loc
    assert location is not None  # noqa: S101 - it was parsed from a text
    token, count = location.start_token, 1
    while token.next is not None:
        count, token = count + 1, token.next
    return _BYTES_A_DOCUMENT + 4 * len(location.source.body) + _BYTES_A_TOKEN * count
