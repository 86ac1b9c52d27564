"""What a document may ask for, and what is said of one that asks for more."""

from dataclasses import dataclass

from catalog.errors import ForbiddenError, InvalidInputError, VitrineError

MAX_DEPTH = 14
#: Of selections and of fragments within each other, whatever they select.
MAX_NESTING = 64
MAX_COST = 20_000


class TooDeepError(InvalidInputError):
    """Selections, or fragments within each other, are nested deeper than anybody needs."""

    code = "TOO_DEEP"


class TooCostlyError(InvalidInputError):
    """The operation may make more fields than one request is given."""

    code = "TOO_COSTLY"


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


@dataclass(slots=True, kw_only=True, eq=False)
class Measure:
    """Of a document, whatever its variables are.

    Attributes:
        depth: of its nesting.
        aliases: of fields that take arguments or have a selection.
        introspection: fields of the answer to questions about the schema itself.
    """

    depth: int = 0
    aliases: int = 0
    introspection: int = 0

    def beyond_limits(self, cost: int, allowed: Allowed, most_asked: int) -> VitrineError | None:
        """Return why it is not for whoever asks, at what it costs; None: it is."""
        if self.introspection and not allowed.introspection:
            return IntrospectionOffError("the schema itself is told to those with an API key")
        if self.aliases > allowed.aliases:
            return TooManyAliasesError(
                f"a document has at most {allowed.aliases} aliases of fields with arguments or a "
                f"selection; this one has {self.aliases}: ask in several requests"
            )
        if self.depth > MAX_DEPTH:
            return TooDeepError(
                f"selections may be nested {MAX_DEPTH} deep, and fragments within each other "
                f"{MAX_NESTING}; these go deeper"
            )
        if self.introspection > most_asked:  # of the schema itself
            return TooCostlyError("ask for the schema once, not several times in one request")
        if cost > MAX_COST:
            return TooCostlyError(
                f"one request may make {MAX_COST:,} fields, and this one up to {cost:,}: ask for "
                "smaller pages, or for less of each row"
            )
        return None
