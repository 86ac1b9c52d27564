"""The root fields: the only ones that ask PostgreSQL, in one or two statements each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import strawberry

from api.documents.bounds import CURSOR, Bound
from api.documents.declared import PAGE, STORED, Needs, PageSizeError, RowEach
from api.request.previews import ProductReading, drafts_of, open_reading
from api.request.scene import Info, Scene
from api.request.services import next_boundary_after
from api.schema.asset_queries import AssetQueries, visible_assets
from api.schema.audit import AuditQueries
from api.schema.categories import (
    Category,
    codes_of_categories,
    find_below,
    find_categories,
)
from api.schema.collections import CollectionQueries
from api.schema.descriptions import allowed, argument, field_with, graphql_field, graphql_type
from api.schema.exceptions import ExceptionQueries
from api.schema.house_queries import HouseQueries
from api.schema.licences import LicenceQueries
from api.schema.lists import (
    PageArguments,
    ProductConnection,
    ProductFilter,
    ProductOrder,
    page_of,
)
from api.schema.media import asset_of
from api.schema.nodes import Node, PageInfo
from api.schema.presets import PresetQueries
from api.schema.principal_queries import PrincipalQueries
from api.schema.product import Product, ProductEdge, product_of
from api.schema.purge_queries import PurgeQueries
from api.schema.reference import (
    Channel,
    Locale,
    Market,
    channel_of,
    locale_of,
    market_of,
)
from api.schema.rights_queries import RightsQueries
from api.schema.tasks import TaskQueries
from api.schema.work_queries import WorkQueries
from catalog.access.roles import Action
from catalog.db import Connection
from catalog.errors import InvalidInputError
from catalog.graph.categories import load_children
from catalog.graph.category_paths import CategoryPath
from catalog.graph.context import ReadContext
from catalog.graph.listing import Filter, list_products
from catalog.graph.media import Holder, find_assets
from catalog.graph.product_places import shown_within
from catalog.graph.products import PublishedProduct, find_models, find_products, subjects_of
from catalog.graph.rules import owners_of
from catalog.graph.siblings import find_alike
from catalog.publication.preview_store import DraftsWanted
from catalog.subjects import Subject, list_subject

_After = Annotated[str | None, argument("Begin behind this cursor.", CURSOR)]
#: As many as a page holds.
_KEYS = Bound(refused_as=PageSizeError)
_First = Annotated[int | None, argument(PAGE.described("At most so many, from the start"))]
#: Of products and the variants of each, multiplied: what one statement brings.
_MOST_VARIANTS_A_PAGE = 2_000


@graphql_type
class Query(
    AssetQueries,
    RightsQueries,
    LicenceQueries,
    CollectionQueries,
    PresetQueries,
    PurgeQueries,
    TaskQueries,
    ExceptionQueries,
    WorkQueries,
    AuditQueries,
    PrincipalQueries,
    HouseQueries,
):
    """Reads. `@inContext` on the operation says where, for whom and when."""

    @graphql_field
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def product(
        self,
        info: Info,
        sku: Annotated[str | None, argument("Its natural key.")] = None,
        id: Annotated[  # noqa: A002 - the argument's name
            strawberry.ID | None, argument("Or its id.")
        ] = None,
    ) -> Product | None:
        """Return a product that is published on the context's channel, by sku or id."""
        _exactly_one(sku, id)
        skus, ids = ([] if each is None else [each] for each in (sku, id))
        return await _find_product(info, skus=skus, ids=ids)

    @field_with(rows=PAGE)
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def products(  # noqa: PLR0913, PLR0917 - the arguments of a Relay connection
        self,
        info: Info,
        filter: Annotated[  # noqa: A002 - the argument's name
            ProductFilter | None, argument("Which; by default all.")
        ] = None,
        order_by: Annotated[ProductOrder | None, argument("By default by name.")] = None,
        first: _First = None,
        after: _After = None,
        last: Annotated[int | None, argument("At most so many, from the end.")] = None,
        before: Annotated[str | None, argument("End before this cursor.", CURSOR)] = None,
    ) -> ProductConnection | None:
        """Return a page of what is published on the context's channel, one card a product."""
        minter = await info.context.minter_of(info)
        needs = info.context.needs(info)
        window = PageArguments(first=first, after=after, last=last, before=before)
        page = page_of(window, order_by or ProductOrder(), with_total=needs.total)
        _check_variants(needs, page.size, "last" if page.is_backward else "first")
        where = filter.to_domain() if filter else Filter()
        within = info.context.products_within(minter.context)
        where = where if within is None else replace(where, within=within)
        services = info.context.services
        async with open_reading(info.context, drafts_of(where)) as reading:
            if filter:
                await services.filter_codes.check(reading.conn, minter.context, filter.codes())
            listed = await list_products(
                reading.conn, reading.documents, minter.context, needs.of_variants, where, page
            )
            scene = await _stage(reading, info, needs, listed.products, is_list=True)
        nodes = [product_of(each, scene) for each in listed.products]
        with_cursors = nodes if needs.edges else []
        return ProductConnection(
            edges=[
                ProductEdge(node=node, cursor=listed.cursor(place))
                for place, node in enumerate(with_cursors)
            ],
            nodes=nodes,
            page_info=PageInfo(
                has_next_page=listed.has_next,
                has_previous_page=listed.has_previous,
                start_cursor=listed.cursor(0) if nodes else None,
                end_cursor=listed.cursor(-1) if nodes else None,
            ),
            total_count=listed.total,
        )

    @graphql_field
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("Its id.")],  # noqa: A002 - the argument's name
    ) -> Node | None:
        """Return whatever has this id: a product or, with an API key, an asset."""
        (found,) = await _find_nodes(info, [id])
        return found

    @field_with(rows=RowEach("ids"))
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], argument("Their ids.", _KEYS)],
    ) -> list[Node | None] | None:
        """Return whatever has these ids, in their order; null where there is nothing to read."""
        return await _find_nodes(info, ids)

    @graphql_field
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def category(
        self, info: Info, code: Annotated[str, argument("Its natural key.")]
    ) -> Category | None:
        """Return a category of the channel's tree."""
        return next(iter(await find_categories(info, [code])), None)

    @field_with(rows=STORED.rows)
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def categories(
        self,
        info: Info,
        parent: Annotated[
            str | None, argument("By default the root of the channel's tree.")
        ] = None,
    ) -> list[Category] | None:
        """Return what is directly below a category of the channel's tree."""
        return await find_below(info, parent)

    @field_with(rows=STORED.rows)
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def channels(self, info: Info) -> list[Channel] | None:
        """Return the channels that the reader may read."""
        reference = await info.context.reference()
        info.context.rests_on(info, ())
        every = reference.channels.values()
        return [channel_of(each) for each in every if info.context.may_read(each)]

    @field_with(rows=STORED.rows)
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def markets(self, info: Info) -> list[Market] | None:
        """Return every market."""
        reference = await info.context.reference()
        info.context.rests_on(info, ())
        return [market_of(each) for each in reference.markets.values()]

    @field_with(rows=STORED.rows)
    @allowed(Action.CONTENT_READ, asks_itself=True)
    async def locales(self, info: Info) -> list[Locale] | None:
        """Return every locale."""
        reference = await info.context.reference()
        info.context.rests_on(info, ())
        return [locale_of(each) for each in reference.locales.values()]


