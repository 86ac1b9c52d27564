"""Changes by versions: publishing one again, showing it at other times, restoring a draft."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.documents.bounds import ROWS
from api.documents.declared import STORED, RowEach
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_type
from api.schema.payloads import MutationError, mutation_error
from api.schema.product_mutations import (
    DryRun,
    PublicationPayload,
    change_publications,
    end_of,
)
from api.schema.product_permissions import require_kept
from api.schema.publications import PublicationDifference, difference_of
from catalog.access.roles import Action
from catalog.errors import VitrineError, faults_of
from catalog.publication import versions
from catalog.publication.restoring import restore_draft

_Skus = Annotated[list[str], argument("Of products of any kind.", ROWS)]
_Channel = Annotated[str, argument("Code of the channel.")]


@graphql_type
class RestoredDraft:
    """What became of a draft."""

    sku: str = strawberry.field(description="Of the product.")
    revision: int = strawberry.field(description="Of the product, as it is now.")
    changed: list[PublicationDifference] = strawberry.field(
        description="The values that are others now, as the channel shows them.",
        metadata=STORED.metadata,
    )
    remaining: list[PublicationDifference] = strawberry.field(
        description="What the draft still says otherwise than the version: values that it inherits "
        "and cannot take away, and what is no value.",
        metadata=STORED.metadata,
    )


@graphql_type
class RestoredDraftPayload:
    """The draft, or why it stays as it is."""

    draft: RestoredDraft | None = strawberry.field(description="Null: it was refused.")
    errors: list[MutationError] = strawberry.field(description="Why.", metadata=STORED.metadata)


@graphql_type
class VersionMutations:
    """Changes by versions."""

    @field_with(rows=RowEach("skus"))
    @allowed(Action.PRODUCTS_PUBLISH, asks_itself=True)
    async def roll_back_products(
        self,
        info: Info,
        skus: _Skus,
        channel: _Channel,
        version: Annotated[int, argument("Of each of them; `publications` lists them.")],
        dry_run: DryRun = False,  # noqa: FBT002 - an argument of the schema
    ) -> PublicationPayload:
        """Publish the frozen document of a version again, as a new version; drafts stay.

        A model takes along what is below it, to what was published when that version ended.
        """
        return await change_publications(
            info.context,
            skus,
            channel,
            lambda change, theirs: versions.roll_back_products(change, theirs, channel, version),
            dry_run=dry_run,
        )

    @field_with(rows=RowEach("skus"))
    @allowed(Action.PRODUCTS_PUBLISH, asks_itself=True)
    async def reschedule_products(
        self,
        info: Info,
        skus: _Skus,
        channel: _Channel,
        visible_from: Annotated[datetime | None, argument("Left out or null: as before.")] = None,
        visible_until: Annotated[
            datetime | None, argument("Left out: as before; null: never.")
        ] = strawberry.UNSET,
        dry_run: DryRun = False,  # noqa: FBT002 - an argument of the schema
    ) -> PublicationPayload:
        """Show what is published at other times, as a new version of the same document.

        Drafts are not looked at. A model takes along what is published below it.
        """
        return await change_publications(
            info.context,
            skus,
            channel,
            lambda change, theirs: versions.reschedule_products(
                change,
                theirs,
                channel,
                visible_from=visible_from,
                visible_until=end_of(visible_until),
            ),
            dry_run=dry_run,
        )

    @field_with()
    @allowed(Action.PRODUCTS_EDIT)
    async def restore_draft(
        self,
        info: Info,
        sku: Annotated[str, argument("Of the product.")],
        channel: _Channel,
        version: Annotated[int, argument("`publications` lists them.")],
        expected_revision: Annotated[
            int | None, argument("Of the product; it is refused if it has another by now.")
        ] = None,
        dry_run: DryRun = False,  # noqa: FBT002 - an argument of the schema
    ) -> RestoredDraftPayload:
        """Write the values of a version into the draft, as one change; nothing is published."""
        state = info.context
        try:
            async with state.change(dry_run=dry_run) as change:
                await require_kept(change.conn, state, sku, channel)
                restored = await restore_draft(
                    change, sku, channel, version, expected_revision=expected_revision
                )
        except VitrineError as error:
            errors = [mutation_error(each) for each in faults_of(error)]
            return RestoredDraftPayload(draft=None, errors=errors)
        draft = RestoredDraft(
            sku=restored.sku,
            revision=restored.revision,
            changed=[difference_of(each, channel) for each in restored.changed],
            remaining=[difference_of(each, channel) for each in restored.remaining],
        )
        return RestoredDraftPayload(draft=draft, errors=[])
