"""What payloads of mutations have in common: what went wrong, and when a change was obeyed."""

from dataclasses import asdict
from datetime import datetime

import strawberry

from api.schema.descriptions import graphql_type
from catalog.errors import VitrineError
from catalog.purges import darkness


@graphql_type
class BrokenRule:
    """A rule that a value breaks, and which value it is."""

    attribute: str = strawberry.field(description="Its code.")
    locale: str | None = strawberry.field(description="Of the value.")
    market: str | None = strawberry.field(description="Of the value.")
    channel: str | None = strawberry.field(description="Of the value.")
    rule: str = strawberry.field(
        description="`type`, a key of the attribute's validation such as `max_length`, or "
        "`options`, `product`, `unit`, `currency`, `html`, `columns`."
    )
    given: str = strawberry.field(description="What was given, shortened to 200 characters.")


@graphql_type
class MutationError:
    """Something that a caller can act on."""

    code: str = strawberry.field(description="Stable, upper snake case.")
    field: str | None = strawberry.field(description="The input that is at fault.")
    message: str = strawberry.field(description="For a person.")
    broken: BrokenRule | None = strawberry.field(
        description="The rule that a value breaks; null: no value is at fault.", default=None
    )


def mutation_error(error: VitrineError) -> MutationError:
    """Make a `MutationError`."""
    broken = error.broken and BrokenRule(**asdict(error.broken))
    return MutationError(code=error.code, field=error.field, message=error.message, broken=broken)


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
