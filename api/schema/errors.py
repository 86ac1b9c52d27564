"""How payloads of mutations say what went wrong, row by row where there are rows."""

import strawberry

from api.schema.described import graphql_type
from catalog.errors import VitrineError


@graphql_type
class MutationError:
    """Something that a caller can act on."""

    code: str = strawberry.field(description="Stable, upper snake case.")
    field: str | None = strawberry.field(description="The input that is at fault.")
    message: str = strawberry.field(description="For a person.")


def mutation_error(error: VitrineError) -> MutationError:
    """Make a `MutationError`."""
    return MutationError(code=error.code, field=error.field, message=error.message)
