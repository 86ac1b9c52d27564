"""What is found once in a document by itself, and why it may be refused for that."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    visit,
)

from api.documents.introspection import ROOTS
from catalog.errors import ForbiddenError, InvalidInputError, VitrineError


class TooManyAliasesError(InvalidInputError):
    """The document gives more aliases than one request is given."""

    code = "GRAPHQL_VALIDATION_FAILED"


class IntrospectionOffError(ForbiddenError):
    """Only those with an API key may ask for the schema itself here."""

    code = "INTROSPECTION_OFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a document may have.

    Attributes:
        aliases: of fields that take arguments or have a selection; those of others cost nothing.
        introspection: whether it may ask for the schema itself.
    """

    aliases: int = 200
    introspection: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What is found once in a document.

    Attributes:
        sizing: the variables that its measure may depend on: those in arguments.
        aliases: of fields that take arguments or have a selection.
        of_schema: keys in the answer that hold the schema itself, and nothing else.
        asks_for_schema: whether there is such a question.
    """

    sizing: tuple[str, ...]
    aliases: int
    of_schema: frozenset[str]
    asks_for_schema: bool

    def refusal(self, allowed: Allowed) -> VitrineError | None:
        """Return why a document is not for whoever asks; None: it is."""
        if self.asks_for_schema and not allowed.introspection:
            return IntrospectionOffError("the schema itself is told to those with an API key")
        if self.aliases > allowed.aliases:
            return TooManyAliasesError(
                f"a document has at most {allowed.aliases} aliases of fields with arguments or a "
                f"selection; this one has {self.aliases}: ask in several requests"
            )
        return None


def facts_of(document: DocumentNode) -> Facts:
    """Look through a document."""
    finder = _FactFinder()
    visit(document, finder)
    return Facts(
        sizing=tuple(finder.variables),
        aliases=finder.aliases,
        of_schema=frozenset(finder.of_schema - finder.others),
        asks_for_schema=bool(finder.of_schema),
    )


class _FactFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: dict[str, None] = {}
        self.aliases = 0
        self.of_schema: set[str] = set()
        self.others: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.aliases += bool(node.alias and (node.arguments or node.selection_set))
        keys = self.of_schema if node.name.value in ROOTS else self.others
        keys.add(node.alias.value if node.alias else node.name.value)

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        self.variables.update(dict.fromkeys(variables_in(node.value)))


def variables_in(value: ValueNode) -> Iterator[str]:
    """Yield the variables in a value of a document, each as often as it stands there."""
    match value:
        case VariableNode():
            yield value.name.value
        case ListValueNode():
            for each in value.values:
                yield from variables_in(each)
        case ObjectValueNode():
            for each in value.fields:
                yield from variables_in(each.value)
        case _:
            pass
