"""The root fields about purges."""

from typing import Annotated

import strawberry

from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.payloads import DarkAt, dark_at
from api.schema.purge_drivers import PurgeDriver, purge_driver_of
from api.schema.purge_progress import PurgeProgress, purge_progress_of
from catalog.access.roles import Action
from catalog.graph.changes import purge_progress
from catalog.purges import darkness
from catalog.purges.driver_store import statuses


@graphql_type
class PurgeQueries:
    """How CDNs, and the purges of a change, stand."""

    @field_with(rows=STORED.rows)
    @allowed(Action.SYSTEM_WATCH)
    async def purge_drivers(self, info: Info) -> list[PurgeDriver] | None:
        """Return how the purges of each CDN stand."""
        services = info.context.services
        names = services.settings.drivers
        async with services.pool.acquire() as conn:
            return [purge_driver_of(each) for each in await statuses(conn, names)]

    @graphql_field
    @allowed(Action.RIGHTS_READ)
    async def purge_progress(
        self, info: Info, asset_id: Annotated[strawberry.ID, argument("Of the asset.")]
    ) -> PurgeProgress | None:
        """Return how far an asset's last change is purged, if it had to be.

        The change is its own, of its licences and collections, or of a product that shows it, and
        one for which its pictures are purged: what clears answers of the graph alone is left out.
        """
        async with info.context.services.pool.acquire() as conn:
            progress = (await purge_progress(conn, [asset_id])).get(asset_id)
        return None if progress is None else purge_progress_of(asset_id, progress)

    @graphql_field
    @allowed(Action.RIGHTS_READ)
    async def last_darkness(
        self, info: Info, asset_id: Annotated[strawberry.ID, argument("Of the asset.")]
    ) -> DarkAt | None:
        """Return when an asset's last change was obeyed that was made with `awaitDark`.

        Null: none was. `edges` is what it is by now, as long as purges are kept: 90 days.
        """
        async with info.context.services.pool.acquire() as conn:
            return dark_at(await darkness.last_darkness(conn, f"asset/{asset_id}"))
