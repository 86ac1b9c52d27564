"""What rights managers and lawyers ask."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE
from api.request.scene import Info
from api.schema.deliveries import DeliveryRecord, delivery_record
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.dossier import RightsDossier, dossier_of
from api.schema.going_dark import GoingDarkConnection, going_dark_page, place_of
from api.schema.media import asset_of
from catalog.access.roles import Action
from catalog.access.rules import ActionPlace
from catalog.clock import FAR_FUTURE
from catalog.errors import InvalidInputError
from catalog.graph.context import UnknownContextError
from catalog.graph.deliveries import find_deliveries
from catalog.graph.going_dark import GoingDarkFilter, find_going_dark
from catalog.graph.history import load_case
from catalog.graph.media import find_assets
from catalog.graph.reference import Reference
from catalog.rights.dossier import open_dossier
from catalog.rights.territory import is_country

_AHEAD = timedelta(days=30)

_AssetId = Annotated[strawberry.ID, argument("Of the asset.")]


@graphql_type
class RightsQueries:
    """The rights dossier: of an instant, of what is to come, and after the fact."""

    @graphql_field
    @allowed(Action.RIGHTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def rights_dossier(  # noqa: PLR0913, PLR0917 - the dimensions of the rule
        self,
        info: Info,
        asset_id: _AssetId,
        channel: Annotated[str, argument("Code of the channel.")],
        country: Annotated[
            str | None, argument("Of the viewer, ISO 3166-1 alpha-2; null: unknown.")
        ] = None,
        usage: Annotated[str | None, argument("What for; by default the channel's own.")] = None,
        at: Annotated[
            datetime | None, argument("The instant, past or to come; by default now.")
        ] = None,
        owner: Annotated[
            strawberry.ID | None,
            argument("Of the product that shows it, where its publication counts too."),
        ] = None,
    ) -> RightsDossier | None:
        """Return whether the asset may be shown there and then, why, until when, by which document.

        A channel that declares a territory is asked for all of it, whatever the country.

        Raises:
            UnknownContextError: channel, usage or country do not exist.
            NotFoundError: the owner does not exist.
        """
        state = info.context
        state.require(Action.RIGHTS_READ, ActionPlace(channels=frozenset({channel})))
        await state.minter_of(info)
        reference = await state.reference()
        usage = _checked_usage(reference, channel, usage)
        if country is not None and not is_country(country):
            raise UnknownContextError(
                f"{country!r} is no country of ISO 3166-1 alpha-2", field="country"
            )
        async with state.services.pool.acquire() as conn:
            assets = await find_assets(conn, [asset_id])
            if not assets:
                return None
            case = await load_case(
                conn, asset_id, channel=channel, usage=usage, country=country, owner=owner
            )
        opened = open_dossier(case, at or state.now, today=state.now)
        return dossier_of(opened, assets[0], state.staged({}))

    @field_with(rows=PAGE)
    @allowed(Action.RIGHTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def going_dark(  # noqa: PLR0913, PLR0917 - the arguments of a Relay connection
        self,
        info: Info,
        since: Annotated[datetime | None, argument("From this instant on; by default now.")] = None,
        until: Annotated[
            datetime | None, argument("Before this one; by default 30 days after `since`.")
        ] = None,
        market: Annotated[str | None, argument("Only there.")] = None,
        channel: Annotated[str | None, argument("Only there.")] = None,
        first: Annotated[int | None, argument(PAGE.described("At most so many"))] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> GoingDarkConnection | None:
        """Return what goes dark by time alone, by market and product, the soonest first.

        A page may be shorter than asked for and still not be the last: go on from `endCursor`
        while there is a next page. A role for some markets and channels is told of these.

        Raises:
            UnknownContextError: market or channel do not exist.
        """
        state = info.context
        asked = {"markets": market, "channels": channel}
        named = {name: (code,) for name, code in asked.items() if code is not None}
        state.require_within(
            Action.RIGHTS_READ, **named, locales=(), families=(), categories=(), fields=()
        )
        await state.minter_of(info)
        reference = await state.reference()
        for field, code, known in (
            ("market", market, reference.markets),
            ("channel", channel, reference.channels),
        ):
            if code is not None and code not in known:
                raise UnknownContextError(
                    f"there is no {field} {code!r}; there are: {', '.join(known)}", field=field
                )
        begin = since or state.now
        end = until or min(begin, FAR_FUTURE - _AHEAD) + _AHEAD
        _check_span(begin, end)
        size = PAGE.size(first)
        behind = None if after is None else place_of(after)
        wanted = GoingDarkFilter(
            since=begin,
            until=end,
            channel=channel,
            market=market,
            tells=lambda channel, market: state.may(Action.RIGHTS_READ, _place(channel, market)),
        )
        async with state.services.pool.acquire() as conn:
            found, goes_on = await find_going_dark(conn, reference, wanted, after=behind, size=size)
        return going_dark_page(found, goes_on, state.staged({}), has_previous=after is not None)

    @graphql_field
    @allowed(Action.RIGHTS_READ, Action.CONTENT_READ)
    async def delivery_record(
        self,
        info: Info,
        asset_id: _AssetId,
        since: Annotated[datetime, argument("From the minute of this instant on.")],
        until: Annotated[datetime | None, argument("Before this one; by default now.")] = None,
    ) -> DeliveryRecord | None:
        """Return what was delivered of an asset, where, what was refused, and who changed what."""
        state = info.context
        await state.minter_of(info)
        end = until or state.now
        _check_span(since, end)
        async with state.services.pool.acquire() as conn:
            assets = await find_assets(conn, [asset_id])
            if not assets:
                return None
            found = await find_deliveries(conn, asset_id, since, end)
        return delivery_record(asset_of(assets[0], state.staged({})), since, end, found)


def _place(channel: str, market: str | None) -> ActionPlace:
    """Return what is touched on a channel in a market; None: it goes by its own territory."""
    return ActionPlace(
        channels=frozenset({channel}), markets=None if market is None else frozenset({market})
    )


def _check_span(since: datetime, until: datetime) -> None:
    if until <= since:
        raise InvalidInputError(
            f"`until` ({until.astimezone(UTC).isoformat()}) has to be later than `since` "
            f"({since.astimezone(UTC).isoformat()})",
            field="until",
        )


def _checked_usage(reference: Reference, channel: str, usage: str | None) -> str:
    known = reference.channels.get(channel)
    if known is None:
        raise UnknownContextError(
            f"there is no channel {channel!r}; there are: {', '.join(reference.channels)}",
            field="channel",
        )
    if usage is not None and usage not in known.usages:
        raise UnknownContextError(
            f"the channel {channel} has no usage {usage!r}; it has: {', '.join(known.usages)}",
            field="usage",
        )
    return usage or known.default_usage
