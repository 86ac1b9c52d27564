"""The catalogue as it is kept: every product, published or not, for those who keep and publish."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from api.documents.bounds import CURSOR
from api.documents.declared import PAGE, STORED, FieldDeclaration, Needs
from api.request.scene import Info
from api.schema.descriptions import allowed, argument, field_with, graphql_enum, graphql_type
from api.schema.nodes import PageInfo, page_info
from api.schema.product import ProductKind
from api.schema.search import SEARCHED
from catalog.access.roles import Action
from catalog.graph import catalogue
from catalog.graph.cursors import InvalidCursorError, read_cursor, read_instant, write_cursor

_LIST = "CATALOGUE"


@graphql_enum
class PublicationState(Enum):
    """Whether a product is published, on the channel that is asked for or on any.

    Attributes:
        PUBLISHED: It is, or is to be from an instant on.
        UNPUBLISHED: It is not.
        CHANGED: It is, and changed since.
    """

    PUBLISHED = catalogue.PublicationState.PUBLISHED
    UNPUBLISHED = catalogue.PublicationState.UNPUBLISHED
    CHANGED = catalogue.PublicationState.CHANGED


@graphql_type
class CataloguePublication:
    """Where a product is published."""

    channel: str = strawberry.field(description="Code of the channel.")
    version: int = strawberry.field(description="Rises with every publication there.")
    published_at: datetime = strawberry.field(description="When it was last published there.")
    visible_from: datetime = strawberry.field(description="Nobody sees it before.")
    visible_until: datetime | None = strawberry.field(
        description="Nobody sees it from then on; null: it stays."
    )
    has_changed: bool = strawberry.field(
        description="Whether the product changed since; what this channel shows of it may still be "
        "the same."
    )


@graphql_type
class CatalogueProduct:
    """A product as it is kept; what readers see of it is `product(sku:)`."""

    id: strawberry.ID = strawberry.field(description="Opaque, short, never given to another.")
    sku: str = strawberry.field(description="Its natural key.")
    kind: ProductKind = strawberry.field(description="How it varies.")
    family: str = strawberry.field(description="Code of its family.")
    parent: str | None = strawberry.field(description="Sku of the model above it.")
    label: str | None = strawberry.field(
        description="Its name, or that of a model above, in the context's locale or what it falls "
        "back to; null: it has none there."
    )
    revision: int = strawberry.field(description="Rises with every change of it or its values.")
    updated_at: datetime = strawberry.field(description="When it changed last.")
    publications: list[CataloguePublication] = strawberry.field(
        description="Where it is published, or is to be, by the channel's code.",
        metadata=STORED.metadata,
    )


@graphql_type
class CatalogueProductEdge:
    """A product on a page."""

    node: CatalogueProduct = strawberry.field(description="The product.")
    cursor: str = strawberry.field(description="Pass it as `after` to go on behind this item.")


@graphql_type
class CatalogueProductConnection:
    """A page of products, the one that changed last first (Relay cursor connections)."""

    edges: list[CatalogueProductEdge] = strawberry.field(description="The page, with cursors.")
    nodes: list[CatalogueProduct] = strawberry.field(description="The page.")
    page_info: PageInfo = strawberry.field(description="What lies around it.")
    total_count: int | None = strawberry.field(
        description="Of the whole list; counted only where it is selected.",
        metadata=FieldDeclaration(needs=Needs(total=True)).metadata,
    )


@graphql_type
class CatalogueQueries:
    """Reads of the catalogue as it is kept."""

    @field_with(rows=PAGE)
    @allowed(Action.PRODUCTS_READ, Action.CONTENT_READ, asks_itself=True)
    async def catalogue_products(  # noqa: PLR0913, PLR0917 - the filters, and those of a connection
        self,
        info: Info,
        state: Annotated[PublicationState | None, argument("By default all.")] = None,
        channel: Annotated[
            str | None, argument("By the publication there; by default on any channel.")
        ] = None,
        family: Annotated[list[str] | None, argument("Only of one of these.")] = None,
        kind: Annotated[list[ProductKind] | None, argument("Only of one of these.")] = None,
        search: Annotated[
            str | None, argument("What skus begin with, or words of names.", SEARCHED)
        ] = None,
        first: Annotated[
            int | None, argument(PAGE.described("At most so many, from the start"))
        ] = None,
        after: Annotated[str | None, argument("Begin behind this cursor.", CURSOR)] = None,
    ) -> CatalogueProductConnection | None:
        """Return every product, published or not, the one that changed last first.

        A role that is narrowed to families or categories sees what lies within.
        """
        asker = info.context
        asker.require(Action.PRODUCTS_READ, None)
        context = (await asker.minter_of(info)).context
        size = PAGE.size(first)
        wanted = catalogue.CatalogueFilter(
            state=None if state is None else state.value,
            channel=channel,
            within=asker.kept_within(),
            families=family,
            kinds=None if kind is None else [each.value for each in kind],
            search=search,
        )
        behind = None if after is None else _place_of(after)
        async with asker.services.pool.acquire() as conn:
            found = await catalogue.list_catalogue(
                conn, wanted, context, after=behind, size=size + 1
            )
            total = (
                await catalogue.count_catalogue(conn, wanted) if asker.needs(info).total else None
            )
        return _page(found, size, total, has_previous=after is not None)


def _page(
    found: Sequence[catalogue.KeptProduct], size: int, total: int | None, *, has_previous: bool
) -> CatalogueProductConnection:
    edges = [
        CatalogueProductEdge(
            node=_product(each),
            cursor=write_cursor(_LIST, each.updated_at.isoformat(), each.id.hex),
        )
        for each in found[:size]
    ]
    return CatalogueProductConnection(
        edges=edges,
        nodes=[edge.node for edge in edges],
        page_info=page_info(edges, has_next=len(found) > size, has_previous=has_previous),
        total_count=total,
    )


def _place_of(cursor: str) -> tuple[datetime, uuid.UUID]:
    at, product = read_cursor(_LIST, cursor, count=2, field="after")
    try:
        return read_instant(at, field="after"), uuid.UUID(hex=product)
    except ValueError as error:
        raise InvalidCursorError(field="after") from error


def _product(kept: catalogue.KeptProduct) -> CatalogueProduct:
    return CatalogueProduct(
        id=strawberry.ID(kept.public_id),
        sku=kept.sku,
        kind=ProductKind(kept.kind),
        family=kept.family,
        parent=kept.parent,
        label=kept.label,
        revision=kept.revision,
        updated_at=kept.updated_at,
        publications=_publications(kept.publications),
    )


def _publications(kept: Sequence[catalogue.KeptPublication]) -> list[CataloguePublication]:
    return [
        CataloguePublication(
            channel=each.channel,
            version=each.version,
            published_at=each.published_at,
            visible_from=each.visible_from,
            visible_until=each.visible_until,
            has_changed=each.has_changed,
        )
        for each in kept
    ]