def _check_variants(needs: Needs, size: int, field: str) -> None:
    """Refuse a page of more documents than one statement should bring.

    Raises:
        PageSizeError: products and variants of each, multiplied, are too many.
    """
    if size * needs.variants > _MOST_VARIANTS_A_PAGE:
        raise PageSizeError(
            f"{size} products with {needs.variants} variants each are more than the "
            f"{_MOST_VARIANTS_A_PAGE} variants of a page: ask for fewer of either",
            field=field,
        )


def _exactly_one(sku: str | None, product_id: str | None) -> None:
    if (sku is None) == (product_id is None):
        raise InvalidInputError("name a product by `sku` or by `id`", field="sku")


async def _find_product(
    info: Info, *, skus: Sequence[str] = (), ids: Sequence[str] = ()
) -> Product | None:
    return next(iter(await _find_products(info, skus=skus, ids=ids)), None)


async def _find_products(
    info: Info, *, skus: Sequence[str] = (), ids: Sequence[str] = ()
) -> list[Product]:
    minter = await info.context.minter_of(info)
    needs = info.context.needs(info)
    count = len(skus) + len(ids)
    _check_variants(needs, count, "ids" if ids else "skus")
    drafts = DraftsWanted(skus=skus, ids=ids, shows_taken_back=True)
    async with open_reading(info.context, drafts) as reading:
        conn = reading.conn
        found = await find_products(
            conn, reading.documents, minter.context, needs.of_variants, skus=skus, ids=ids
        )
        found = await shown_within(conn, found, info.context.products_within(minter.context))
        scene = await _stage(reading, info, needs, found, is_list=len(found) < count)
    return [product_of(each, scene) for each in found]


