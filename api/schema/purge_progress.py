"""How far the purges of a change are, CDN by CDN."""

from datetime import datetime

import strawberry

from api.documents.declared import STORED
from api.schema.descriptions import graphql_type
from catalog.graph.changes import AssetProgress
from catalog.graph.cursors import write_cursor

#: The kind of the cursors that are the ids of a progress.
PURGES = "PURGES"


@graphql_type
class PurgeDriverProgress:
    """How far a CDN or a tier of caches has purged a change."""

    driver: str = strawberry.field(description="The name that it has in the settings.")
    total: int = strawberry.field(
        description="How many purges are asked of it for this change, in all passes."
    )
    confirmed: int = strawberry.field(description="How many of `total` it has confirmed.")
    dark_at: datetime | None = strawberry.field(
        description="When it had confirmed all purges of the second pass, which is sent once every "
        "gateway obeys the change; null: not yet."
    )


@graphql_type
class PurgeProgress:
    """How far the purges of the last change of an asset's rights or publications are."""

    event_id: strawberry.ID = strawberry.field(
        description="The id to go on after this state: `after` takes it."
    )
    asset_id: strawberry.ID = strawberry.field(description="The asset that changed.")
    drivers: list[PurgeDriverProgress] = strawberry.field(
        description="The same for each CDN or tier of caches that has to purge the change.",
        metadata=STORED.metadata,
    )
    dark_at: datetime | None = strawberry.field(
        description="When the last of `drivers` was dark, which is `darkAt.edges` of the mutation; "
        "null: one of them is not yet."
    )
    is_done: bool = strawberry.field(
        description="Whether every driver has confirmed the purges of all passes."
    )


def purge_progress_of(asset_id: str, progress: AssetProgress) -> PurgeProgress:
    """Make the type of what is known."""
    event_id = write_cursor(PURGES, f"{progress.seq}", f"{progress.confirmed}")
    return PurgeProgress(
        event_id=strawberry.ID(event_id),
        asset_id=strawberry.ID(asset_id),
        drivers=[
            PurgeDriverProgress(
                driver=each.driver,
                total=each.total,
                confirmed=each.confirmed,
                dark_at=each.dark_at,
            )
            for each in progress.drivers
        ],
        dark_at=progress.dark_at,
        is_done=progress.is_done,
    )
