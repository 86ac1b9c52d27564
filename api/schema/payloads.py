"""What payloads of mutations have in common: what went wrong, and when a change was obeyed."""

from datetime import datetime

import strawberry

from api.schema.descriptions import graphql_type
from catalog.errors import VitrineError
from catalog.purges import darkness


@graphql_type
class MutationError:
    """Something that a caller can act on."""

    code: str = strawberry.field(description="Stable, upper snake case.")
    field: str | None = strawberry.field(description="The input that is at fault.")
    message: str = strawberry.field(description="For a person.")


def mutation_error(error: VitrineError) -> MutationError:
    """Make a `MutationError`."""
    return MutationError(code=error.code, field=error.field, message=error.message)


@graphql_type
class DarkAt:
    """When a change was obeyed."""

    changed: datetime = strawberry.field(
        description="When the change was recorded, by the same clock: a moment before its commit."
    )
    gateways: datetime = strawberry.field(
        description="By every gateway, and by gateways alone: until its purge an authorising edge "
        "may deliver by a leave that it keeps, at most a lease from the commit on."
    )
    edges: datetime | None = strawberry.field(
        description="By every cache that is purged, which is asked once every gateway obeys; null: "
        "not confirmed yet (`purgeProgress` tells), or nothing is purged."
    )


def dark_at(dark: darkness.DarkAt | None) -> DarkAt | None:
    """Make a `DarkAt`."""
    return (
        None
        if dark is None
        else DarkAt(changed=dark.changed, gateways=dark.gateways, edges=dark.edges)
    )
