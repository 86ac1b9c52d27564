"""Changes of an asset's rights and state: who may see it, until when, and whether at all."""

from typing import Annotated

import strawberry

from api.documents.bounds import PROSE
from api.documents.declared import STORED
from api.request.scene import Info
from api.schema.change_outcome import AwaitDark, Command, change_rights
from api.schema.descriptions import allowed, argument, graphql_mutation, graphql_type
from api.schema.media import Asset, asset_of
from api.schema.payloads import DarkAt, MutationError
from api.schema.rights import GrantInputs, RestrictionInputs, to_set
from catalog.access.roles import Action
from catalog.graph.media import find_assets
from catalog.rights import commands
from catalog.rights.holder_kinds import ASSET
from catalog.rights.model import TermKind

_AssetId = Annotated[strawberry.ID, argument("Of the asset.")]
_Revision = Annotated[
    int | None, argument("Refuse with CONFLICT unless the asset is at this revision.")
]
_Reason = Annotated[str | None, argument("Why, for the history.", PROSE)]


@graphql_type
class RightsPayload:
    """The asset after a change, or what went wrong."""

    asset: Asset | None = strawberry.field(description="As it is now; null: nothing changed it.")
    dark_at: DarkAt | None = strawberry.field(description="Where `awaitDark` was asked for.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class ApprovalPayload:
    """The asset after its approval, or what went wrong."""

    asset: Asset | None = strawberry.field(description="As it is now; null: nothing changed it.")
    errors: list[MutationError] = strawberry.field(
        description="Empty: it was done.", metadata=STORED.metadata
    )


@graphql_type
class RightsMutations:
    """Changes of rights."""

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def set_grants(
        self,
        info: Info,
        asset_id: _AssetId,
        grants: GrantInputs,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> RightsPayload:
        """Make these the grants of an asset; what is missing ends now."""
        command = to_set(ASSET, asset_id, TermKind.GRANTS, grants, expected_revision)
        return await _change(info, asset_id, command, await_dark=await_dark)

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def set_restrictions(
        self,
        info: Info,
        asset_id: _AssetId,
        restrictions: RestrictionInputs,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> RightsPayload:
        """Make these the restrictions of an asset; what is missing ends now."""
        command = to_set(ASSET, asset_id, TermKind.RESTRICTIONS, restrictions, expected_revision)
        return await _change(info, asset_id, command, await_dark=await_dark)

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def withdraw_asset(
        self,
        info: Info,
        asset_id: _AssetId,
        reason: _Reason = None,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> RightsPayload:
        """Take an asset out of every delivery: 410."""
        return await _change(
            info,
            asset_id,
            lambda change: commands.withdraw_asset(
                change, asset_id, reason=reason, expected_revision=expected_revision
            ),
            await_dark=await_dark,
        )

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def hold_asset(
        self,
        info: Info,
        asset_id: _AssetId,
        authority_url: Annotated[
            str | None, argument("Of the order, or who gave it.", PROSE)
        ] = None,
        reason: _Reason = None,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> RightsPayload:
        """Block an asset because an authority demands it: 451, for staff too."""
        return await _change(
            info,
            asset_id,
            lambda change: commands.hold_asset(
                change,
                asset_id,
                authority_url=authority_url,
                reason=reason,
                expected_revision=expected_revision,
            ),
            await_dark=await_dark,
        )

    @graphql_mutation
    @allowed(Action.RIGHTS_CHANGE)
    async def reinstate_asset(
        self,
        info: Info,
        asset_id: _AssetId,
        reason: _Reason = None,
        expected_revision: _Revision = None,
        await_dark: AwaitDark = False,  # noqa: FBT002 - an argument of the schema
    ) -> RightsPayload:
        """Lift hold and withdrawal: the asset is what it was before, under a new epoch.

        A draft is approved by `approveAsset` alone; here it is refused with ASSET_NOT_APPROVED.
        """
        return await _change(
            info,
            asset_id,
            lambda change: commands.reinstate_asset(
                change, asset_id, reason=reason, expected_revision=expected_revision
            ),
            await_dark=await_dark,
        )

    @graphql_mutation
    @allowed(Action.ASSETS_APPROVE)
    async def approve_asset(
        self,
        info: Info,
        asset_id: _AssetId,
        reason: _Reason = None,
        expected_revision: _Revision = None,
    ) -> ApprovalPayload:
        """Let a draft be delivered where its rights allow it; a legal demand on it stays."""
        done = await _change(
            info,
            asset_id,
            lambda change: commands.approve_asset(
                change, asset_id, reason=reason, expected_revision=expected_revision
            ),
            await_dark=False,
        )
        return ApprovalPayload(asset=done.asset, errors=done.errors)


async def _change(
    info: Info, asset_id: str, command: Command, *, await_dark: bool
) -> RightsPayload:
    state = info.context
    await state.minter_of(info)  # what cannot be answered is refused before it is done
    outcome = await change_rights(state, command, await_dark=await_dark)
    if outcome.errors:
        return RightsPayload(asset=None, dark_at=None, errors=outcome.errors)
    async with state.services.pool.acquire() as conn:
        found = await find_assets(conn, [asset_id])
    asset = asset_of(found[0], state.staged({}))
    return RightsPayload(asset=asset, dark_at=outcome.dark_at, errors=[])
