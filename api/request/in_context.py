"""`@inContext`: the directive by which an operation says where, for whom and when it reads.

It is added to the built schema and read from the operation. Declared as an operation directive of
Strawberry it would make every field asynchronous, at 3.5 times the calls.
"""

from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDirective,
    GraphQLString,
    OperationDefinitionNode,
    VariableValues,
    get_directive_values,
)

from api.documents.bounds import Bound
from api.request.stated_context import StatedContext, combined
from api.scalars import DATE_TIME
from catalog.graph.context import ContextArguments

_ARGUMENTS = {
    "market": (GraphQLString, "Code of a market; values, prices and rights are its own."),
    "country": (GraphQLString, "ISO 3166-1 alpha-2; media have to be allowed there."),
    "locale": (GraphQLString, "Code of a locale; by default the market's."),
    "channel": (GraphQLString, "Code of a channel; by default the first public one."),
    "usage": (GraphQLString, "What media are for; by default the channel's own."),
    "at": (DATE_TIME, "Look at this instant, now or later; takes `content.preview`."),
    "preview": (
        GraphQLBoolean,
        "Drafts, as publishing them now would freeze them; takes `content.preview`.",
    ),
}

IN_CONTEXT = GraphQLDirective(
    name="inContext",
    locations=[DirectiveLocation.QUERY, DirectiveLocation.SUBSCRIPTION],
    args={
        name: GraphQLArgument(kind, description=f"{text} {Bound().sentence(kind)}".strip())
        for name, (kind, text) in _ARGUMENTS.items()
    },
    description="Market, country, locale, channel, usage and instant that the answer is for. What "
    "is left out falls back as it says.",
)


def read_in_context(
    operation: OperationDefinitionNode, variables: dict[str, Any], stated: StatedContext
) -> ContextArguments:
    """Return what the operation's directive and the request beside it say, field by field.

    Args:
        operation: with the directive or without.
        variables: of the operation, coerced.
        stated: beside the document.

    Raises:
        ContextConflictError: a field is stated twice, with different values.
    """
    given = get_directive_values(IN_CONTEXT, operation, VariableValues({}, variables)) or {}
    whole = combined({name: each for name, each in given.items() if each is not None}, stated)
    return ContextArguments(
        **{name: whole.get(name) for name in ("market", "country", "locale", "channel", "usage")},
        at=whole.get("at"),
        preview=bool(whole.get("preview")),
    )