async def _find_nodes(info: Info, ids: Sequence[str]) -> list[Node | None]:
    """Return what has each of the ids: a product or, for whoever may read it, an asset."""
    named = list(dict.fromkeys(ids))
    found: dict[str, Node] = {str(each.id): each for each in await _find_products(info, ids=named)}
    others = [each for each in named if each not in found]
    if others:
        categories = await find_categories(info, await codes_of_categories(info, others))
        found |= {str(each.id): each for each in categories}
        others = [each for each in others if each not in found]
    if others and info.context.may(Action.ASSETS_READ, info.context.place):
        async with info.context.services.pool.acquire() as conn:
            assets = await find_assets(conn, others)
        scene = info.context.staged({})
        shown = visible_assets(assets, scene, info.context)
        found.update({each.public_id: asset_of(each, scene) for each in shown})
    return [found.get(each) for each in ids]


async def _stage(
    reading: ProductReading,
    info: Info,
    needs: Needs,
    products: Sequence[PublishedProduct],
    *,
    is_list: bool,
) -> Scene:
    """Load the models and the media of products, and all that they inherit from, if selected.

    Args:
        reading: that they came from.
        info: of the root field.
        needs: of its selection.
        products: that it shows.
        is_list: whether another product may be shown once it is published.
    """
    state = info.context
    services, conn = state.services, reading.conn
    models: Mapping[UUID, PublishedProduct] = {}
    if needs.models and products:
        models = await find_models(
            conn, reading.documents, state.context, needs.of_variants, products
        )
    shown = [*{each.id: each for each in (*products, *models.values())}.values()]
    holders: Mapping[UUID, Holder] = {}
    alike: Mapping[UUID, Sequence[UUID]] = {}
    if needs.media and shown:
        alike = await find_alike(conn, state.context, shown)
        owners = owners_of(shown).union(*alike.values())
        holders = await services.media.of(conn, owners, anew=state.may_change)
    categories: Mapping[str, CategoryPath] = {}
    if needs.categories:
        documents = (one.document for each in shown for one in (each, *each.variants))
        codes = {code for each in documents for code in each.get("categories", ())}
        categories = await services.categories.of(conn, codes, anew=state.may_change)
    below = await load_children(conn) if categories and needs.categories_below else {}
    if state.key is None:
        subjects = await _subjects(conn, state.context, needs, shown, holders)
        if is_list:
            subjects.add(list_subject(state.context.channel.code))
        until = await next_boundary_after(services.boundary, conn, state.context.now)
        state.rests_on(info, subjects, until=until)
    links = {each.id: each.links(state.context) for each in holders.values()}
    return state.staged(links, models, categories, below, alike)


async def _subjects(
    conn: Connection,
    context: ReadContext,
    needs: Needs,
    products: Sequence[PublishedProduct],
    holders: Mapping[UUID, Holder],
) -> set[Subject]:
    """Return what products rest on: their publications, their media, and the rights of those."""
    public_ids = {each.id: each.public_id for each in holders.values()}
    subjects = await subjects_of(conn, context, products, public_ids)
    return subjects.union(*(each.rests_on(needs.roles) for each in holders.values()))
