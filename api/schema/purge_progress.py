"""How far the purges of a change are, CDN by CDN."""

from datetime import datetime

import strawberry

from api.schema.described import graphql_type
from catalog.graph.changes import Progress
from catalog.graph.cursors import write_cursor

#: The kind of the cursors that are the ids of a progress.
PURGES = "PURGES"


@graphql_type
class PurgeDriverProgress:
    """How far a CDN or a tier of caches has purged a change."""

    driver: str = strawberry.field(description="In the settings.")
    total: int = strawberry.field(description="Purges that are asked of it, all passes.")
    confirmed: int = strawberry.field(description="Of these.")
    dark_at: datetime | None = strawberry.field(
        description="When it had confirmed what is sent once every gateway obeys; null: not yet."
    )


@graphql_type
class PurgeProgress:
    """How far an asset's last change that has to be purged is."""

    event_id: strawberry.ID = strawberry.field(description="For `after`.")
    asset_id: strawberry.ID = strawberry.field(description="Of the asset.")
    drivers: list[PurgeDriverProgress] = strawberry.field(description="One by one.")
    dark_at: datetime | None = strawberry.field(
        description="When all of them had, as `darkAt.edges` of the mutation; null: not yet."
    )
    is_done: bool = strawberry.field(description="Whether all passes are confirmed.")


def purge_progress_of(asset_id: str, progress: Progress) -> PurgeProgress:
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
