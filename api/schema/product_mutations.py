"""Changes of what is published, and of which media hang on products."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, TypeAlias

import strawberry

from api.documents.bounds import ROWS
from api.documents.declared import STORED, RowEach
from api.request.scene import Info, RequestState
from api.schema.change_outcome import darkness_of
from api.schema.descriptions import (
    allowed,
    argument,
    field_with,
    graphql_enum,
    graphql_input,
    graphql_type,
)
from api.schema.media import MediaRole
from api.schema.payloads import DarkAt, MutationError, mutation_error
from api.schema.product_permissions import (
    hidden_product,
    publishable,
    refused_bindings,
    refused_unbindings,
    require_channel,
)
from catalog.access.roles import Action
from catalog.associations import commands as associations
from catalog.associations.model import BindingResult, MediaBinding
from catalog.changes import Change
from catalog.clock import FAR_FUTURE
from catalog.errors import InvalidInputError, VitrineError
from catalog.publication import commands as publication
from catalog.publication.model import PublicationResult

_Skus = Annotated[list[str], argument("Of products of any kind.", ROWS)]
_ChannelCode = Annotated[str, argument("Code of the channel.")]
_AwaitDark = Annotated[
    bool, argument("Answer only when no gateway delivers their media under them any more.")
]

DryRun = Annotated[bool, argument("Say what would become of it, and change nothing.")]
_Command: TypeAlias = Callable[[Change, Sequence[str]], Awaitable[Iterable[PublicationResult]]]


@graphql_enum
class PublicationOutcome(Enum):
    """What became of one product.

    Attributes:
        PUBLISHED: There is a new published document.
        UNCHANGED: What is published, or absent, is so already.
        UNPUBLISHED: It is no longer shown on the channel.
        REJECTED: The row's `code` and `message` say why.
    """

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    UNPUBLISHED = "unpublished"
    REJECTED = "rejected"


@graphql_enum
class AssociationStatus(Enum):
    """Where a media association stands in its approval.

    Attributes:
        PROPOSED: A person has to approve it; it is not shown.
        APPROVED: It is shown.
        REJECTED: A person refused it.
        RETIRED: It was shown once, and has been ended.
    """

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETIRED = "retired"


@graphql_type
class PublicationRow:
    """What became of one product, and of what is below it."""

    sku: str = strawberry.field(description="Of the product.")
    outcome: PublicationOutcome = strawberry.field(description="What became of it.")
    version: int | None = strawberry.field(description="Of the publication that is current now.")
    below: list["PublicationRow"] = strawberry.field(
        description="Of a model: its sub-models and variants, by sku.", metadata=STORED.metadata
    )
    errors: list[MutationError] = strawberry.field(
        description="Why it was rejected.", metadata=STORED.metadata
    )


@graphql_type
class PublicationPayload:
    """One result for each sku, in their order."""

    results: list[PublicationRow] = strawberry.field(description="Good rows do not wait for bad.")
    dark_at: DarkAt | None = strawberry.field(description="Where `awaitDark` was asked for.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_input
class BindMediaInput:
    """A wish to show an asset at a product."""

    product_id: strawberry.ID = strawberry.field(description="Of any kind.")
    asset_id: strawberry.ID = strawberry.field(description="The media item.")
    role: MediaRole = strawberry.field(description="What it shall do for the product.")
    role_code: str | None = strawberry.field(
        description="Of the role CUSTOM: the code of an attribute of the type `asset`.",
        default=None,
    )
    position: int | None = strawberry.field(description="Among those of its role.", default=None)
    locale: str | None = strawberry.field(description="Only there.", default=None)
    market: str | None = strawberry.field(description="Only there.", default=None)
    channel: str | None = strawberry.field(description="Only there.", default=None)


@graphql_type
class BindingRow:
    """What became of one binding."""

    id: strawberry.ID | None = strawberry.field(description="Of the association.")
    status: AssociationStatus | None = strawberry.field(description="As it is now.")
    errors: list[MutationError] = strawberry.field(
        description="Why it was refused.", metadata=STORED.metadata
    )


@graphql_type
class BindingPayload:
    """One result for each row, in their order."""

    results: list[BindingRow] = strawberry.field(description="Good rows do not wait for bad.")
    errors: list[MutationError] = strawberry.field(
        description="Of the whole call.", metadata=STORED.metadata
    )


@graphql_type
class ProductMutations:
    """Changes of publications and of product media."""

    @field_with(rows=RowEach("skus"))
    @allowed(Action.PRODUCTS_PUBLISH, asks_itself=True)
    async def publish_products(
        self,
        info: Info,
        skus: _Skus,
        channel: _ChannelCode,
        visible_from: Annotated[
            datetime | None,
            argument("Left out or null: as before, else as the model, else now."),
        ] = None,
        visible_until: Annotated[
            datetime | None,
            argument("Left out: as before, else as the model, else never; null: never."),
        ] = strawberry.UNSET,
        dry_run: DryRun = False,  # noqa: FBT002 - an argument of the schema
    ) -> PublicationPayload:
        """Freeze products for a channel as they are now; a model takes its variants along.

        What was taken back is published again where it is named itself.
        """
        return await change_publications(
            info.context,
            skus,
            channel,
            lambda change, theirs: publication.publish_products(
                change,
                theirs,
                channel,
                visible_from=visible_from,
                visible_until=end_of(visible_until),
            ),
            dry_run=dry_run,
        )

    @field_with(rows=RowEach("skus"))
    @allowed(Action.PRODUCTS_PUBLISH, asks_itself=True)
    async def unpublish_products(
        self,
        info: Info,
        skus: _Skus,
        channel: _ChannelCode,
        await_dark: _AwaitDark = False,  # noqa: FBT002 - an argument of the schema
        dry_run: DryRun = False,  # noqa: FBT002 - an argument of the schema
    ) -> PublicationPayload:
        """Take products back from a channel, with a model all that is below it.

        No import publishes them again; `publishProducts` with their own skus does.
        """
        return await change_publications(
            info.context,
            skus,
            channel,
            lambda change, theirs: publication.unpublish_products(change, theirs, channel),
            await_dark=await_dark,
            dry_run=dry_run,
        )

    @field_with(rows=RowEach("input"))
    @allowed(Action.MEDIA_BIND, asks_itself=True)
    async def bind_media(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the argument's name
            list[BindMediaInput], argument("What shall be shown where.", ROWS)
        ],
    ) -> BindingPayload:
        """Show assets at products; approved at once, since a person says so."""
        state = info.context
        state.require(Action.MEDIA_BIND, None)
        bindings = [_binding(each) for each in input]
        try:
            check_rows(input, "input")
            async with state.change() as change:
                refused = await refused_bindings(change.conn, state, bindings)
                theirs = [each for i, each in enumerate(bindings) if i not in refused]
                results = await associations.bind_media(change, theirs)
                return _binding_payload(len(bindings), refused, results)
        except VitrineError as error:
            return BindingPayload(results=[], errors=[mutation_error(error)])

    @field_with(rows=RowEach("ids"))
    @allowed(Action.MEDIA_BIND, asks_itself=True)
    async def unbind_media(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], argument("Of associations.", ROWS)],
    ) -> BindingPayload:
        """Take media out of products. It darkens nothing: URLs already given go on."""
        state = info.context
        state.require(Action.MEDIA_BIND, None)
        try:
            check_rows(ids, "ids")
            async with state.change() as change:
                refused = await refused_unbindings(change.conn, state, ids)
                theirs = [each for i, each in enumerate(ids) if i not in refused]
                results = await associations.unbind_media(change, theirs)
                return _binding_payload(len(ids), refused, results)
        except VitrineError as error:
            return BindingPayload(results=[], errors=[mutation_error(error)])


async def change_publications(
    state: RequestState,
    skus: Sequence[str],
    channel: str,
    command: _Command,
    *,
    await_dark: bool = False,
    dry_run: bool = False,
) -> PublicationPayload:
    """Run a command for those products that whoever asks may publish, and answer row by row.

    Raises:
        UnauthenticatedError, ForbiddenError: they may publish nothing there.
    """
    require_channel(state, channel)
    try:
        check_rows(skus, "skus")
        async with state.change(dry_run=dry_run) as change:
            theirs = await publishable(change.conn, state, channel, skus)
            results = await command(change, [sku for sku in skus if sku in theirs])
    except VitrineError as error:
        return _unpublished_payload(error)
    dark = await darkness_of(change, state) if await_dark and not dry_run else None
    return _published_payload(skus, theirs, results, dark)


def check_rows(rows: Sequence[object], field: str, *, most: int = ROWS.most) -> None:
    """Keep transactions short.

    Raises:
        InvalidInputError: there are more.
    """
    if len(rows) > most:
        raise InvalidInputError(
            f"at most {most} rows a call, not {len(rows)}: make several", field=field
        )


def end_of(stated: datetime | None) -> datetime | None:
    """Tell null, which is never, from what is left out, which is None."""
    if stated is strawberry.UNSET:
        return None
    return FAR_FUTURE if stated is None else stated


def _publication_row(result: PublicationResult) -> PublicationRow:
    errors = []
    if result.code is not None:
        message = result.message or ""
        errors = [MutationError(code=result.code, field="skus", message=message)]
    return PublicationRow(
        sku=result.sku,
        outcome=PublicationOutcome(result.outcome),
        version=result.version,
        below=[_publication_row(each) for each in result.below],
        errors=errors,
    )


def _published_payload(
    skus: Sequence[str],
    theirs: Collection[str],
    results: Iterable[PublicationResult],
    dark: DarkAt | None = None,
) -> PublicationPayload:
    made = iter(results)
    rows = [_publication_row(next(made) if sku in theirs else hidden_product(sku)) for sku in skus]
    return PublicationPayload(results=rows, dark_at=dark, errors=[])


def _unpublished_payload(error: VitrineError) -> PublicationPayload:
    return PublicationPayload(results=[], dark_at=None, errors=[mutation_error(error)])


def _binding(stated: BindMediaInput) -> MediaBinding:
    return MediaBinding(
        product=stated.product_id,
        asset=stated.asset_id,
        role=(stated.role is MediaRole.CUSTOM and stated.role_code) or stated.role.value,
        position=stated.position,
        locale=stated.locale,
        market=stated.market,
        channel=stated.channel,
    )


def _binding_payload(
    count: int, refused: Mapping[int, BindingResult], results: Sequence[BindingResult]
) -> BindingPayload:
    made = iter(results)
    rows = [_binding_row(refused[i] if i in refused else next(made)) for i in range(count)]
    return BindingPayload(results=rows, errors=[])


def _binding_row(result: BindingResult) -> BindingRow:
    errors = []
    if result.code is not None:
        message = result.message or ""
        errors = [MutationError(code=result.code, field=result.field, message=message)]
    return BindingRow(
        id=None if result.id is None else strawberry.ID(result.id),
        status=None if result.status is None else AssociationStatus(result.status),
        errors=errors,
    )
