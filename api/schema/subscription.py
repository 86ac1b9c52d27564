"""The root of subscriptions: what changes, as it changes."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from enum import Enum
from typing import Annotated, TypeAlias, TypeVar

import strawberry

from api.documents.bounds import CURSOR, Bound
from api.request.scene import Info
from api.schema.descriptions import (
    allowed,
    argument,
    graphql_enum,
    graphql_subscription,
    graphql_type,
)
from api.schema.purge_progress import PURGES, PurgeProgress, purge_progress_of
from catalog.access.roles import Action
from catalog.errors import InvalidInputError, NotFoundError
from catalog.graph.changes import (
    ChangedAsset,
    ChangedProduct,
    LogEntry,
    LogPlace,
    UnknownEventError,
)
from catalog.graph.context import ReadContext
from catalog.graph.cursors import InvalidCursorError, read_cursor
from catalog.graph.media import find_assets

T = TypeVar("T")

_Ids: TypeAlias = Annotated[
    list[strawberry.ID] | None, argument("Of these alone; by default of all.", Bound(most=500))
]
_After: TypeAlias = Annotated[
    strawberry.ID | None,
    argument("Resume behind the event with this id: what came since comes first.", CURSOR),
]


@graphql_enum
class ProductChangeKind(Enum):
    """What changed of a product on the channel.

    Attributes:
        PUBLISHED: It is published, perhaps anew.
        UNPUBLISHED: It is published no longer.
        MEDIA: What is bound to it changed, or a picture that it shows.
    """

    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    MEDIA = "media"


@graphql_type
class ProductChange:
    """A product is published, perhaps anew, or no longer, or its media changed."""

    event_id: strawberry.ID = strawberry.field(
        description="Pass it as `after` to resume behind this event."
    )
    product_id: strawberry.ID = strawberry.field(description="Of the product.")
    change: ProductChangeKind = strawberry.field(description="What changed, as it is now.")


@graphql_enum
class AssetChangeType(Enum):
    """What changed of an asset.

    Attributes:
        RIGHTS: Where, for what or until when it may be shown.
        STATE: Whether it is approved, withdrawn or held.
        VERSION: Its bytes.
        TEXTS: What people read of it.
    """

    RIGHTS = "rights"
    STATE = "state"
    VERSION = "version"
    TEXTS = "texts"


@graphql_type
class AssetChange:
    """An asset changed, by itself or through its licences and collections."""

    event_id: strawberry.ID = strawberry.field(
        description="Pass it as `after` to resume behind this event."
    )
    asset_id: strawberry.ID = strawberry.field(description="Of the asset.")
    type: AssetChangeType = strawberry.field(description="What changed.")


@graphql_type
class Subscription:
    """What changes, as it changes; over WebSocket or as server-sent events."""

    @graphql_subscription
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def product_changed(
        self, info: Info, ids: _Ids = None, after: _After = None
    ) -> AsyncGenerator[ProductChange]:
        """Return the products whose publication or media change on the context's channel."""
        wanted, place = _wanted(ids), _place(after)
        context = await _context(info)
        if not context.channel.public:  # no role for some families: nobody asks of each product
            info.context.require(Action.CHANNELS_READ, info.context.place)
        channel = context.channel.code

        def touched(entry: LogEntry) -> list[ChangedProduct]:
            return [
                each
                for each in entry.products
                if each.channel == channel and (wanted is None or each.id in wanted)
            ]

        follow = info.context.services.live_changes.follow(place, lambda each: bool(touched(each)))
        async with aclosing(follow) as entries:
            async for entry in entries:
                await info.context.renew(info)
                for each in _behind(place, entry, touched(entry), lambda of: of.part):
                    yield ProductChange(
                        event_id=strawberry.ID(entry.place(each.part).write()),
                        product_id=strawberry.ID(each.id),
                        change=ProductChangeKind(each.how),
                    )

    @graphql_subscription
    @allowed(Action.CHANGES_FOLLOW, Action.CONTENT_READ, asks_itself=True)
    async def asset_changed(
        self, info: Info, ids: _Ids = None, after: _After = None
    ) -> AsyncGenerator[AssetChange]:
        """Return the assets whose rights, state, version or texts change."""
        wanted, place = _wanted(ids), _place(after)
        await _context(info, Action.CHANGES_FOLLOW)

        def touched(entry: LogEntry) -> list[ChangedAsset]:
            return [
                each
                for each in entry.assets
                if (each.was_approved or info.context.may_know_absences)
                and (wanted is None or each.id in wanted)
            ]

        follow = info.context.services.live_changes.follow(place, lambda each: bool(touched(each)))
        async with aclosing(follow) as entries:
            async for entry in entries:
                await _context(info, Action.CHANGES_FOLLOW)
                for each in _behind(place, entry, touched(entry), lambda of: of.id):
                    yield AssetChange(
                        event_id=strawberry.ID(entry.place(each.id).write()),
                        asset_id=strawberry.ID(each.id),
                        type=_type_of(entry),
                    )

    @graphql_subscription
    @allowed(Action.RIGHTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def purge_progress(
        self,
        info: Info,
        asset_id: Annotated[strawberry.ID, argument("Of the asset.")],
        after: _After = None,
    ) -> AsyncGenerator[PurgeProgress]:
        """Return how an asset's last change is purged, until it is.

        The change is its own, of its licences and collections, or of a product that shows it, and
        one for which its pictures are purged: what clears answers of the graph alone is left out.
        It ends at once where nothing has to be purged.

        Raises:
            NotFoundError: there is no such asset.
            UnknownEventError: `after` is later than anything here.
        """
        await _context(info, Action.RIGHTS_READ)
        seen = _seen(after)
        async with info.context.services.pool.acquire() as conn:
            if not await find_assets(conn, [asset_id]):
                raise NotFoundError(f"there is no asset {asset_id}", field="assetId")
        follow = info.context.services.live_purges.follow(asset_id)
        async with aclosing(follow) as standings:
            async for each in standings:
                if not each.drivers:  # there is nothing to purge, or its driver was taken out since
                    continue
                if seen is not None and each.seq < seen[0]:
                    raise UnknownEventError
                if seen is not None and (each.seq, each.confirmed) <= seen:
                    continue
                await _context(info, Action.RIGHTS_READ)
                yield purge_progress_of(asset_id, each)


async def _context(info: Info, action: Action | None = None) -> ReadContext:
    """Find out anew who asks and in which context.

    Raises:
        UnauthenticatedError, ForbiddenError: it is for others.
        InvalidInputError: another instant is meant than now.
    """
    context = await info.context.renew(info)
    if action is not None:
        info.context.require(action, info.context.place)
    if context.is_staff:
        raise InvalidInputError(
            "a subscription follows what happens from now on: leave `at` out", field="at"
        )
    return context


def _wanted(ids: Sequence[str] | None) -> frozenset[str] | None:
    if ids is None:
        return None
    if not ids:
        raise InvalidInputError("`ids` names one or more; leave it out for all", field="ids")
    return frozenset(ids)


def _place(after: str | None) -> LogPlace | None:
    return None if after is None else LogPlace.read(after)


def _behind(
    place: LogPlace | None, entry: LogEntry, touched: Sequence[T], part: Callable[[T], str]
) -> Iterator[T]:
    """Leave out what was sent before the follower resumed."""
    for each in touched:
        if place is None or entry.seq != place.seq or part(each) > place.part:
            yield each


def _type_of(entry: LogEntry) -> AssetChangeType:
    return _TYPES.get(entry.type, AssetChangeType.RIGHTS)


#: Everything else that touches assets is a matter of rights: terms, licences, sets, boundaries.
_TYPES = {
    "asset.ingested": AssetChangeType.VERSION,
    "asset.version_created": AssetChangeType.VERSION,
    "asset.status_changed": AssetChangeType.STATE,
    "asset.withdrawn": AssetChangeType.STATE,
    "asset.approved": AssetChangeType.STATE,
    "asset.held": AssetChangeType.STATE,
    "asset.reinstated": AssetChangeType.STATE,
    "asset.updated": AssetChangeType.TEXTS,
}


def _seen(after: str | None) -> tuple[int, int] | None:
    """Return the change, and how many of its purges were confirmed.

    Raises:
        UnknownEventError: it is no id of a progress.
    """
    if after is None:
        return None
    try:
        seq, confirmed = map(int, read_cursor(PURGES, after, count=2, field="after"))
    except (InvalidCursorError, ValueError) as error:
        raise UnknownEventError from error
    return seq, confirmed
